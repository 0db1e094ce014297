"""One fold's path in one compiled call, from strong to weak strengths.

What it finds is certified afterwards, on all columns: nothing rests on the estimates made here.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.fit.proximal.chain_step import Fit, look, search
from counterpoint.fit.proximal.held import Held, hessian, no_moments, renew, widened
from counterpoint.fit.proximal.margin import Margin, slack, value
from counterpoint.fit.proximal.view import View, add_scores, gradient
from counterpoint.fit.quadratic import make_definite, minimise_compiled

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Steps at one strength.
STEPS = 60
#: Share of the tolerance that the estimated gap is to meet.
PROMISING = 0.5
#: Weights of a working set beyond which the chain ends: their moments would cost too much.
WORKING_LIMIT = 1500
#: Share by which a row's curvature may differ from the model's: exact ones save no step.
STALE = 0.02
#: Share of the model's first violation that its minimiser may leave.
INNER = 1e-3
#: Share of a strength down to which its slopes tell what columns to watch. All columns are looked
#: at once in so many strengths, not at each.
AHEAD = 0.75


@numba.njit(cache=True, nogil=True)
def follow(
    view: View, loss: Margin, l1: Array, ridge: Array, tol: float, start: Array, v: Array, z: Array
) -> int:
    """Fit all strengths, each from the one before; returns how many were.

    Parameters
    ----------
    l1, ridge : array (alphas,)
        Weight of each |w| and of each w^2 / 2, descending.
    start : array (width,)
    v : array (alphas, width)
        Fits, to be filled.
    z : array (alphas, n)
        Their raw scores, to be filled.
    """
    width, n = len(start), len(view.weight)
    all_columns, aim = np.arange(width), PROMISING * tol
    fit = Fit(start.copy(), np.zeros(n), np.empty(n), np.empty(n), np.zeros(n), np.empty(width))
    held, objective = no_moments(view), np.inf
    add_scores(view, all_columns, fit.w, fit.z)
    look(view, loss, fit.z, fit)
    gradient(view, all_columns, fit.residual, fit.slope)
    before = np.abs(fit.slope[:-1] * (fit.w[:-1] == 0.0)).max()
    watched, columns = np.empty(width, dtype=np.bool_), all_columns
    k = first = end = 0
    again = False
    while k < len(l1):
        if k == end:
            end += 1
            while end < len(l1) and l1[end] >= AHEAD * before:
                end += 1
            # The sequential strong rule (Tibshirani and others 2012), some strengths ahead.
            watched = (np.abs(fit.slope) >= 2.0 * l1[end - 1] - before) | (fit.w != 0.0)
            watched[-1] = True
            first, again, columns = k, False, np.flatnonzero(watched)
        if k > 1 and not again:
            _extrapolate(view, loss, fit, columns, l1[: k + 1], ridge[k], v)
        for _ in range(STEPS):
            done, objective = _near(view, loss, fit, columns, l1[k], ridge[k], aim, objective)
            if done:
                break
            working = _working_set(columns, fit, l1[k])
            if len(working) > WORKING_LIMIT:
                return k
            held, model = _model(view.data, held, view, working, fit.curvature)
            direction = _direction(model, view, fit, working, l1[k], ridge[k])
            length = search(view, loss, fit, working, direction, l1[k], ridge[k])
            gradient(view, columns, fit.residual, fit.slope)
            if length == 0.0:
                break
        v[k], z[k] = fit.w, 0.0
        support = np.flatnonzero(fit.w)
        add_scores(view, support, fit.w[support], z[k])
        if k == end - 1:
            gradient(view, all_columns, fit.residual, fit.slope)
            missed = (np.abs(fit.slope) > l1[k]) & ~watched
            if missed.any():
                watched |= missed
                columns, again, objective = np.flatnonzero(watched), True, np.inf
                k = first
                fit.w[:] = v[k]
                fit.z[:] = z[k]
                look(view, loss, fit.z, fit)
                gradient(view, columns, fit.residual, fit.slope)
                continue
            before = l1[k]
        k += 1
    return k


@numba.njit(cache=True, nogil=True)
def _extrapolate(
    view: View, loss: Margin, fit: Fit, columns: Index, l1: Array, ridge: float, v: Array
) -> None:
    """Go on from the last two fits as weights go in log alpha; none leaves zero, or crosses it."""
    k = len(l1) - 1
    support = np.flatnonzero(fit.w)
    ratio = np.log(l1[k] / l1[k - 1]) / np.log(l1[k - 1] / l1[k - 2])
    here = fit.w[support]
    move = min(ratio, 4.0) * (here - v[k - 2][support])
    crossing = ((here + move) * here < 0.0) & (support < len(fit.w) - 1)
    search(view, loss, fit, support, np.where(crossing, -here, move), l1[k], ridge)
    gradient(view, columns, fit.residual, fit.slope)


@numba.njit(cache=True, nogil=True)
def _near(
    view: View,
    loss: Margin,
    fit: Fit,
    columns: Index,
    l1: float,
    ridge: float,
    aim: float,
    objective: float,
) -> tuple[bool, float]:
    """Whether the gap over some columns, about, is a small share of the objective; and that.

    Parameters
    ----------
    objective
        What it was at a stronger strength or earlier step, or infinity.
    """
    steepest, last = l1, len(fit.w) - 1
    for j in columns:
        if j != last:
            steepest = max(steepest, abs(fit.slope[j]))
    scale = l1 / steepest
    cost, feasible, plain = 0.0, 0.0, 0.0
    for j in columns:
        if j == last:
            continue
        size, along = abs(fit.w[j]), fit.w[j] * fit.slope[j]
        square = 0.5 * ridge * size * size
        cost += l1 * size + square
        feasible += l1 * size + scale * along + square
        if ridge > 0.0:
            excess = max(abs(fit.slope[j]) - l1, 0.0)
            plain += (l1 + excess) * size + along + (ridge * size - excess) ** 2 / (2.0 * ridge)
    # What it takes to balance the residuals.
    balance = cost * abs(fit.slope[last]) / max(np.abs(fit.residual).sum(), 1e-300)
    least = (min(feasible, plain) if ridge > 0.0 else feasible) + balance
    # The objective only falls: while the gap is large next to an old one, rows can wait.
    if least > aim * objective:
        return False, objective
    objective = cost
    for i in range(len(fit.z)):
        objective += view.weight[i] * value(loss, view.target[i] * fit.z[i])
    if ridge > 0.0 and plain + balance <= aim * objective:
        return True, objective
    for i in range(len(fit.z)):
        feasible += view.weight[i] * slack(loss, view.target[i] * fit.z[i], scale)
    return feasible + balance <= aim * objective, objective


@numba.njit(cache=True, nogil=True)
def _working_set(columns: Index, fit: Fit, l1: float) -> Index:
    """What is not zero, the intercept, and the worst violators: as many again and ten."""
    kept = (fit.w[columns] != 0.0) | (columns == len(fit.w) - 1)
    pull = np.where(kept, 0.0, np.abs(fit.slope[columns]) - l1)
    most = max(10, 2 * kept.sum())
    wanted = pull > 0.0
    if wanted.sum() > most:
        wanted = pull > np.sort(pull)[len(pull) - most - 1]
    return np.asarray(columns[kept | wanted])


@numba.njit(cache=True, nogil=True)
def _direction(
    model: Array, view: View, fit: Fit, working: Index, l1: float, ridge: float
) -> Array:
    """The model's minimiser over the working set, less the weights."""
    start, free = fit.w[working], working == len(fit.w) - 1
    limit, strength = np.where(free, 0.0, l1), np.where(free, 0.0, ridge)
    make_definite(model, strength, view.unit[working], 1e-12)
    slope = fit.slope[working] + strength * start
    found = minimise_compiled(model, slope, start, limit, INNER)
    return np.asarray(found - start)


@numba.njit(cache=True, nogil=True)
def _model(
    data: Array, held: Held, view: View, working: Index, curvature: Array
) -> tuple[Held, Array]:
    """Second derivatives of the data loss."""
    if data.ndim == 2:
        root = np.sqrt(curvature)
        x = np.empty((len(working), len(root)))
        for a in range(len(working)):
            j = working[a]
            x[a] = (data[j] - view.mean[j]) * view.factor[j] * root
        return held, x @ x.T
    held = widened(held, view, working)
    renew(held, curvature, STALE)
    return held, hessian(held, view, working)
