"""The penalty in the reported cost is not the one that the step descends.

**When it appears.** The reported cost was taken apart: its values at many points, on sets of two
sizes, are exactly a multiple of the data loss plus penalties. The strength of the penalty is set
against the declared one, or against the decay of the step.

**What it means.** The number that is watched is not the objective that is minimised: it can rise
while the objective falls. A strength that depends on how many rows are evaluated (λ over the size
of the evaluated set) makes the cost of the training set and that of the validation set two
different objectives: the penalty is n_train/n_eval times as strong in one of them.

**What to do.** Divide λ by the number of training rows in every cost, and show data loss and
penalty apart.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import known_weights, names, places, with_interval
from counterpoint.findings.audits.expected import exchanged, of_declared
from counterpoint.findings.audits.factors import agrees, factor_in_words, named_factor, present
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import Measured, Reported

summary = "The penalty in the reported cost is not the one that the step descends."


def find(measured: Measured) -> Finding | None:
    """Find a reported penalty of another strength, kind, sign or extent."""
    reported = measured.reported
    if reported is None or not reported.known:
        return None
    if not measured.declared.penalty_reported and not _any(measured, reported):
        return None  # the data loss by itself is meant
    for look in (_by_size, _unsquared, _kind, _extent, _strength):
        found = look(measured, reported)
        if found is not None:
            return found
    return None


def _finding(title: str, explanation: str, where: list[str], figures: dict[str, object]) -> Finding:
    return Finding(
        name="reported_penalty",
        level="problem",
        title=title,
        explanation=explanation,
        evidence={"where": ["cost", *where], **figures},
        remedy="Report data loss + alpha/2 |W|^2 with the alpha of the step: lambda over the "
        "number of training rows, whatever the size of the set that is evaluated. Show the two "
        "parts apart.",
    )


def _weights(measured: Measured, reported: Reported) -> dict[int, list[Estimate]]:
    """L2 strengths of the weights' arrays, by size of the set."""
    return {
        size: [
            c
            for tensor, c in zip(measured.tensors, reported.l2[size], strict=True)
            if tensor.kind == "weight"
        ]
        for size in reported.scale
    }


def _any(measured: Measured, reported: Reported) -> bool:
    """Whether the cost holds any penalty."""
    weights = [c for by_size in _weights(measured, reported).values() for c in by_size]
    return any(map(present, [*weights, *reported.l1.values(), *reported.unsquared.values()]))


def _by_size(measured: Measured, reported: Reported) -> Finding | None:
    found = {
        "L2": {size: c[0] for size, c in _weights(measured, reported).items()},
        "L1": dict(reported.l1),
    }
    for kind, by_size in found.items():
        small, large = min(by_size), max(by_size)
        at_small, at_large = by_size[small], by_size[large]
        if not present(at_small):
            continue
        product = Estimate(at_large.value * large / small, at_large.error * large / small)
        if agrees(product, at_small.value) and not agrees(at_large, at_small.value):
            strength = at_small.value * small
            train = measured.declared.n_train
            return _finding(
                "The reported penalty is divided by the size of the set that is evaluated",
                f"On {small} rows the {kind} strength in the reported cost is "
                f"{figure(at_small.value)}, on {large} rows {figure(at_large.value)}: "
                f"{figure(strength)} over the number of rows evaluated."
                + (
                    f" On the {train:,} training rows it would be {figure(strength / train)}; a "
                    "set of a tenth of the rows has a penalty ten times as strong."
                    if train
                    else ""
                ),
                ["set size"],
                {"strength_by_size": {str(s): c.value for s, c in by_size.items()}},
            )
    return None


def _unsquared(measured: Measured, reported: Reported) -> Finding | None:
    if not all(present(c) for c in reported.unsquared.values()):
        return None
    c = next(iter(reported.unsquared.values()))
    return _finding(
        "The reported penalty takes norms that are not squared",
        f"The reported cost has {figure(c.value)} times the norms |w|, "
        "summed over arrays. The step's alpha * w is the slope of alpha/2 |w|^2.",
        ["norm"],
        {"unsquared": c.value},
    )


