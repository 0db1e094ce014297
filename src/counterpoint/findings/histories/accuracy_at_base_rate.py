"""Accuracy is stuck at a base rate: one class is predicted for every row.

**When it appears.** Every accuracy that is logged is the same number over and over for the last
three fifths of the run, or more, and under 0.9, while the loss hardly moves (by a tenth; by three
tenths where two accuracies tell). Two numbers will do that are together no more than one: the class
that is predicted changes. They are more than one row apart; and no level that accuracy rose to over
many points before the loss froze.

Or the held-out accuracy is the same number, of eight points or more, no other accuracy ends above
it, and the loss, which is not on its way down, was never less than what the shares of that class
and of K - 1 others alike cost; nor was that of training, where its accuracy is not logged.

The accuracies of both splits are then alike, and the loss is no less than a constant prediction
costs. Two more signs need no loss that stands: a constant accuracy of 0.9 or more beside losses
that end at what the shares of two such classes cost, within 5%; and, over K classes, accuracies
about 1/K that return to the same few numbers, beside losses that end at what the shares 1/K cost,
within 15%, and never were below it.

A held-out accuracy that stays at zero while the loss falls is a caution: a regression's accuracy,
the share of predictions that hit a number exactly, says nothing.

**Why.** A constant accuracy is the share of one class among the rows. Every row gets that class:
dead units or saturated outputs, a collapse after a step that was too large, features that are
constant, or a penalty that leaves the intercepts alone.
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.chance import ROWS
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.loss_at_uniform import INSTEAD, REMEDY
from counterpoint.findings.histories.one_share import (
    APART,
    FEWEST_ALONE,
    LEAST,
    MOST,
    SHARE,
    costs_two_shares,
    late_of,
    takes_turns,
)
from counterpoint.findings.histories.stuck import FEWEST, is_frozen
from counterpoint.findings.histories.trend import kendall_z
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, plain, share
from counterpoint.theory.proper_losses import proper_loss_named

summary = "Accuracy is the same number over and over: one class is predicted."

#: Points that it takes where two classes take turns.
_FEWEST_OF_TWO = 6
#: Points of one that stands while no loss gets below the cost of its shares.
_FEWEST_NO_BETTER = 8
#: An accuracy that is none at all; what a loss keeps that has learnt meanwhile.
_NONE, _LEARNS = 0.01, 0.8
#: How far an average over an epoch may wander beside a constant accuracy.
_WANDERS, _TRENDS = 0.02, 1.5
#: What a loss may lose over that time, where one accuracy tells and where two do: intercepts alone
#: learn the classes' shares.
_LOSES = (0.1, 0.3)
#: Trend by which accuracy rose to its level, and relative range of a loss in which then no weight
#: moved: 0.002 and 0.003 where rates had been cut to nothing, 0.01 where a class is all there is.
_ROSE, _STOOD = 3.0, 0.005
#: Accuracies over 1/K that are no guess.
_GUESS = 1.5
#: A loss that ends below this share of its first has learnt, unless it began far above all guesses,
#: or is known to end at what the shares of two classes cost: a run that collapsed had 1.01 of it.
_HALF, _BAD_START, _AT_SHARES = 0.52, 3.0, 1.05
#: And over the whole run: a model that learnt more and then stood may be right on as many.
_LOSES_IN_ALL = (0.25, 0.4)


@once
def find(course: Course) -> Finding | None:
    """Find accuracies that are one class's share."""
    accuracies = [c for c in (course.train_accuracy, course.held_accuracy) if c is not None]
    accuracies = list({id(curve): curve for curve in accuracies}.values())
    if not accuracies:
        return None
    if costs_two_shares(course, accuracies) or takes_turns(course, accuracies):
        return _finding(course, accuracies[0])
    constant = [accuracy for accuracy in accuracies if is_constant(accuracy)]
    if any(_is_one_row(course, accuracy) or _rose(course, accuracy) for accuracy in constant):
        return None
    if not constant or not _is_one_share(course, accuracies):
        return None
    accuracy = constant[0]
    fallen = _falls_at_none(course, constant[-1], accuracies)
    if fallen is not None:
        return _of_a_regression(fallen, constant[-1])
    if _is_no_better(course, constant[-1], accuracies):
        return _finding(course, constant[-1])
    if not all(_nearly_constant(accuracy) for accuracy in accuracies):
        return None
    if len(np.unique(late_of(accuracy))) > 1 and len(constant) < len(accuracies):
        return None  # where classes take turns they do so everywhere
    if len(accuracies) == 1 and len(accuracy.finite) < FEWEST_ALONE:
        return None
    loss = course.train_loss or course.held_loss
    if loss is not None and len(loss.finite) > 1:
        learnt = _is_halved(loss) and not _is_at_shares(course, loss)
        if learnt or not _is_idle(loss, len(accuracies)):
            return None
    return _finding(course, accuracy)


