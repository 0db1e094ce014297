"""The linear classifier with the least 0-1 loss, from rows that are checked already."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from counterpoint.theory.zero_one.cuts import Cut, best_cuts
from counterpoint.theory.zero_one.problem import least_zero_one
from counterpoint.theory.zero_one.result import ZeroOne
from counterpoint.theory.zero_one.search import EQUAL

Array = npt.NDArray[np.float64]


def best_classifier(
    x: Array,
    label_index: npt.NDArray[np.intp],
    classes: npt.NDArray[np.generic],
    weight: Array,
    intercept: bool,
    time_limit: float,
) -> ZeroOne:
    """Search for the classifier; parameters as `counterpoint.zero_one` has them.

    Parameters
    ----------
    x : array (n, features), finite
    label_index : array (n,) of 0 and 1
    weight : array (n,), not negative, not all zero
    """
    start = time.perf_counter()
    target = np.where(label_index == 1, 1.0, -1.0)
    total = float(weight.sum())
    cuts: tuple[Cut, ...] = ()
    interrupted = False
    if intercept and x.shape[1] == 1:
        bound, cuts = best_cuts(x[:, 0], target, weight)
        coef, constant = _at_cut(max(cuts, key=lambda cut: (np.isfinite(cut.low), cut.width)))
    else:
        # Seen from a row in their middle: far from zero an intercept would take all the digits.
        middle = np.sort(x, axis=0)[len(x) // 2] if intercept else np.zeros(x.shape[1])
        ones = np.ones((len(x), int(intercept)))
        found = least_zero_one(np.hstack([x - middle, ones]), target, weight, time_limit)
        coef, interrupted, bound = found.w[: x.shape[1]], found.interrupted, found.lower_bound
        constant = float(found.w[-1] - coef @ middle) if intercept else 0.0
    coef, constant = _of_length_one(coef, constant)
    loss = float(weight[target * (x @ coef + constant) <= 0.0].sum())
    # Sums in another order differ in their last digits.
    bound = loss if loss <= bound + EQUAL * total else bound
    return ZeroOne(
        coef=coef,
        intercept=constant,
        classes=classes,
        loss=loss / total,
        lower_bound=bound / total,
        cuts=cuts,
        interrupted=interrupted,
        seconds=time.perf_counter() - start,
    )


def _of_length_one(coef: Array, constant: float) -> tuple[Array, float]:
    """The same classifier with weights of length one, unless units are too far apart for that."""
    with np.errstate(over="ignore"):
        length = float(np.linalg.norm(coef)) or abs(constant) or 1.0
    short = coef / length
    if np.any((short == 0.0) & (coef != 0.0)):
        return coef, constant
    return short, constant / length


def _at_cut(cut: Cut) -> tuple[Array, float]:
    """A weight of one and the intercept that cuts amid an interval: exact in double precision."""
    side = 1.0 if cut.second_above else -1.0
    if np.isinf(cut.low):
        return np.zeros(1), side
    return np.array([side]), -side * cut.middle
