"""Accuracy is stuck at a base rate: one class is predicted for every row.

**When it appears.** Every accuracy that is logged is the same number over and over for the last
three fifths of the run, or more, and under 0.9, while the loss hardly moves (by a tenth; by three
tenths where two accuracies tell). Two numbers will do that are together no more than one: the class
that is predicted changes. They are more than one row apart; and no level that accuracy rose to over
many points before the loss froze.

Or the held-out accuracy is the same number, of eight points or more, no other accuracy ends above
it, and the loss was never less than what the shares of that class and of the rest cost.

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
from counterpoint.findings.histories.chance import UNALIKE
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.loss_at_uniform import INSTEAD, REMEDY
from counterpoint.findings.histories.stuck import FEWEST, is_frozen, stuck_of
from counterpoint.findings.histories.trend import kendall_z
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, plain, share
from counterpoint.theory.proper_losses import proper_loss_named

summary = "Accuracy is the same number over and over: one class is predicted."

#: Share of the run at its end over which accuracy is constant, and the points of it.
_SHARE, _FEWEST = 0.6, 3
#: Points that it takes where two classes take turns.
_FEWEST_OF_TWO = 6
#: Points of an accuracy that tells alone.
_FEWEST_ALONE = 15
#: Points of one that stands while no loss gets below the cost of its shares.
_FEWEST_NO_BETTER = 8
#: An accuracy that is none at all; what a loss keeps that has learnt meanwhile.
_NONE, _LEARNS = 0.01, 0.8
#: How far an average over an epoch may wander beside a constant accuracy.
_WANDERS, _TRENDS = 0.02, 1.5
#: A constant accuracy above this may be as good as it gets.
_MOST = 0.9
#: What a loss may lose over that time, where one accuracy tells and where two do: intercepts alone
#: learn the classes' shares.
_LOSES = (0.1, 0.3)
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
#: Trend by which accuracy rose to its level, and relative range of a loss in which then no weight
#: moved: 0.002 and 0.003 where rates had been cut to nothing, 0.01 where a class is all there is.
_ROSE, _STOOD = 3.0, 0.005
#: How far one class's shares of two splits lie apart, where their rows are not known to allow more,
#: rows that are taken where they are not counted, and of the least cost of a constant prediction.
_APART, _ROWS, _LEAST = 0.06, 500, 0.97
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
    if _costs_two_shares(course, accuracies) or _takes_turns(course, accuracies):
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
    if len(np.unique(_late(accuracy))) > 1 and len(constant) < len(accuracies):
        return None  # where classes take turns they do so everywhere
    if len(accuracies) == 1 and len(accuracy.finite) < _FEWEST_ALONE:
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
    guess = proper_loss_named(course.assumed_loss).guess([share, 1.0 - share])
    least = float(np.min(loss.finite.values))
    return least >= _LEAST * guess and all(a.end <= constant.end + _WANDERS for a in accuracies)


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
    shares = np.unique(_late(accuracy))
    if len(shares) == 1:
        return "It does not change"
    if len(shares) > 2:
        return f"It is one of {len(shares)} numbers to its end, one class's or another's,"
    return (
        f"It is {share(float(shares[0]))} or {share(float(shares[1]))}, one class's or another's,"
    )


def _late(accuracy: Curve) -> np.ndarray:
    own = accuracy.finite.values
    return own[-max(_FEWEST, round(_SHARE * len(own))) :].round(9)


def _costs_two_shares(course: Course, accuracies: list[Curve]) -> bool:
    """Whether great accuracies stand still, and losses are at what shares of two classes cost.

    A model that tells rows apart costs less than the shares; one that is done after its first
    epoch stands still as well, but where its loss is has nothing to do with them.
    """
    if course.classes not in (None, 2) or len(accuracies[0].finite) < FEWEST:
        return False
    levels = [accuracy.end for accuracy in accuracies]
    if not _MOST <= max(levels) < 1.0 or min(levels) < _MOST - _APART:
        return False
    if any(len(np.unique(_late(accuracy))) > 1 for accuracy in accuracies):
        return False
    if len(accuracies) == 1 and len(accuracies[0].finite) < _FEWEST_ALONE:
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


def _takes_turns(course: Course, accuracies: list[Curve]) -> bool:
    """Whether accuracies about 1/K are shares of several classes, and nothing else is known."""
    classes, name = course.classes, course.loss_name
    if classes is None or classes < _SEVERAL or name is None or stuck_of(course):
        return False
    even = 1.0 / classes
    for accuracy in accuracies:
        rows = course.samples(accuracy.split) or _ROWS
        most = even + math.hypot((UNALIKE - 1.0) * even, _COMMONEST * math.sqrt(even / rows))
        if len(accuracy.finite) < _FEWEST_ALONE or float(_late(accuracy).max()) > most:
            return False
    if not any(len(np.unique(_late(a))) <= _NUMBERS * len(_late(a)) for a in accuracies):
        return False
    losses = [_loss_of(course, accuracy.split) for accuracy in accuracies]
    guess = proper_loss_named(name).even_guess(classes)
    late = [loss.last(_SHARE).finite.values for loss in losses if loss is not None]
    return bool(late) and all(
        float(values.min()) >= _LEAST * guess and float(values[-1]) <= _OVER * guess
        for values in late
    )


def _is_one_row(course: Course, accuracy: Curve) -> bool:
    """Whether two numbers are one row apart: a row flips, where other classes would flip many."""
    shares, rows = np.unique(_late(accuracy)), course.samples(accuracy.split)
    return rows is not None and len(shares) == 2 and float(np.ptp(shares)) * rows < 1.5


def _rose(course: Course, accuracy: Curve) -> bool:
    """Whether an accuracy that is no guess rose to its level, and then the loss froze."""
    loss = course.train_loss or course.held_loss
    late = None if loss is None else loss.last(_SHARE).finite.values
    if late is None or np.ptp(late) > _STOOD * abs(float(late[-1])):
        return False
    before = accuracy.finite.values[: -len(_late(accuracy))]
    no_guess = accuracy.end > _GUESS / (course.classes or 2)
    return no_guess and len(before) > 2 and kendall_z(before) > _ROSE


def _is_one_share(course: Course, accuracies: list[Curve]) -> bool:
    """Whether accuracies and loss may be those of one class's share.

    A class has about the same share of the rows of both splits. No constant prediction costs less
    than the classes' shares themselves, of which the rest is at best one class: with a the share,
    its entropy for log loss, 2a(1-a) for the Brier score, half of that for the quadratic cost.
    """
    levels = [accuracy.end for accuracy in accuracies]
    rows = [course.samples(accuracy.split) or _ROWS for accuracy in accuracies]
    errors = [math.sqrt(a * (1.0 - a) / n) for a, n in zip(levels, rows, strict=True)]
    if max(levels) - min(levels) > max(_APART, 3.0 * math.hypot(*errors)):
        return False
    # Where no weight moves any accuracy is constant, whatever is predicted.
    if is_frozen(course.train_loss) and max(levels) > _GUESS / (course.classes or 2):
        return False
    for accuracy in accuracies:
        loss, a = course.curve(accuracy.split, "loss"), max(accuracy.end, 0.5)
        if loss is None or course.loss_name is None or a >= 1.0:
            continue
        shares = [a, 1.0 - a]
        if loss.end < _LEAST * proper_loss_named(course.loss_name).guess(shares):
            return False
    return True


def is_constant(accuracy: Curve) -> bool:
    """Whether an accuracy is one class's share to its end, and not a good one.

    Where the class that is predicted changes, it goes from one class's share to another's: the two
    are not more than all.
    """
    late = _late(accuracy)
    shares = np.unique(late)
    of_classes = len(shares) == 1 or (
        len(shares) == 2 and len(late) >= _FEWEST_OF_TWO and float(shares.sum()) <= 1.0 + 1e-6
    )
    return len(accuracy.finite) >= FEWEST and of_classes and 0.0 <= float(late[-1]) < _MOST


def _nearly_constant(accuracy: Curve) -> bool:
    if is_constant(accuracy):
        return True
    late = accuracy.last(_SHARE).finite.values
    still = float(np.ptp(late)) <= _WANDERS and abs(kendall_z(late)) < _TRENDS
    return 0.0 <= float(late[-1]) < _MOST and still


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
    late = loss.last(_SHARE).smooth
    most = _LOSES[min(accuracies, 2) - 1] if len(loss.finite) >= 8 or accuracies > 1 else 0.03
    begin = float(loss.smooth[len(loss.smooth) // 5])  # a bad start is over by then
    in_all = 1.0 - loss.end / begin if begin > 0.0 else 0.0
    return in_all <= _LOSES_IN_ALL[min(accuracies, 2) - 1] and bool(
        abs(float(late[-1] - late[0])) <= most * abs(float(late[0]))
    )