def _falls_at_none(course: Course, constant: Curve, accuracies: list[Curve]) -> Curve | None:
    """The loss that falls though nothing is ever right: what is predicted is no class."""
    loss = course.held_loss or course.train_loss
    if loss is None or constant is not course.held_accuracy or course.classes is not None:
        return None
    right = max(float(np.max(each.finite.values)) for each in accuracies)
    return loss if right <= _NONE and loss.end < _LEARNS * loss.first else None


def _is_no_better(course: Course, constant: Curve, accuracies: list[Curve]) -> bool:
    """Whether no loss of the rows that judge was less than their shares cost, nor an accuracy more.

    Then it does not matter what loss and training accuracy do meanwhile.
    """
    loss = course.held_loss or course.train_loss
    few = len(constant.finite) < _FEWEST_NO_BETTER
    if loss is None or course.assumed_loss is None or few or constant is not course.held_accuracy:
        return False
    share = max(constant.end, 1.0 - constant.end)
    if share > 1.0 - _NONE:
        return False  # it costs next to nothing
    others = max(2, course.classes or 2) - 1
    shares = [share, *[(1.0 - share) / others] * others]
    guess = proper_loss_named(course.assumed_loss).guess(shares)
    if _falls(loss) or any(a.end > constant.end + _WANDERS for a in accuracies):
        return False
    # Training rows that are told apart do not all get one class.
    losses = [loss, course.train_loss] if course.train_accuracy is None else [loss]
    return all(float(np.min(c.finite.values)) >= LEAST * guess for c in losses if c is not None)


def _falls(loss: Curve) -> bool:
    """Whether a loss is on its way down, so that it may yet come below any cost."""
    late = loss.last(SHARE).finite.values
    return len(late) > 0 and float(late[-1]) < (1.0 - _LOSES[0]) * float(late[0])


def _finding(course: Course, accuracy: Curve) -> Finding:
    loss = course.train_loss or course.held_loss
    said = (
        f" Loss goes from {figure(loss.first)} to {figure(loss.end)}." if loss is not None else ""
    )
    return Finding(
        name="accuracy_at_base_rate",
        level="problem",
        title=f"{capital(called(accuracy))} is stuck at {share(accuracy.end)}: one class is "
        "predicted",
        explanation=f"{_course(accuracy)} over {len(accuracy.finite)} points, as where every row "
        f"gets the same class: {share(accuracy.end)} is then that class's share.{said}",
        evidence={"accuracy": plain(accuracy.end), "points": len(accuracy.finite)},
        since=accuracy.where(0),
        sure="likely",
        remedy=REMEDY,
        instead=(
            "a metric that compares the wrong things, such as a shape or a threshold",
            *INSTEAD,
        ),
        doubt="The counts of each predicted class would settle it.",
    )


def _of_a_regression(loss: Curve, accuracy: Curve) -> Finding:
    return Finding(
        name="accuracy_at_base_rate",
        level="caution",
        title=f"{capital(called(accuracy))} stays at {share(accuracy.end)} while loss falls: "
        "a regression?",
        explanation=f"{capital(called(loss))} goes from {figure(loss.first)} to "
        f"{figure(loss.end)}, so something is learnt. Accuracy counts predictions that equal "
        "their target; of targets that are numbers next to none do, however close they are.",
        evidence={"accuracy": plain(accuracy.end), "points": len(accuracy.finite)},
        since=accuracy.where(0),
        sure="likely",
        remedy="Of a regression log the mean absolute error instead. Of classes check what the "
        "metric compares: its shapes, labels and threshold.",
        instead=("a metric that compares the wrong things, such as a shape or a threshold",),
        doubt="Ten predictions beside their targets would settle it.",
    )


def _course(accuracy: Curve) -> str:
    """How it stands at its end, in words."""
    shares = np.unique(late_of(accuracy))
    if len(shares) == 1:
        return "It does not change"
    if len(shares) > 2:
        return f"It is one of {len(shares)} numbers to its end, one class's or another's,"
    return (
        f"It is {share(float(shares[0]))} or {share(float(shares[1]))}, one class's or another's,"
    )


