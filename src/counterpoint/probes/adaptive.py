"""Adam's step (Kingma and Ba 2014, arXiv 1412.6980) as an explanation of movements.

It is not linear in the slopes: its moments are followed from zero, where a fresh one starts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from counterpoint.probes.decompose import NOTHING, Estimate, Fit, Track, weighted
from counterpoint.probes.measured import Declared, Motion
from counterpoint.probes.subject import Array, Tensor


def explain(
    tensors: Sequence[Tensor],
    tracks: Sequence[Track],
    largest: Sequence[float],
    declared: Declared,
) -> tuple[Motion, ...]:
    """What Adam's step with this slope, L2 within and decay beside it says of each array."""
    return tuple(
        _motion(tensor, track, most, declared)
        for tensor, track, most in zip(tensors, tracks, largest, strict=True)
    )


def _motion(tensor: Tensor, track: Track, largest: float, declared: Declared) -> Motion:
    # Some code corrects the second moment first and adds epsilon then, some the other way round.
    tried = [
        (_fit(track, alpha, declared, after), alpha)
        for alpha in _inner_strengths(track, declared)
        for after in (True, False)
    ]
    found, alpha = min(tried, key=lambda each: (not each[0].exact, each[0].rest))
    part = found.coefficients
    return Motion(
        tensor=tensor,
        rate=_rate(part["direction"]) if track.steep else Estimate(0.0, np.inf),
        decay=Estimate(-part["weight"].value, part["weight"].error),
        l1_decay=Estimate(-part["sign"].value, part["sign"].error),
        momentum=NOTHING,
        rest=found.rest,
        exact=found.exact,
        still=largest == 0.0 and track.steep,
        spare=found.spare,
        inner_l2=alpha,
    )


def _rate(direction: Estimate) -> Estimate:
    return Estimate(-direction.value, direction.error)


def _inner_strengths(track: Track, declared: Declared) -> list[float]:
    """Strengths of an L2 inside Adam's slope to look at: none, the declared, the best."""
    known = [0.0, *([declared.l2] if declared.l2 else [])]
    if not _alike_in_size(track):
        return known
    if any(_fit(track, alpha, declared, after).exact for alpha in known for after in (True, False)):
        return known
    grid = [sign * 10.0**power for sign in (1, -1) for power in np.arange(-6.0, 1.0, 0.5)]
    best = min(grid, key=lambda alpha: _fit(track, alpha, declared).rest)
    sign = 1.0 if best > 0 else -1.0
    near = minimize_scalar(
        lambda power: _fit(track, sign * 10.0**power, declared).rest,
        bounds=(np.log10(abs(best)) - 0.5, np.log10(abs(best)) + 0.5),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return [*known, sign * 10.0 ** float(near.x)]


def _alike_in_size(track: Track) -> bool:
    """Whether the first movements are, as Adam's: each slope is there divided by its own size."""
    sizes = np.abs(track.moved[0])
    return bool(np.std(sizes) <= 0.5 * np.mean(sizes))


def _fit(track: Track, alpha: float, declared: Declared, after: bool = True) -> Fit:
    """Explain all steps by Adam's direction for slope + alpha · weight, and decay beside it.

    Epsilon is added after the second moment's correction, or before it.
    """
    beta1, beta2 = declared.betas
    slope = track.slope + alpha * track.weight
    first, second = np.zeros(slope.shape[1]), np.zeros(slope.shape[1])
    directions, errors = [], []
    for t, g in enumerate(slope, start=1):
        first = beta1 * first + (1.0 - beta1) * g
        second = beta2 * second + (1.0 - beta2) * g**2
        correction = np.sqrt(1.0 - beta2**t)
        epsilon = declared.epsilon if after else declared.epsilon / correction
        scale = np.sqrt(second) / correction + epsilon
        directions.append(first / (1.0 - beta1**t) / scale)
        errors.append(track.slope_error[:t].max(axis=0) / scale)
    direction, error = np.stack(directions), np.stack(errors)
    columns: dict[str, Array] = {
        "direction": direction,
        "weight": track.weight,
        "sign": np.sign(track.weight),
    }
    found = weighted(track.moved, columns, track.rounding)
    rate = abs(found.coefficients["direction"].value)
    return weighted(track.moved, columns, np.hypot(track.rounding, rate * error))
