"""Judges of the penalty."""

from __future__ import annotations

import math

import numpy as np

from bounds import ceiling
from case import Case
from judges.splits import splits_differ
from judges.verdict import between


def penalty_dominates(case: Case) -> str:
    if not case.shows_penalty:
        return "no"
    share = float(case.penalty_share[-case.tail :].mean())
    how, classes = case.recipe.logging.penalty, case.trace.rows["classes"]
    if how == "apart":
        return between(share >= 0.6, share >= 0.35 or float(case.penalty_share.max()) >= 0.5)
    told = case.told("loss") and case.told("classes")
    total = case.objective[-case.tail :].mean()
    proven = told and total > 2 * ceiling(case.recipe.loss, classes)
    return between(bool(proven and share >= 0.6), share >= 0.2)


def penalty_grows(case: Case) -> str:
    """The decay has the wrong sign, and the penalty grew by a steady factor for most of the run."""
    recipe, log = case.recipe, case.log.series
    reversed_decay = recipe.decay_factor < 0
    if not reversed_decay:
        return "no"
    if case.epochs < 6 or not np.isfinite(case.trace.penalty).all():
        return "may"
    steps = np.diff(np.log(case.trace.penalty[case.epochs // 3 :]))
    steady = steps.min() > 0.02 and steps.std() < 0.25 * steps.mean()
    apart = "train/penalty" in log
    return between(bool(steady and apart and steps.sum() > math.log(2)), True)


def penalty_other_n(case: Case) -> str:
    recipe, log = case.recipe, case.log.series
    factor = recipe.validation_penalty_factor
    apart = {"train/penalty", "validation/penalty"} <= set(log)
    if factor != 1:
        return between(apart and max(factor, 1 / factor) >= 1.2, True)
    return "may" if recipe.decay_factor not in (0.0, 1.0) else "no"


def penalty_one_split(case: Case) -> str:
    """The training loss is well above the validation loss, by the penalty in it."""
    recipe = case.recipe
    train, held = case.shown("train", "loss"), case.shown("validation", "loss")
    if recipe.logging.penalty != "train" or not recipe.alpha or held is None or train is None:
        return "may" if splits_differ(case) == "yes" else "no"
    pair = [case.shown(split, "accuracy") for split in ("train", "validation")]
    if pair[0] is None or pair[1] is None:
        return "may"
    tail = slice(-max(2, case.tail), None)
    clear = train[tail].mean() > 1.4 * held[tail].mean() and (
        pair[0][tail].mean() > pair[1][tail].mean() - 0.01
    )
    share = float(case.penalty_share[tail].mean())
    return between(clear and share > 0.3 and case.epochs >= 4, True)


def penalty_negligible(case: Case) -> str:
    if "train/penalty" not in case.log.series:
        return "no"
    share = case.penalty_share
    return between(float(np.nanmax(share)) < 3e-4, float(np.nanmin(share)) < 3e-3)