def _is_one_row(course: Course, accuracy: Curve) -> bool:
    """Whether two numbers are one row apart: a row flips, where other classes would flip many."""
    shares, rows = np.unique(late_of(accuracy)), course.samples(accuracy.split)
    return rows is not None and len(shares) == 2 and float(np.ptp(shares)) * rows < 1.5


def _rose(course: Course, accuracy: Curve) -> bool:
    """Whether an accuracy that is no guess rose to its level, and then the loss froze."""
    loss = course.train_loss or course.held_loss
    late = None if loss is None else loss.last(SHARE).finite.values
    if late is None or np.ptp(late) > _STOOD * abs(float(late[-1])):
        return False
    before = accuracy.finite.values[: -len(late_of(accuracy))]
    no_guess = accuracy.end > _GUESS / (course.classes or 2)
    return no_guess and len(before) > 2 and kendall_z(before) > _ROSE


def _is_one_share(course: Course, accuracies: list[Curve]) -> bool:
    """Whether accuracies and loss may be those of one class's share.

    A class has about the same share of the rows of both splits. No constant prediction costs less
    than the classes' shares themselves, of which the rest is at best one class: with a the share,
    its entropy for log loss, 2a(1-a) for the Brier score, half of that for the quadratic cost.
    """
    levels = [accuracy.end for accuracy in accuracies]
    rows = [course.samples(accuracy.split) or ROWS for accuracy in accuracies]
    errors = [math.sqrt(a * (1.0 - a) / n) for a, n in zip(levels, rows, strict=True)]
    if max(levels) - min(levels) > max(APART, 3.0 * math.hypot(*errors)):
        return False
    # Where no weight moves any accuracy is constant, whatever is predicted.
    if is_frozen(course.train_loss) and max(levels) > _GUESS / (course.classes or 2):
        return False
    for accuracy in accuracies:
        loss, a = course.curve(accuracy.split, "loss"), max(accuracy.end, 0.5)
        if loss is None or course.loss_name is None or a >= 1.0:
            continue
        shares = [a, 1.0 - a]
        if loss.end < LEAST * proper_loss_named(course.loss_name).guess(shares):
            return False
    return True


def is_constant(accuracy: Curve) -> bool:
    """Whether an accuracy is one class's share to its end, and not a good one.

    Where the class that is predicted changes, it goes from one class's share to another's: the two
    are not more than all.
    """
    late = late_of(accuracy)
    shares = np.unique(late)
    of_classes = len(shares) == 1 or (
        len(shares) == 2 and len(late) >= _FEWEST_OF_TWO and float(shares.sum()) <= 1.0 + 1e-6
    )
    return len(accuracy.finite) >= FEWEST and of_classes and 0.0 <= float(late[-1]) < MOST


def _nearly_constant(accuracy: Curve) -> bool:
    if is_constant(accuracy):
        return True
    late = accuracy.last(SHARE).finite.values
    still = float(np.ptp(late)) <= _WANDERS and abs(kendall_z(late)) < _TRENDS
    return 0.0 <= float(late[-1]) < MOST and still


def _is_halved(loss: Curve) -> bool:
    return _HALF * loss.first > loss.end > loss.first / _BAD_START


def _is_at_shares(course: Course, loss: Curve) -> bool:
    """Whether a loss of two classes ends at what their shares cost, whatever it began at."""
    accuracy = course.curve(loss.split, "accuracy")
    if accuracy is None or course.loss_name is None or course.classes != 2:
        return False
    shares = [accuracy.end, 1.0 - accuracy.end]
    return loss.end <= _AT_SHARES * proper_loss_named(course.loss_name).guess(shares)


def _is_idle(loss: Curve, accuracies: int) -> bool:
    late = loss.last(SHARE).smooth
    most = _LOSES[min(accuracies, 2) - 1] if len(loss.finite) >= 8 or accuracies > 1 else 0.03
    begin = float(loss.smooth[len(loss.smooth) // 5])  # a bad start is over by then
    in_all = 1.0 - loss.end / begin if begin > 0.0 else 0.0
    return in_all <= _LOSES_IN_ALL[min(accuracies, 2) - 1] and bool(
        abs(float(late[-1] - late[0])) <= most * abs(float(late[0]))
    )
