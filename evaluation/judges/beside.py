"""Judges of what is logged beside loss and accuracy: rates, gradients, weights."""

from __future__ import annotations

import numpy as np

from case import Case
from judges.course import diverging, spikes
from judges.verdict import between


def learning_rate_zero(case: Case) -> str:
    rate = case.log.series.get("learning_rate")
    if rate is None:
        return "may" if case.recipe.rate == 0 else "no"
    return between(float(np.mean(rate == 0)) > 0.3, bool((rate == 0).any()))


def learning_rate_out_of_range(case: Case) -> str:
    rate = case.log.series.get("learning_rate")
    if rate is not None:
        rate = rate[np.isfinite(rate)]
    if rate is None or not (rate > 0).any():
        return "no" if case.recipe.rate else "may"
    most = float(rate.max())
    return between(most >= 15 or most <= 5e-8, most >= 0.4 or float(rate.min()) <= 2e-6)


def vanishing_gradients(case: Case) -> str:
    norm = case.log.series.get("gradient_norm")
    if norm is None:
        return "may" if case.recipe.kind == "vanishing_gradients" else "no"
    last = float(np.median(norm[len(norm) // 2 :]))
    stuck = float(case.learnt[-1]) < 0.2
    return between(last < 1e-5 and stuck and case.epochs >= 4, last < 0.05)


def exploding_gradients(case: Case) -> str:
    norm = case.log.series.get("gradient_norm")
    if norm is None:
        return "may" if not case.finite or diverging(case) == "yes" else "no"
    growth = float((norm / np.minimum.accumulate(np.maximum(norm, 1e-12))).max())
    most = float(norm.max())
    return between(most >= 1e3 or (growth >= 200 and most >= 5), most >= 10 or growth >= 5)


def update_ratio(case: Case) -> str:
    ratio = case.log.series.get("update_ratio")
    if ratio is None:
        return "no"
    last = float(np.median(ratio[len(ratio) // 2 :]))
    return between(last > 0.3 or 0 <= last < 1e-6, last > 0.03 or last < 1e-4)


def early_warning(case: Case) -> str:
    bad = not case.finite or diverging(case) != "no" or spikes(case) != "no"
    return "may" if bad or exploding_gradients(case) != "no" else "no"
