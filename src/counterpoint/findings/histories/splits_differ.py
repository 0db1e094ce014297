"""Training and validation numbers contradict each other: other scales, rows or modes.

**When it appears.** Either of two contradictions. *Scale*: over the first third of the run, when
over-fitting has had no time, the losses of both splits differ by a factor that their error rates do
not explain, 2.5 or more, at every point. (A validation loss that is no less than the training loss
is not too low, whatever the factor.) *Cost*: even if every mistake on the validation rows had the
probability of 1e-7, the right predictions there would cost at least three times what all training
rows cost, and the validation loss has not grown to that in the run: it is so at the end, or at its
first three points already. Mistakes in training that cost more than that themselves show that
nothing is clipped, and then that says nothing.

**What it means.** One of the two losses is a sum, or over another number of rows or outputs, in
another unit, of outputs that went through the softmax twice, or is computed in another mode. That
is no over-fitting.
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course, together
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.pairs.costs import CLIPPED
from counterpoint.findings.words import figure, plain, share

summary = "Training and validation numbers contradict each other."

_FACTOR = 2.5
_COST = 3.0
#: A loss that grew more than that did not have another scale from the start.
_GROWN = 1.5
#: First points at which over-fitting has had no time, and a share of rows that is not just a few.
_AT_ONCE, _SOME = 3, 0.1
#: Between losses whose accuracies are not both logged.
_RATIO = 5.0
#: Errors that are added to both shares, so that few of them tell little.
_PRIOR = 0.02


def find(course: Course) -> Finding | None:
    """Find losses of two splits that their accuracies do not explain."""
    train, held = course.train_loss, course.held_loss
    if train is None or held is None or train is held or train.quantity == "batch_loss":
        return None
    found = _scale(course, train, held) or _cost(course, train, held)
    return found or _cost_at_once(course, train, held) or _ratio(train, held)


def _ratio(train: Curve, held: Curve) -> Finding | None:
    """Losses a factor of five or more apart from the first point on.

    One that is below by as much at its first three points may be passed by the training loss.
    """
    both = together(train, held)
    if both is None or len(both[0]) < 3 or min(c.values.min() for c in both) <= 0.0:
        return None
    logs = np.log(both[1].values / both[0].values)
    early, all_of_it = logs[: max(3, len(logs) // 3)], logs
    first = logs[:_AT_ONCE]
    below_at_once = first.max() < -math.log(_RATIO) and float(np.ptp(first)) < math.log(2.0)
    below = bool(below_at_once) or float(all_of_it.max()) < -math.log(_RATIO)
    above = float(early.min()) > math.log(_RATIO) and float(np.ptp(early)) < math.log(2.0)
    if not (below or above):
        return None
    level = float(np.exp(np.median(early)))
    return _finding(
        held,
        f"{held.split.capitalize()} loss is {figure(level)} times the training loss from the "
        "first point on",
        f"At first the losses are {figure(train.first)} in training and {figure(held.first)} on "
        f"{held.split} rows. So early neither over-fitting nor dropout makes such a factor.",
        {"factor": plain(level), "train": plain(train.first), "held": plain(held.first)},
    )


def _scale(course: Course, train: Curve, held: Curve) -> Finding | None:
    factor = factor_of(course, train, held)
    if factor is None or factor.size < 2:
        return None
    early = factor[: max(2, len(factor) // 3)]
    if early[0] < 1.0 and held.first >= train.first:
        return (
            None  # of more mistakes, and no less: training is only not yet as sure as it is right
        )
    off = np.abs(np.log(early))
    steady = float(np.ptp(np.log(factor))) < 1.0 + 0.5 * float(off.max())
    same = bool(np.all(early > 1.0) or np.all(early < 1.0))
    if not (same and steady and np.median(off) > math.log(_FACTOR) and off.min() > math.log(1.7)):
        return None
    level = float(np.median(early))
    words = (
        f"{figure(level)} times what the accuracies explain"
        if level > 1
        else f"{figure(1 / level)} times less than the accuracies explain"
    )
    return _finding(
        held,
        f"{held.split.capitalize()} loss is not on the scale of the training loss: {words}",
        f"At first the losses are {figure(train.first)} in training and {figure(held.first)} on "
        f"{held.split} rows, while the accuracies hardly differ; that factor was there before any "
        "over-fitting could be.",
        {"factor": plain(level), "train": plain(train.first), "held": plain(held.first)},
    )


def factor_of(course: Course, train: Curve, held: Curve) -> np.ndarray | None:
    """Held-out over training loss, over what their error rates make of it, point by point."""
    mine, theirs = (course.curve(split, "accuracy") for split in (train.split, held.split))
    both = together(train, held)
    if mine is None or theirs is None or both is None:
        return None
    of_train, of_held = together(both[0], mine), together(both[1], theirs)
    if of_train is None or of_held is None:
        return None
    (a, accuracy_a), (b, accuracy_b) = of_train, of_held
    if len(a) != len(b) or min(a.values.min(), b.values.min()) <= 0.0:
        return None
    errors = [1.0 - c.values + _PRIOR for c in (accuracy_a, accuracy_b)]
    return np.asarray(b.values / a.values / (errors[1] / errors[0]))


def _cost(course: Course, train: Curve, held: Curve) -> Finding | None:
    accuracy = course.curve(held.split, "accuracy")
    both = together(held, accuracy) if accuracy is not None else None
    if both is None or len(both[0]) < 2 or course.loss_name not in (None, "log"):
        return None
    loss, right = both
    outputs = 2.0 if course.facts.get("loss") == "bce" else 1.0  # a sum over both, it may be
    if _is_unclipped(course, train, outputs):
        return None
    cost = _cost_of_right(loss, right, outputs)
    known = right.values > 0.5
    if (
        np.mean(known) < 0.5
        or np.mean(cost[known] > _COST * train.end) < 0.5
        or cost[-1] <= _COST * train.end
        or loss.end > _GROWN * loss.least
    ):
        return None
    numbers = (loss.end, right.end, float(cost[-1]), train.end)
    return _costly(held, *numbers)


def _cost_at_once(course: Course, train: Curve, held: Curve) -> Finding | None:
    """The same at the first points, before any over-fitting: it may grow beyond that later."""
    accuracy = course.curve(held.split, "accuracy")
    three = _all_three(train, held, accuracy) if accuracy is not None else None
    if three is None or len(three[0]) < _AT_ONCE or course.loss_name not in (None, "log"):
        return None
    # Where the loss is not named, it may be a sum over two outputs or more.
    outputs = 1.0 if course.loss_name == "log" and course.facts.get("loss") != "bce" else 2.0
    if _is_unclipped(course, train, outputs):
        return None
    mine, loss, right = three
    cost = _cost_of_right(loss, right, outputs)[:_AT_ONCE]
    if right.values[:_AT_ONCE].min() < _SOME or not np.all(cost > _COST * mine.values[0]):
        return None
    return _costly(held, loss.first, right.first, float(cost[0]), mine.first)


def _all_three(train: Curve, held: Curve, accuracy: Curve) -> tuple[Curve, Curve, Curve] | None:
    """Both losses and the accuracy at the places that all of them have."""
    losses, pair = together(train, held), together(held, accuracy)
    if losses is None or pair is None or len(losses[1]) != len(pair[0]):
        return None
    return losses[0], losses[1], pair[1]


def _cost_of_right(loss: Curve, right: Curve, outputs: float) -> np.ndarray:
    """What right predictions cost each if every mistake has a probability of 1e-7."""
    worst = -outputs * math.log(CLIPPED)
    return (loss.values - (1.0 - right.values) * worst) / np.maximum(right.values, 1e-9)


def _is_unclipped(course: Course, train: Curve, outputs: float) -> bool:
    """Whether mistakes in training cost more than clipped ones, which then bound nothing."""
    accuracy = course.curve(train.split, "accuracy")
    both = together(train, accuracy) if accuracy is not None else None
    if both is None:
        return False
    loss, right = both
    wrong = np.maximum(1.0 - right.values, 1e-9)
    return bool(np.any((loss.values / wrong > -outputs * math.log(CLIPPED)) & (wrong > _SOME)))


def _costly(held: Curve, loss: float, right: float, cost: float, train: float) -> Finding:
    return _finding(
        held,
        f"{held.split.capitalize()} loss {figure(loss)} at accuracy {share(right)} is not "
        f"on the scale of the training loss {figure(train)}",
        f"Even if every mistake had a probability of {CLIPPED:g}, the right predictions would "
        f"cost {figure(cost)} each on average (a probability of "
        f"{figure(math.exp(-cost))}), where all training rows together cost "
        f"{figure(train)}. A model that is right that often is not that unsure. This is no "
        "over-fitting.",
        {"cost_of_right": plain(cost), "train": plain(train), "held": plain(loss)},
    )


def _finding(held: Curve, title: str, why: str, evidence: dict[str, float | None]) -> Finding:
    return Finding(
        name="splits_differ",
        level="caution",
        title=title,
        explanation=why,
        evidence=evidence,
        since=held.where(0),
        sure="likely",
        remedy="Evaluate the training rows with the evaluation code: its loss has to be about "
        "the training loss. Compare models by accuracy until then.",
        instead=(
            "a sum over rows or batches beside a mean, or another divisor",
            "outputs that go through the softmax twice in one of the two: its loss then never "
            "falls below ln(1 + (K-1)/e)",
            "another loss or label smoothing in one of the two",
            "an evaluation in training mode, or on rows of another source",
        ),
        doubt="The loss of the training rows as the evaluation code computes it would settle it.",
    )
