"""What of a reported loss is penalty: measured, or proven from what a data loss can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from counterpoint.findings.finding import Sureness
from counterpoint.findings.histories.course import Course, together
from counterpoint.findings.histories.curve import Curve, Unit, where
from counterpoint.findings.histories.trend import Array
from counterpoint.findings.pairs.costs import CLIPPED
from counterpoint.theory.region import reachable_losses

#: Classes of a classifier whose number is not known, at the most.
MOST_CLASSES = 1_000


@dataclass(frozen=True)
class Terms:
    """A reported loss, and between which ends the penalty in it is.

    Attributes
    ----------
    split
    at, total, low, high : arrays (n,)
        Places, the reported objective, and the ends.
    unit
        Of the places.
    how
        ``measured`` where the penalty is logged, ``proven`` where the loss has a ceiling,
        ``clipped`` where it has one if probabilities are clipped, as they mostly are.
    """

    split: str
    at: Array
    total: Array
    low: Array
    high: Array
    unit: Unit
    how: Literal["measured", "proven", "clipped"]

    @property
    def middle(self) -> Array:
        """Between the ends."""
        return np.asarray((self.low + self.high) / 2.0)

    @property
    def sure(self) -> Sureness:
        """How far what is said of the penalty carries."""
        return "likely" if self.how == "clipped" else self.how

    def where(self, index: int) -> str:
        """The place of a point in words."""
        return where(float(self.at[index]), self.unit)


def penalties(course: Course) -> Iterator[Terms]:
    """The penalty of each split in which something of it is known."""
    for split in dict.fromkeys(split for split, _ in course.curves):
        found = _measured(course, split) or _bounded(course, split)
        if found is not None:
            yield found


def _measured(course: Course, split: str) -> Terms | None:
    penalty = course.curve(split, "penalty")
    if penalty is None and split == course.trained:
        penalty = course.curve("", "penalty")
    if penalty is None:
        return None
    for quantity in ("data_loss", "loss"):
        other = course.curve(split, quantity)
        if other is not None and (other.unit == penalty.unit or len(other) == len(penalty)):
            loss, term = other.finite, _brought(penalty.finite, other.finite)
            adds = quantity == "data_loss"
            total = loss.values + term.values if adds else loss.values
            return Terms(split, loss.at, total, term.values, term.values, loss.unit, "measured")
    return None


def _brought(curve: Curve, other: Curve) -> Curve:
    """A slowly changing curve at the places of another."""
    if len(curve) == len(other) and curve.unit != other.unit:
        return curve
    return replace(curve, at=other.at, values=np.interp(other.at, curve.at, curve.values))


def _bounded(course: Course, split: str) -> Terms | None:
    loss = course.curve(split, "loss")
    accuracy = course.curve(split, "accuracy") or course.held_accuracy
    both = together(loss, accuracy) if loss is not None and accuracy is not None else None
    if both is None or course.curve(split, "data_loss") is not None:
        return None
    loss, accuracy = both
    right = accuracy.values
    if (right < 0.0).any() or (right > 1.0).any():
        return None
    classes = course.classes
    if classes is not None and course.loss_name is not None:
        ends = reachable_losses(right, course.loss_name, classes)
        if np.isfinite(ends.high).all():
            return _between(split, loss.at, loss.values, ends.low, ends.high, loss.unit, "proven")
    if course.loss_name not in (None, "log"):
        return None
    # Right predictions at their most expensive, wrong ones with clipped probabilities.
    most = right * np.log(classes or MOST_CLASSES) - (1.0 - right) * np.log(CLIPPED)
    zero = np.zeros_like(most)
    return _between(split, loss.at, loss.values, zero, most, loss.unit, "clipped")


def _between(
    split: str,
    at: Array,
    total: Array,
    least: Array,
    most: Array,
    unit: Unit,
    how: Literal["proven", "clipped"],
) -> Terms:
    low, high = np.maximum(total - most, 0.0), np.maximum(total - least, 0.0)
    return Terms(split, at, total, low, high, unit, how)
