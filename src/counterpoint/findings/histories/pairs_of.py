"""Loss and accuracy of the same rows, set against what theory allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.pairs.pair import Pair
from counterpoint.theory.region import calibrated_losses, reachable_losses

#: Decimals that are looked at to see how far a number is rounded.
_MOST_DECIMALS = 6
#: How far below and above the band a loss in another unit may lie.
_NEAR = (0.7, 1.5)


@dataclass(frozen=True)
class Both:
    """Loss and accuracy of one split over a training.

    Attributes
    ----------
    split
    loss, accuracy
        Curves over the same places, all finite.
    loss_name, classes, samples
        As in `Pair`.
    """

    split: str
    loss: Curve
    accuracy: Curve
    loss_name: str
    classes: int
    samples: int | None

    def at(self, index: int) -> Pair:
        """The pair of one point."""
        return self._pair(float(self.loss.values[index]), float(self.accuracy.values[index]))

    @property
    def end(self) -> Pair:
        """The pair of the last levels."""
        return self._pair(self.loss.end, self.accuracy.end)

    def _pair(self, loss: float, accuracy: float) -> Pair:
        return Pair(
            self.loss_name,
            self.classes,
            loss,
            accuracy,
            self.split,
            self.samples,
            loss_rounding=rounding(self.loss.values),
            accuracy_rounding=rounding(self.accuracy.values),
        )

    @cached_property
    def impossible(self) -> npt.NDArray[np.bool_]:
        """Where no predictor has the loss at the accuracy, rounding allowed for."""
        slack = rounding(self.accuracy.values)
        worse = np.clip(self.accuracy.values - slack, 0.0, 1.0)
        better = np.clip(self.accuracy.values + slack, 0.0, 1.0)
        low = reachable_losses(better, self.loss_name, self.classes).low
        high = reachable_losses(worse, self.loss_name, self.classes).high
        value, error = self.loss.values, rounding(self.loss.values)
        return np.asarray(
            (value + error < low * (1.0 - 1e-6)) | (value - error > high * (1.0 + 1e-6))
        )

    @property
    def is_scaled(self) -> bool:
        """Whether one factor would put all pairs near the band: another unit, or a sum."""
        low, high = calibrated_losses(self.accuracy.values, self.loss_name, self.classes)
        known = np.isfinite(low) & (self.loss.values > 0.0)
        if not known.any():
            return False
        value = self.loss.values[known]
        least = np.quantile(_NEAR[0] * low[known] / value, 0.95)
        most = np.quantile(_NEAR[1] * high[known] / value, 0.05)
        return bool(least <= most)


def both_of(course: Course) -> Iterator[Both]:
    """Every split with loss and accuracy, those that judge first; none where K is unknown."""
    loss_name = course.assumed_loss
    if course.classes is None or loss_name is None:
        return
    for split in ("validation", "test", "", "train"):
        pair = course.pair(split)
        if pair is None:
            continue
        right = pair[1].values
        if right.min() >= 0.0 and right.max() <= 1.0:
            yield Both(split, *pair, loss_name, course.classes, course.samples(split))


def rounding(values: npt.NDArray[np.float64]) -> float:
    """Half a unit of the last decimal that is written in any of some values.

    Examples
    --------
    >>> rounding(np.array([0.25, 0.5, 0.125])), rounding(np.array([1.0, 0.9]))
    (0.0005, 0.05)
    """
    some = values[np.unique(np.linspace(0, len(values) - 1, min(50, len(values))).astype(int))]
    for decimals in range(1, _MOST_DECIMALS):
        scaled = some * 10.0**decimals
        if np.all(np.abs(scaled - np.round(scaled)) < 1e-6 * 10.0**decimals):
            return float(0.5 * 10.0**-decimals)
    return 0.0