def _step(measured: Measured) -> tuple[Estimate, Estimate] | None:
    """L2 and L1 strength of the step's weights, where both sittings agree on them."""
    found = []
    for sitting in measured.sittings:
        known = known_weights(sitting)
        if not known:
            return None
        found.append((known[0].l2, known[0].l1))
    l2, l1 = found[0]
    same = all(
        agrees(other_l2, l2.value) and agrees(other_l1, l1.value) for other_l2, other_l1 in found
    )
    return found[0] if same else None


def _kind(measured: Measured, reported: Reported) -> Finding | None:
    wanted = of_declared(measured.declared)
    size = min(reported.scale)
    l2, l1 = _weights(measured, reported)[size][0], reported.l1[size]
    if wanted is None or not exchanged(l2, l1, wanted):
        return None
    return _finding(
        "L1 and L2 are exchanged in the reported cost",
        f"Declared are L2 {figure(wanted.l2)} and L1 {figure(wanted.l1)}; the reported cost has L2 "
        f"{with_interval(l2)} and L1 {with_interval(l1)}.",
        ["kind"],
        {"l2": l2.value, "l1": l1.value},
    )


def _extent(measured: Measured, reported: Reported) -> Finding | None:
    size = min(reported.scale)
    parts = list(zip(measured.tensors, reported.l2[size], strict=True))
    weights = [(t, c) for t, c in parts if t.kind == "weight"]
    left_out = [t for t, c in weights if not present(c)]
    if left_out and len(left_out) < len(weights):
        return _finding(
            f"The reported penalty leaves out {places(left_out)}",
            f"The reported cost does not depend on the size of the {places(left_out)}, but on that "
            "of the other weights.",
            names(left_out),
            {"l2": {t.name: c.value for t, c in weights}},
        )
    counted = [t for t, c in parts if t.kind != "weight" and present(c)]
    decayed = {m.tensor for s in measured.sittings for m in s.motions if m.known and present(m.l2)}
    extra = [t for t in counted if t not in decayed]
    if extra:
        return _finding(
            f"The reported penalty counts {places(extra)}",
            f"The reported cost has a penalty on the {places(extra)}, which no step is seen to "
            "decay.",
            names(extra),
            {"l2": {t.name: c.value for t, c in parts}},
        )
    return None


def _strength(measured: Measured, reported: Reported) -> Finding | None:
    step = _step(measured)
    wanted = of_declared(measured.declared)
    size = min(reported.scale)
    for kind, value in (
        ("L2", _weights(measured, reported)[size][0]),
        ("L1", reported.l1[size]),
    ):
        place = 0 if kind == "L2" else 1
        if wanted is not None:
            target, source = (wanted.l2 if kind == "L2" else wanted.l1), "declared"
        elif step is not None and not present(value) and present(step[place]):
            target, source = step[place].value, "in the step"
        else:
            continue  # a decay that differs from the cost's is told of the step
        if agrees(value, target) or (target == 0.0 and not present(value)):
            continue
        return _finding(
            *_words(measured, kind, value, target, source), [], {"strength": value.value}
        )
    return None


def _words(
    measured: Measured, kind: str, value: Estimate, target: float, source: str
) -> tuple[str, str]:
    said = f"The {kind} strength {source} is {figure(target)}; that of the reported cost is "
    said += with_interval(value) + "."
    if not present(value):
        return f"The reported cost leaves the {kind} penalty out", said
    if target == 0.0:
        return f"The reported cost has an {kind} penalty that is not {source}", said
    ratio = value.value / target
    if ratio < 0:
        return f"The reported {kind} penalty has the wrong sign", said
    name = named_factor(ratio, measured.declared)
    factor = factor_in_words(ratio, measured.declared) if name else figure(ratio)
    return f"The reported {kind} penalty is off by a factor of {factor}", said
