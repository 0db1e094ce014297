"""What moves each array of parameters in a few steps: the simplest model that explains most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from counterpoint.probes import adaptive
from counterpoint.probes.decompose import NOTHING, Estimate, Fit, Track, fit, fit_by_step
from counterpoint.probes.measured import Declared, Motion
from counterpoint.probes.subject import Tensor
from counterpoint.probes.tracking import Run

PLAIN = ("gradient", "weight", "sign")
MODELS = {
    "plain": PLAIN,
    "momentum": (*PLAIN, "last_move"),
    "lagged": (*PLAIN, "last_move", "last_gradient", "last_weight", "last_sign"),
}


def explain(
    tensors: Sequence[Tensor], run: Run, tracks: Sequence[Track], declared: Declared
) -> tuple[str, tuple[Motion, ...]]:
    """The simplest model that explains most arrays, and what it says of each."""
    best, found = "", tuple[Motion, ...]()
    for model, names in MODELS.items():
        motions = tuple(
            _motion(tensor, fit(track, names), largest, track.steep)
            for tensor, track, largest in zip(tensors, tracks, run.largest_move, strict=True)
        )
        if not found or count_known(motions) > count_known(found):
            best, found = model, motions
        if all(m.exact or m.still for m in found):
            return best, found
    for several in (_alone, _together):
        varying = tuple(map(several, tensors, tracks, run.largest_move))
        if count_known(varying) > count_known(found):
            best, found = "varying", varying
    adapted = adaptive.explain(tensors, tracks, run.largest_move, declared)
    if adapted and count_known(adapted) > count_known(found):
        return "adam", adapted
    return best, found


def _alone(tensor: Tensor, track: Track, largest: float) -> Motion:
    """Each step by itself, as under a schedule of the rate."""
    alone = [
        _motion(tensor, fit(track.only(t), PLAIN), largest, track.steep)
        for t in range(len(track.moved))
    ]
    # Rates are those of the last step, for all arrays alike.
    exact, rest = all(m.exact for m in alone), max(m.rest for m in alone)
    return replace(alone[-1], exact=exact, rest=rest, spare=min(m.spare for m in alone))


def _together(tensor: Tensor, track: Track, largest: float) -> Motion:
    """A rate for each step's slopes beside one decay and momentum, as where a norm is limited."""
    return _motion(tensor, fit_by_step(track), largest, track.steep)


def count_known(motions: Sequence[Motion]) -> int:
    """Arrays whose movement is explained."""
    return sum(m.known for m in motions)


def _motion(tensor: Tensor, found: Fit, largest: float, steep: bool) -> Motion:
    part = found.coefficients
    mu = part.get("last_move", NOTHING)
    rate = _negated(part["gradient"])
    lag = part.get("last_gradient", NOTHING)
    # Nesterov's step is -rate (1 + mu) g_t + rate mu g_(t-1) + mu times the last: the slope of the
    # step before comes back with the share mu / (1 + mu) of the slope's own coefficient.
    share = mu.value / (1.0 + mu.value) if mu.value > -1.0 else 0.0
    nesterov = lag.differs_from(0.0) and abs(lag.value - rate.value * share) < 0.05 * abs(lag.value)
    divide = 1.0 + mu.value if nesterov else 1.0
    rate, decay, l1 = (
        Estimate(each.value / divide, each.error / divide)
        for each in (rate, _negated(part["weight"]), _negated(part["sign"]))
    )
    return Motion(
        tensor=tensor,
        rate=rate if steep else Estimate(0.0, np.inf),
        decay=decay,
        l1_decay=l1,
        momentum=mu,
        rest=found.rest,
        exact=found.exact,
        still=largest == 0.0 and steep,
        spare=found.spare,
    )


def _negated(estimate: Estimate) -> Estimate:
    return Estimate(-estimate.value, estimate.error)
