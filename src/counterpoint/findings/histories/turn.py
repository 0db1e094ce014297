"""Where the loss on rows that judge turns and rises for good, and what else moves meanwhile."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.trend import rises
from counterpoint.findings.once import once

#: Points after the least loss that a rise takes, at least.
_FEWEST = 2
#: Standard errors that a rise is beyond where it also trends by so many standard deviations, and
#: where it does not. The least of many is picked, which makes any rise too large: of 600 series of
#: noise alone, of 6 to 119 points, 6 are taken for a rise.
_ERRORS, _TREND = 4.0, 2.5
_CLEARLY = 6.0
#: Where the training loss goes on to fall by this share meanwhile, a trend of so many deviations
#: will do, and of a rise by this share of the least loss so many errors.
_PARTS, _PARTED_TREND = -0.05, 2.0
_LARGE, _LARGE_ERRORS = 0.3, 2.5
#: Share of the least loss that the rise is, or of the fall before it.
_OF_LEAST, _OF_FALL = 0.05, 0.25
#: Over the root of the rows: a share of the least loss that so many rows rise by on their own. In
#: the tuning corpus rises of 1.5%, 2.4% and 1.1% over 200, 100 and 1,000 rows were of these rows
#: alone: over 1,500 others the loss fell or stood.
_OF_ROWS = 0.4
#: Relative rise of the training accuracy beside which a training loss that rises holds a penalty.
_LEARNS = 0.05
#: Points of accuracy that count as a fall where its noise is not known.
_ACCURACY_FLOOR = 0.005


@dataclass(frozen=True)
class Turn:
    """A held-out loss that is least in the course of the run and higher at its end.

    Attributes
    ----------
    loss
        Its curve.
    best
        Index of the least.
    rise
        From the least level to that of the end.
    accuracy_change
        Of the same rows, over the same time; None where it is not logged.
    accuracy_error
        Standard error of that.
    train_change
        Relative change of the training loss over the same time; None where it is not logged.
    """

    loss: Curve
    best: int
    rise: float
    accuracy_change: float | None
    accuracy_error: float
    train_change: float | None

    @property
    def accuracy_falls(self) -> bool:
        """Whether accuracy falls by more than its noise."""
        change = self.accuracy_change
        return change is not None and change < -2.0 * self.accuracy_error

    @property
    def start(self) -> float:
        """The least level of the loss."""
        return self.loss.least

    @property
    def where(self) -> str:
        """Where the loss is least, in words."""
        return self.loss.where(self.best)


@once
def turn_of(course: Course) -> Turn | None:
    """The turn of the held-out loss while the training loss does not rise, if there is one."""
    loss = course.held_loss
    if loss is None or len(loss.finite) < _FEWEST + 1:
        return None
    best = loss.best
    after = loss.finite.values[best + 1 :]
    rise = loss.end - loss.least
    if len(after) < _FEWEST or rise <= 0.0:
        return None
    begin, end = loss.place(best), loss.place(-1)
    train = _change(course.train_loss, loss, begin, end)
    if not _beyond_noise(loss, after, rise, train is not None and train < _PARTS):
        return None
    fall = max(0.0, loss.first - loss.least)
    of_least = rise / max(abs(loss.least), 1e-300)
    rows = course.samples(course.held)
    by_rows = 0.0 if rows is None else _OF_ROWS / math.sqrt(rows)
    if of_least < _OF_LEAST and (rise < _OF_FALL * fall or of_least < by_rows):
        return None
    if train is not None and train > 0.05 and not _learns(course, loss, begin, end):
        return None  # training fails too: that is divergence
    accuracy, error = _accuracy(course, loss, best)
    return Turn(loss, best, rise, accuracy, error, train)


def _learns(course: Course, loss: Curve, begin: float, end: float) -> bool:
    """Whether training accuracy rises meanwhile: what makes the training loss rise is a penalty."""
    change = _change(course.train_accuracy, loss, begin, end)
    return change is not None and change > _LEARNS


def _beyond_noise(loss: Curve, after: np.ndarray, rise: float, parted: bool) -> bool:
    if np.isnan(loss.noise) or len(after) < 4:
        return bool(np.all(np.diff(after) >= 0.0) and after[0] > loss.least) or bool(
            len(after) >= 3 and after.min() > loss.least + 0.25 * rise and rise > 0.1 * loss.least
        )
    error = loss.error()
    risen = float(np.median(after) - loss.least)
    errors = _LARGE_ERRORS if parted and rise > _LARGE * abs(loss.least) else _ERRORS
    trends = rise > errors * error and rises(after, _PARTED_TREND if parted else _TREND)
    return trends or (rise > _CLEARLY * error and risen > _CLEARLY * error)


def _accuracy(course: Course, loss: Curve, best: int) -> tuple[float | None, float]:
    """Change of the held-out accuracy from the least loss to the end, and its standard error."""
    accuracy = course.held_accuracy
    if accuracy is None or len(accuracy.finite) < 2:
        return None, _ACCURACY_FLOOR
    index = (
        best if len(accuracy.finite) == len(loss.finite) else _nearest(accuracy, loss.place(best))
    )
    level = accuracy.end
    rows = course.samples(course.held)
    floor = _ACCURACY_FLOOR
    if rows is not None:
        # Paired: the flips alone count, at most all errors of both.
        floor = max(np.sqrt(max(level * (1.0 - level), 0.0) / rows) / 2.0, 1.0 / rows)
    return float(level - accuracy.smooth[index]), accuracy.error(float(floor))


def _nearest(curve: Curve, at: float) -> int:
    return int(np.argmin(np.abs(curve.finite.at - at)))


def _change(curve: Curve | None, other: Curve, begin: float, end: float) -> float | None:
    """Relative change of a curve between two places of another."""
    if curve is None or len(curve.finite) < 2:
        return None
    if curve.unit == other.unit:
        first, last = _nearest(curve, begin), _nearest(curve, end)
    else:
        shares = [other.finite.at.searchsorted(at) / len(other.finite) for at in (begin, end)]
        first, last = (min(len(curve.finite) - 1, int(s * len(curve.finite))) for s in shares)
    start = float(curve.smooth[first])
    return float(curve.smooth[last] - start) / abs(start) if start else None
