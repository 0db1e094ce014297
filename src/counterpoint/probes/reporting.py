"""What a reported cost is made of: its values at many points, explained by losses and penalties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from counterpoint.probes.decompose import NEGLIGIBLE_COST, NOTHING, Estimate, Fit, weighted
from counterpoint.probes.losses import DATA_LOSSES
from counterpoint.probes.measured import Reported
from counterpoint.probes.points import draw_rows, probe_point
from counterpoint.probes.subject import Array, Rows, Subject

#: Sizes of the sets on which the cost is taken: no usual mini-batch, and no multiples.
SIZES = (13, 29)
#: Points beyond the number of unknowns.
SPARE = 8


def take_apart(
    subject: Subject, own: Sequence[Array], rows: Rows, declared_loss: str, rng: np.random.Generator
) -> Reported | None:
    """Find loss, scale and penalties of the reported cost from its values at random points."""
    if subject.cost is None or (subject.data_loss is None and subject.outputs is None):
        return None
    sizes = [min(size, len(rows[1]) - 1) for size in SIZES]
    found = {
        size: _of_size(subject, own, draw_rows(rows, size, rng), rng) for size in sorted(set(sizes))
    }
    names = list(next(iter(found.values())))
    best = min(names, key=lambda name: max(fits[name].rest for fits in found.values()))
    rest = max(fits[best].rest for fits in found.values())
    fits = {size: by_loss[best] for size, by_loss in found.items()}
    known = all(fit.exact for fit in fits.values())
    n_outputs = _n_outputs(subject, rows)
    unit, named = _unit(best, declared_loss, fits, n_outputs)
    return Reported(
        loss=best if known else "",
        named=named,
        unit=unit,
        scale={size: _times(fit.coefficients["loss"], 1.0 / unit) for size, fit in fits.items()},
        l2={
            size: tuple(
                fit.coefficients.get(f"l2 {k}", NOTHING) for k in range(len(subject.tensors))
            )
            for size, fit in fits.items()
        },
        l1={size: fit.coefficients["l1"] for size, fit in fits.items()},
        unsquared={size: fit.coefficients["unsquared"] for size, fit in fits.items()},
        rest=rest,
    )


def _n_outputs(subject: Subject, rows: Rows) -> int:
    return 1 if subject.outputs is None else subject.outputs(rows[0][:2]).shape[1]


def _of_size(
    subject: Subject, own: Sequence[Array], rows: Rows, rng: np.random.Generator
) -> dict[str, Fit]:
    """One fit for each loss that the outputs can have, at one of the points at least."""
    assert subject.cost is not None
    n_points = len(subject.tensors) + 3 + SPARE
    costs, points, losses = list[float](), list[dict[str, float]](), list[Mapping[str, float]]()
    possible: dict[str, None] = {}
    for _ in range(n_points):
        at = probe_point(subject, own, rng)
        for array in at:
            array *= np.exp(0.5 * rng.standard_normal())
        subject.write(at)
        points.append(_norms(subject, at))
        del at
        costs.append(subject.cost(*rows))
        losses.append(losses_of(subject, rows, DATA_LOSSES))
        possible |= dict.fromkeys(candidate_losses(subject, rows))
    target = np.array(costs)
    penalties = {name: np.array([point[name] for point in points]) for name in points[0]}
    found = {}
    for name in possible:
        column = np.array([each[name] for each in losses])
        if not np.all(np.isfinite(column)):
            continue
        columns = {"loss": column, **penalties}
        error = 64.0 * subject.resolution * np.maximum(np.abs(target), np.abs(column))
        found[name] = weighted(target, columns, error, NEGLIGIBLE_COST)
    return found


def candidate_losses(subject: Subject, rows: Rows) -> tuple[str, ...]:
    """Names of the losses that outputs like these can have."""
    if subject.data_loss is not None:
        return ("own",)
    if subject.outputs is None:
        return ()
    outputs = subject.outputs(rows[0])
    return tuple(name for name, loss in DATA_LOSSES.items() if loss.fits(outputs))


def losses_of(subject: Subject, rows: Rows, names: Iterable[str]) -> Mapping[str, float]:
    """Mean data loss of these rows by each loss of these names; the code's own where it has one."""
    X, y = rows
    if subject.data_loss is not None:
        return {"own": subject.data_loss(X, y)}
    if subject.outputs is None:
        return {}
    outputs = subject.outputs(X)
    return {name: DATA_LOSSES[name].mean(outputs, y) for name in names}


def _norms(subject: Subject, at: Sequence[Array]) -> dict[str, float]:
    """What a penalty may be made of, by name."""
    weights = [a for t, a in zip(subject.tensors, at, strict=True) if t.kind == "weight"]
    return {
        **{f"l2 {k}": float((array**2).sum()) / 2.0 for k, array in enumerate(at)},
        "l1": sum(float(np.abs(array).sum()) for array in weights),
        "unsquared": sum(float(np.sqrt((array**2).sum())) for array in weights),
    }


def _unit(name: str, declared: str, fits: Mapping[int, Fit], n_outputs: int) -> tuple[float, str]:
    """Which multiple of a loss counts as one: the declared one, or the named one that fits."""
    if name not in DATA_LOSSES:
        return 1.0, "the data loss that the code states"
    multiples = DATA_LOSSES[name].multiples(n_outputs)
    if declared in multiples:
        return multiples[declared], declared
    scales = [fit.coefficients["loss"].value for fit in fits.values()]
    for named, factor in multiples.items():
        if all(abs(scale - factor) <= 1e-3 * factor for scale in scales):
            return factor, named
    first = next(iter(multiples))
    return multiples[first], first


def _times(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(estimate.value * factor, estimate.error * factor)
