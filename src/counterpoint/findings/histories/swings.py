"""How much a curve swings to and fro, beside what it gains."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from counterpoint.findings.histories.curve import Curve

#: Points that it takes to speak of swings.
FEWEST = 6


@dataclass(frozen=True)
class Swings:
    """The swings of a curve.

    Attributes
    ----------
    noise
        Standard deviation around its smooth course.
    of_level
        That as a share of the level.
    of_gain
        As a share of what the curve gains from its start to its best.
    turns
        Share of points at which the direction turns: two thirds for independent noise.
    """

    noise: float
    of_level: float
    of_gain: float
    turns: float


def swings_of(curve: Curve) -> Swings | None:
    """Swings after the first fifth; None where the points are too few."""
    late = curve.last(0.8)
    values = late.finite.values
    if len(values) < FEWEST or math.isnan(late.noise):
        return None
    steps = np.sign(np.diff(values))
    steps = steps[steps != 0.0]
    turns = float(np.mean(steps[1:] != steps[:-1])) if len(steps) > 1 else 0.0
    level = abs(float(np.median(values)))
    # Of a run that jumped up on the way, the jump is no gain.
    start = float(curve.smooth[0])
    gain = start - curve.least if start > curve.least else float(np.ptp(curve.smooth))
    return Swings(
        late.noise,
        late.noise / level if level else math.inf,
        late.noise / gain if gain else math.inf,
        turns,
    )
