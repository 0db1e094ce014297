"""Judges of loss and accuracy together."""

from __future__ import annotations

import math

import numpy as np

from bounds import calibrated_band, impossible_by
from case import Case
from judges.course import not_learning
from judges.verdict import between
from training import constant_loss


def _pairs(case: Case) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    found = []
    for split in ("train", "validation"):
        loss = case.shown(split, "loss")
        if loss is not None:
            found.append((split, loss, case.shown(split, "accuracy")))
    return found


def loss_impossible(case: Case) -> str:
    """A pair that no predictor can have, under the loss that the reader is told."""
    recipe, worst = case.recipe, 0.0
    classes = case.trace.rows["classes"]
    for split, loss, right in _pairs(case):
        rows = case.trace.rows[split]
        for i, value in enumerate(loss):
            accuracy = None if right is None else min(1.0, float(right[i]) + 0.5 / rows)
            worst = max(worst, impossible_by(recipe.loss, classes, float(value), accuracy))
    told = case.told("loss") and case.told("classes")
    other_unit = recipe.validation_unit != 1 or recipe.train_unit != 1
    # A loss that holds a penalty is hardly a mean of the loss alone: right, if not proven.
    holds = case.shows_penalty and recipe.logging.penalty != "apart"
    return between(told and worst > 1.25, worst > 1.0 or not told or other_unit or holds)


def _outside(case: Case) -> list[tuple[str, float, float]]:
    """(split, loss over the greatest calibrated one, loss over the least) at the end."""
    found = []
    classes = case.trace.rows["classes"]
    for split, loss, right in _pairs(case):
        if right is None:
            continue
        rows = case.trace.rows[split]
        error = 1 - float(right[-case.tail :].mean())
        margin = 2 * math.sqrt((error * (1 - error) + 1 / rows) / rows)
        value = float(loss[-case.tail :].mean())
        most = calibrated_band(case.recipe.loss, classes, error + margin)[1]
        least = calibrated_band(case.recipe.loss, classes, max(0.0, error - margin))[0]
        found.append((split, value / max(most, 1e-9), value / max(least, 1e-9)))
    return found


def loss_above_calibrated(case: Case) -> str:
    if case.recipe.loss not in ("log", "brier") or not case.told("loss"):
        return "may"
    above = {split: ratio for split, ratio, _ in _outside(case)}
    yes = above.get("validation", 0.0) > 1.4 and case.told("classes")
    return between(yes, any(ratio > 0.9 for ratio in above.values()))


def loss_below_calibrated(case: Case) -> str:
    if case.recipe.loss not in ("log", "brier") or not case.told("loss"):
        return "may"
    below = {split: ratio for split, _, ratio in _outside(case)}
    yes = below.get("validation", 1.0) < 0.6 and case.told("classes")
    return between(yes, any(ratio < 1.1 for ratio in below.values()))


def _moves(case: Case, loss: np.ndarray, right: np.ndarray, begin: int) -> tuple[float, float]:
    """From an epoch on: how far the accuracy ranges, and by which share the loss changes."""
    ends = max(1, (len(loss) - begin) // 5)
    first, last = loss[begin : begin + ends].mean(), loss[-ends:].mean()
    return float(np.ptp(right[begin:])), float(abs(last - first) / max(first, last, 1e-12))


def accuracy_flat_loss_moves(case: Case) -> str:
    verdict = "no"
    for _, loss, right in _pairs(case):
        if right is None or len(loss) < 5:
            continue
        for share in (0.0, 0.25, 0.5, 0.65):
            begin = int(len(loss) * share)
            ranges, moves = _moves(case, loss, right, begin)
            if ranges <= 0.02 and moves >= 0.08:
                verdict = "may"
            if share == 0.5 and ranges <= 0.006 and moves >= 0.4 and len(loss) >= 12:
                return "yes"
    return verdict


def loss_flat_accuracy_moves(case: Case) -> str:
    verdict = "no"
    for split, loss, right in _pairs(case):
        if right is None or len(loss) < 5:
            continue
        for share in (0.0, 0.25, 0.5, 0.65):
            begin = int(len(loss) * share)
            ranges, _ = _moves(case, loss, right, begin)
            span = float(np.ptp(loss[begin:]) / max(loss[begin:].max(), 1e-12))
            noise = 4 * math.sqrt(0.25 / case.trace.rows[split])
            if span < 0.05 and ranges > 0.02:
                verdict = "may"
            if share == 0.5 and span < 0.01 and ranges > max(0.1, noise) and len(loss) >= 12:
                return "yes"
    return verdict


def accuracy_at_base_rate(case: Case) -> str:
    """One class is predicted for (nearly) all rows, to the end."""
    if not any(name.endswith("accuracy") for name in case.log.series):
        return "may"
    last = case.trace.commonest[len(case.trace.commonest) // 2 :]
    near = case.held_accuracy[-1] < case.trace.base_rate + 0.05
    chance = 1 / case.trace.rows["classes"]
    wrong = case.recipe.flipped >= 1 or case.recipe.flipped_validation >= 1
    stuck = bool(last.min() > 0.999) and case.epochs >= 4
    # Of a class that is nearly all there is a constant accuracy may be as good as it gets: that it
    # is no more than a share only a loss shows that stays at what the shares cost.
    tells = case.trace.base_rate > 0.9 and case.trace.train_loss[-1] < 0.95 * case.trace.base_loss
    if stuck and tells:
        return "may"
    return between(stuck, bool(near) or wrong or bool(case.held_accuracy[-1] < chance + 0.05))


def loss_at_uniform(case: Case) -> str:
    """The reported loss stays within two hundredths of that of the even guess."""
    classes = case.trace.rows["classes"]
    # Outputs of 1/2 each, or of 1/K: for sigmoids these are two.
    guesses = [case.trace.even_loss, constant_loss(case.recipe.loss, np.full(classes, 1 / classes))]
    shown = [loss for _, loss, _ in _pairs(case)]
    if not shown:
        return "no"
    near = [float(np.max(np.abs(loss / even - 1))) for loss in shown for even in guesses[:1]]
    ends = [float(abs(loss[-1] / even - 1)) for loss in shown for even in guesses]
    stuck = max(near) < 0.02 and not_learning(case) == "yes" and case.told("classes")
    return between(stuck and case.epochs >= 4, min(ends) < 0.12)
