"""How far a curve has come at the end, and whether it still moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.trend import rises

#: Points from which on the end of a course can be judged.
FEWEST = 6


@dataclass(frozen=True)
class Progress:
    """The end of a curve.

    Attributes
    ----------
    curve
    gain
        From the first value to the best level; positive is better.
    late
        Gain over the last third.
    since
        Index from which on less than a fiftieth of the whole gain was added.
    moves
        Whether the last third still improves beyond its noise.
    """

    curve: Curve
    gain: float
    late: float
    since: int
    moves: bool


def judging(course: Course) -> Curve | None:
    """The curve to judge progress by: held-out loss, else accuracy, else those of training."""
    every = (course.held_loss, course.held_accuracy, course.train_loss, course.train_accuracy)
    return next((c for c in every if c is not None and len(c.finite) >= FEWEST), None)


def progress_of(curve: Curve) -> Progress | None:
    """Progress of a loss or an accuracy; None where the points are too few."""
    if len(curve.finite) < FEWEST:
        return None
    sign = 1.0 if "accuracy" in curve.quantity else -1.0
    level = sign * curve.smooth
    reached = np.maximum.accumulate(level)
    gain = float(reached[-1] - sign * curve.first)
    part = curve.after(len(curve.finite) - max(4, len(curve.finite) // 3))
    late = float(reached[-1] - reached[len(reached) - len(part)])
    since = int(np.argmax(reached >= reached[-1] - 0.02 * max(gain, 0.0)))
    moves = rises(sign * part.values, 2.0) and late > curve.error() and late > 0.01 * gain
    return Progress(curve, gain, late, since, bool(moves))
