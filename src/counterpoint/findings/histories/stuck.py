"""Whether a training ever learnt anything, and what it is stuck at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.trend import rises
from counterpoint.findings.once import once
from counterpoint.theory.proper_losses import proper_loss_named

#: Points that it takes to say that nothing moves.
FEWEST = 4
#: Share of the run at its end over which nothing moves.
_SHARE = 0.8
#: Relative range of a loss that stands.
_STANDS = 0.03
#: Fall of a loss, and standard deviations of Mann and Kendall's test, that are no standing still
#: where no accuracy tells more.
_FALLS, _FALLING = 0.01, 3.0
#: Relative range of the loss of weights that do not move: rates of 5e-9 give up to 2e-4.
_FROZEN = 1e-3
#: Change of an accuracy that is none where its noise says no more.
_ACCURACY_STANDS = 0.04
#: Where K is not known: an accuracy above this may be as good as it gets, and a loss that lost more
#: has learnt something.
_MOST_ACCURACY, _LOSES = 0.7, 0.15
#: Share of the even guess's loss that is no better, an accuracy over 1/K that is chance, and a loss
#: that has learnt.
_NO_BETTER, _CHANCE, _LEARNT = 0.99, 1.2, 0.5
#: Greatest number of classes that a loss of ln K is read from.
_MOST_CLASSES = 1_000


@dataclass(frozen=True)
class Stuck:
    """What a training is stuck at.

    Attributes
    ----------
    loss, accuracy
        Curves that stand; one of them may be missing.
    classes
        K, where the loss is the even guess's over K classes.
    inferred
        Whether K was read from the loss.
    """

    loss: Curve | None
    accuracy: Curve | None
    classes: int | None
    inferred: bool


@once
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
        return Stuck(loss, accuracy, None, False) if _is_guess(course, loss, accuracy) else None
    if loss is not None and _is_below_guess(course, loss):
        return None
    held = course.held_accuracy
    if held is not None and held is not accuracy and len(held.finite) >= 2 and not _stands(held):
        return None
    classes, inferred = _uniform(course, loss, accuracy)
    if accuracy is None and classes is None and (loss is None or not _is_still(loss)):
        return None
    # The end of a log alone may stand because all was learnt before.
    ends = loss is not None and is_tail(loss)
    if ends and classes is None and course.classes is None:
        return None
    is_low = accuracy is None or _is_low(course, accuracy, loss) or (is_frozen(loss) and not ends)
    if classes is None and not is_low:
        return None
    return Stuck(loss, accuracy, classes, inferred)


def _is_guess(course: Course, loss: Curve | None, accuracy: Curve | None) -> bool:
    """Whether no loss was below the even guess's and no accuracy above 1/K to speak of."""
    if course.classes is None or course.loss_name is None or loss is None or accuracy is None:
        return False
    guess = proper_loss_named(course.loss_name).even_guess(course.classes)
    low = float(np.min(loss.finite.values)) >= _NO_BETTER * guess
    return low and float(np.max(accuracy.finite.values)) <= _CHANCE / course.classes


def _is_below_guess(course: Course, loss: Curve) -> bool:
    """Whether a loss ends so low that it has learnt, whatever it does at the end."""
    if course.classes is None or course.loss_name is None:
        return False
    return loss.end < _LEARNT * proper_loss_named(course.loss_name).even_guess(course.classes)


def _stands(curve: Curve) -> bool:
    """Whether the last part of it neither moves beyond its noise nor by what would matter."""
    if len(curve.finite) < FEWEST:
        return True
    late = curve.last(_SHARE)
    values = late.finite.values
    moved = float(np.median(values[-late.width :]) - np.median(values[: late.width]))
    if "accuracy" in curve.quantity:
        return abs(moved) <= max(3.0 * late.error(), _ACCURACY_STANDS)
    return abs(moved) <= _STANDS * abs(float(np.median(values)))


def _is_low(course: Course, accuracy: Curve, loss: Curve | None) -> bool:
    """Whether the accuracy is one that guessing gives, as far as that can be said."""
    level = accuracy.end
    if course.classes:
        return level <= 1.5 / course.classes
    if level <= 0.2:
        return True
    # A model that is done after its first epoch stands too, at an accuracy that it rose to.
    rose = level - accuracy.first
    lost_little = loss is None or _first_drop(loss) < _LOSES
    return level < _MOST_ACCURACY and rose < 0.05 and lost_little


def is_frozen(loss: Curve | None) -> bool:
    """Whether a loss has moved so little since its first point that no weight moves."""
    values = None if loss is None or len(loss.finite) < FEWEST else loss.finite.values
    return values is not None and float(np.ptp(values)) <= _FROZEN * abs(float(values[0]))


def is_tail(curve: Curve) -> bool:
    """Whether a curve by epoch begins further on than it is long: the end of a longer log."""
    return curve.unit == "epoch" and curve.at[0] > len(curve)


def _is_still(loss: Curve) -> bool:
    """Whether a loss without an accuracy beside it stands, all its values near one another."""
    late = loss.last(_SHARE).finite.values
    if _first_drop(loss) > _FALLS and rises(-loss.finite.values, _FALLING):
        return False  # it falls, if slowly
    return _first_drop(loss) <= _LOSES and float(np.ptp(late)) <= _STANDS * abs(float(late[-1]))


def _first_drop(loss: Curve) -> float:
    return 1.0 - loss.end / loss.first if loss.first > 0.0 else 0.0


def _uniform(course: Course, loss: Curve | None, accuracy: Curve | None) -> tuple[int | None, bool]:
    """K, where the loss stands at the even guess's, and whether K was read from it."""
    if loss is None:
        return None, False
    level = float(np.median(loss.last(_SHARE).finite.values))
    if (
        loss.trend < -3.0
        and _first_drop(loss) > 0.005
        and accuracy is not None
        and accuracy.trend > 2.0
    ):
        return None, False  # it falls, if slowly
    if course.classes:
        guess = proper_loss_named(course.loss_name or "log").even_guess(course.classes)
        near = abs(level - guess) <= 0.015 * guess
        return (course.classes if near else None), False
    if course.assumed_loss != "log" or not 0.6 < level < math.log(_MOST_CLASSES):
        return None, False
    classes = round(math.exp(level))
    near = abs(level - math.log(classes)) <= 0.004 * level
    guessed = accuracy is not None and accuracy.end <= 1.35 / classes + 0.02
    return (classes if near and guessed else None), True
