"""The training loss holds something that the validation loss does not: a penalty, most often.

**When it appears.** Over the second half the training loss is above the validation loss by two
fifths at least, at every point and beyond noise, although training accuracy is no lower. Where it
is a little lower, or all of the validation rows are right, the gap has to be more than training's
mistakes could cost if each had a probability of 1e-7: else a few hard rows that are in training
alone make it. A constant factor between the two is another finding (other scales).

**What it means.** A loss that is higher where the model is right more often has another term in
it: a penalty that evaluation leaves out, or smoothed labels, or auxiliary losses. The gap says
nothing of generalisation. (Keras' documentation says so of its penalties; its present versions
add them to both.)
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course, together
from counterpoint.findings.histories.splits_differ import factor_of
from counterpoint.findings.pairs.costs import CLIPPED
from counterpoint.findings.words import figure, plain, share
from counterpoint.theory.proper_losses import proper_loss_named

summary = "The training loss holds a penalty that the validation loss does not."

#: Training over validation loss. In the tuning corpus healthy runs have up to 1.35 at like
#: accuracies: means over an epoch lag behind.
_ABOVE = 1.4
#: What training accuracy may be lower by beyond the error of its rows, whatever the gap.
_LOWER = 0.01
#: An accuracy of no predictions to speak of: that of a regression.
_RIGHT = 0.02


def find(course: Course) -> Finding | None:
    """Find a training loss above the validation loss at no lower accuracy."""
    train, held = course.train_loss, course.held_loss
    right, others = course.train_accuracy, course.held_accuracy
    if train is None or held is None or right is None or others is None or train is held:
        return None
    if train.quantity != "loss" or course.curve(train.split, "data_loss") is not None:
        return None
    losses, rights = together(train, held), together(right, others)
    if losses is None or rights is None or len(losses[0]) < 4:
        return None
    if max(right.end, others.end) < _RIGHT:
        return None  # a regression's accuracy says nothing
    half = len(losses[0]) // 2
    a, b = (curve.values[half:] for curve in losses)
    better = rights[0].values[len(rights[0]) // 2 :] - rights[1].values[len(rights[1]) // 2 :]
    if not (np.mean(a > b) > 0.95 and np.median(a) > _ABOVE * np.median(b)):
        return None
    rows = course.samples(held.split)
    level = others.end
    chance = 0.004 if rows is None else math.sqrt(max(level * (1.0 - level), 0.0) / rows)
    lower = np.median(better) < -0.5 * others.error(chance)
    mistakes = 1.0 - float(np.median(rights[0].values[len(rights[0]) // 2 :]))
    gap = float(np.median(a - b))
    if (lower or level >= 1.0) and gap <= mistakes * _costliest(course):
        return None
    if lower and np.median(better) < -_LOWER:
        return None
    factor = factor_of(course, train, held)
    if factor is not None and np.ptp(np.log(factor)) < 0.3 * abs(float(np.median(np.log(factor)))):
        return None  # a constant factor: other scales
    return Finding(
        name="penalty_one_split",
        level="caution",
        title=f"Training loss is {figure(gap)} above {held.split} loss though training accuracy "
        "is no lower: a penalty in one of them?",
        explanation=f"Over the second half training has loss {figure(float(np.median(a)))} at "
        f"accuracy {share(right.end)}, {held.split} {figure(float(np.median(b)))} at "
        f"{share(others.end)}. A loss that is higher where more is right has another term in it.",
        evidence={
            "gap": plain(gap),
            "train": plain(float(np.median(a))),
            "held": plain(float(np.median(b))),
        },
        since=losses[0].where(half),
        sure="likely",
        remedy="Log the data loss and the penalty apart, for both splits.",
        instead=(
            "a penalty that is added in training only",
            "smoothed labels, mixed rows or class weights in training only",
            "dropout, or an average over an epoch in which the model still learnt (then accuracy "
            "would be lower too)",
        ),
        doubt="The data loss of both splits, without penalty and smoothing, would settle it.",
    )


def _costliest(course: Course) -> float:
    """What a mistake costs at most: the loss's ceiling, or that of clipped probabilities."""
    clipped = -math.log(CLIPPED)
    if course.loss_name is None:
        return 2.0 * clipped  # a sum of binary cross-entropies has two outputs wrong
    greatest = proper_loss_named(course.loss_name).bounds(course.classes or 2).maximum
    return min(greatest, 2.0 * clipped if course.loss_name == "bce" else clipped)
