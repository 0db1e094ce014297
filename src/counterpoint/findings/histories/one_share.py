"""What shares of classes cost: losses that show every row to be given one class."""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.histories.chance import ROWS, UNALIKE
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.stuck import FEWEST, stuck_of
from counterpoint.theory.proper_losses import proper_loss_named

#: Share of the run at its end over which accuracy is constant, and the points of it.
SHARE, _FEWEST = 0.6, 3
#: Points of an accuracy that tells alone.
FEWEST_ALONE = 15
#: A constant accuracy above this may be as good as it gets.
MOST = 0.9
#: How far one class's shares of two splits lie apart, where their rows are not known to allow more.
APART = 0.06
#: Of the least cost of a constant prediction.
LEAST = 0.97
#: A loss of two shares is at their cost within these: runs that gave all rows one class of 0.92 to
#: 0.96 had 0.99 to 1.04 of it.
_AT_COST = (0.97, 1.05)
#: Losses that a log which names none may have.
_LOSSES = ("log", "brier", "quadratic", "bce")
#: Classes of which each may be the one for a while, the share of points that are other numbers, and
#: the most that the loss is over what 1/K costs: 1.02 to 1.09 where strong penalties left nothing.
_SEVERAL, _NUMBERS, _OVER = 3, 0.5, 1.15
#: Errors of its rows that the commonest of many classes is above 1/K.
_COMMONEST = 3.0


def late_of(accuracy: Curve) -> np.ndarray:
    """The last three fifths of an accuracy, three points at least."""
    own = accuracy.finite.values
    return own[-max(_FEWEST, round(SHARE * len(own))) :].round(9)


def costs_two_shares(course: Course, accuracies: list[Curve]) -> bool:
    """Whether great accuracies stand still, and losses are at what shares of two classes cost.

    A model that tells rows apart costs less than the shares; one that is done after its first
    epoch stands still as well, but where its loss is has nothing to do with them.
    """
    if course.classes not in (None, 2) or len(accuracies[0].finite) < FEWEST:
        return False
    levels = [accuracy.end for accuracy in accuracies]
    if not MOST <= max(levels) < 1.0 or min(levels) < MOST - APART:
        return False
    if any(len(np.unique(late_of(accuracy))) > 1 for accuracy in accuracies):
        return False
    if len(accuracies) == 1 and len(accuracies[0].finite) < FEWEST_ALONE:
        return False
    pairs = [(_loss_of(course, each.split), each.end) for each in accuracies]
    known = [(loss.end, [level, 1.0 - level]) for loss, level in pairs if loss is not None]
    # A sum over two outputs costs twice the log loss, and is named after it or not at all.
    named = course.loss_name if course.facts.get("loss") != "bce" else None
    if not known or (named is None and len(known) < 2):
        return False
    least, most = _AT_COST
    return any(
        all(least <= loss / proper_loss_named(name).guess(shares) <= most for loss, shares in known)
        for name in ([named] if named else _LOSSES)
    )


def _loss_of(course: Course, split: str) -> Curve | None:
    """The loss of a split without its penalty, where that is logged."""
    return course.curve(split, "data_loss") or course.curve(split, "loss")


def takes_turns(course: Course, accuracies: list[Curve]) -> bool:
    """Whether accuracies about 1/K are shares of several classes, and nothing else is known."""
    classes, name = course.classes, course.loss_name
    if classes is None or classes < _SEVERAL or name is None or stuck_of(course):
        return False
    even = 1.0 / classes
    for accuracy in accuracies:
        rows = course.samples(accuracy.split) or ROWS
        most = even + math.hypot((UNALIKE - 1.0) * even, _COMMONEST * math.sqrt(even / rows))
        if len(accuracy.finite) < FEWEST_ALONE or float(late_of(accuracy).max()) > most:
            return False
    if not any(len(np.unique(late_of(a))) <= _NUMBERS * len(late_of(a)) for a in accuracies):
        return False
    losses = [_loss_of(course, accuracy.split) for accuracy in accuracies]
    guess = proper_loss_named(name).even_guess(classes)
    late = [loss.last(SHARE).finite.values for loss in losses if loss is not None]
    return bool(late) and all(
        float(values.min()) >= LEAST * guess and float(values[-1]) <= _OVER * guess
        for values in late
    )
