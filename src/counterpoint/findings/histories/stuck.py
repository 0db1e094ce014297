"""Whether a training ever learnt anything, and what it is stuck at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.theory.proper_losses import proper_loss_named

#: Points that it takes to say that nothing moves.
FEWEST = 4
#: Share of the run at its end over which nothing moves.
_SHARE = 0.8
#: Relative range of a loss that stands.
_STANDS = 0.03
#: Greatest number of classes that a loss of ln K is read from.
_MOST_CLASSES = 1_000


@dataclass(frozen=True)
class Stuck:
    """What a training is stuck at.

    Attributes
    ----------
    loss, accuracy
        Curves that stand; one of them may be missing.
    constant
        Whether accuracy is one number over and over.
    classes
        K, where the loss is the even guess's over K classes.
    inferred
        Whether K was read from the loss.
    """

    loss: Curve | None
    accuracy: Curve | None
    constant: bool
    classes: int | None
    inferred: bool


def stuck_of(course: Course) -> Stuck | None:
    """What the training is stuck at, if it never learnt anything."""
    loss, accuracy = course.train_loss, course.train_accuracy
    if loss is None and accuracy is None:
        loss, accuracy = course.held_loss, course.held_accuracy
    if accuracy is None:
        accuracy = course.held_accuracy
    longest = max((len(c.finite) for c in (loss, accuracy) if c is not None), default=0)
    if longest < FEWEST:
        return None
    if any(c is not None and not _stands(c) for c in (loss, accuracy)):
        return None
    held = course.held_accuracy
    if held is not None and held is not accuracy and len(held.finite) >= 2 and not _stands(held):
        return None
    classes, inferred = _uniform(course, loss, accuracy)
    if accuracy is None and classes is None and (loss is None or _first_drop(loss) > 0.3):
        return None
    if accuracy is not None and classes is None and not _is_low(course, accuracy, loss):
        return None
    constant = any(_constant(each) for each in (accuracy, held) if each is not None)
    return Stuck(loss, accuracy, constant, classes, inferred)


def _stands(curve: Curve) -> bool:
    """Whether the last part of it neither moves beyond its noise nor by what would matter."""
    if len(curve.finite) < FEWEST:
        return True
    late = curve.last(_SHARE)
    values = late.finite.values
    moved = float(np.median(values[-late.width :]) - np.median(values[: late.width]))
    if "accuracy" in curve.quantity:
        return abs(moved) <= max(3.0 * late.error(), 0.02)
    return abs(moved) <= _STANDS * abs(float(np.median(values)))


def _constant(accuracy: Curve) -> bool:
    values = accuracy.last(_SHARE).finite.values
    return len(values) >= 3 and bool(
        np.ptp(np.sort(values)[: max(3, round(0.9 * len(values)))]) < 1e-9
    )


def _is_low(course: Course, accuracy: Curve, loss: Curve | None) -> bool:
    """Whether the accuracy is one that guessing gives, as far as that can be said."""
    level = accuracy.end
    if course.classes:
        return level <= 1.5 / course.classes
    if level <= 0.2:
        return True
    # A model that is done after its first epoch stands too: it has a loss that goes with it.
    rose = level - accuracy.first
    costs = loss is not None and loss.end > 0.6 and _first_drop(loss) < 0.5
    return level < 0.7 and rose < 0.05 and (costs or _constant(accuracy))


def _first_drop(loss: Curve) -> float:
    return 1.0 - loss.end / loss.first if loss.first > 0.0 else 0.0


def _uniform(course: Course, loss: Curve | None, accuracy: Curve | None) -> tuple[int | None, bool]:
    """K, where the loss stands at the even guess's, and whether K was read from it."""
    if loss is None:
        return None, False
    level = float(np.median(loss.last(_SHARE).finite.values))
    if course.classes:
        guess = proper_loss_named(course.loss_name or "log").even_guess(course.classes)
        near = abs(level - guess) <= 0.015 * guess
        return (course.classes if near else None), False
    if course.loss_name not in (None, "log") or not 0.6 < level < math.log(_MOST_CLASSES):
        return None, False
    classes = round(math.exp(level))
    near = abs(level - math.log(classes)) <= 0.004 * level
    guessed = accuracy is not None and accuracy.end <= 1.35 / classes + 0.02
    return (classes if near and guessed else None), True
