"""One fold's path in one compiled call, from strong to weak strengths.

What it finds is certified afterwards, on all columns: nothing rests on the estimates made here.
Small problems spend most of their time in Python otherwise, a step of a problem at a time.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.fit.proximal.held import Held, hessian, no_moments, renew, widened
from counterpoint.fit.proximal.margin import Margin, derivatives, slack, value
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
#: Share by which a row's curvature may differ from the model's.
STALE = 0.02
#: Share of the model's first violation that its minimiser may leave.
INNER = 1e-3


@numba.njit(cache=True, nogil=True)
def follow(
    view: View,
    loss: Margin,
    l1: Array,
    ridge: Array,
    tol: float,
    start: Array,
    v: Array,
    z: Array,
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
    everything = np.arange(width)
    w, scores = start.copy(), np.zeros(n)
    add_scores(view, everything, w, scores)
    residual, curvature, slope = np.empty(n), np.empty(n), np.empty(width)
    _look(view, loss, scores, residual, curvature)
    gradient(view, everything, residual, slope)
    aim, objective = PROMISING * tol, np.inf
    at_rest = np.abs(slope[:-1])[w[:-1] == 0.0]
    before = at_rest.max() if len(at_rest) else 0.0
    held = no_moments(n, width)
    for k in range(len(l1)):
        # The sequential strong rule (Tibshirani and others 2012).
        watched = (np.abs(slope) >= 2.0 * l1[k] - before) | (w != 0.0)
        watched[-1] = True
        columns = np.flatnonzero(watched)
        whole, stalled = True, False
        if k > 1:
            support = np.flatnonzero(v[k - 1])
            ahead = np.log(l1[k] / l1[k - 1]) / np.log(l1[k - 1] / l1[k - 2])
            move = min(ahead, 4.0) * (v[k - 1] - v[k - 2])[support]
            there = w[support] + move
            move = np.where((there * w[support] < 0.0) & (support < width - 1), -w[support], move)
            _search(
                view, loss, support, move, l1[k], ridge[k], w, scores, residual, curvature
            )
            gradient(view, columns, residual, slope)
            whole = len(columns) == width
        for _ in range(STEPS):
            done, objective = _near(
                view, loss, scores, slope, residual, w, columns, l1[k], ridge[k], aim, objective
            )
            done |= stalled
            if done and not whole:
                gradient(view, everything, residual, slope)
                whole = True
                missed = (np.abs(slope) > l1[k]) & ~watched
                if missed.any():
                    watched |= missed
                    columns = np.flatnonzero(watched)
                    done = stalled = False
            if done:
                break
            working = _working_set(columns, slope, w, l1[k])
            if len(working) > WORKING_LIMIT:
                return k
            held, direction = _direction(
                held, view, working, curvature, slope, w, l1[k], ridge[k]
            )
            length = _search(
                view, loss, working, direction, l1[k], ridge[k], w, scores, residual, curvature
            )
            stalled = length == 0.0
            gradient(view, columns, residual, slope)
            whole = len(columns) == width
        before = l1[k]
        v[k] = w
        z[k] = 0.0
        support = np.flatnonzero(w)
        add_scores(view, support, w[support], z[k])
        scores[:] = z[k]
    return len(l1)


@numba.njit(cache=True, nogil=True)
def _look(view: View, loss: Margin, z: Array, residual: Array, curvature: Array) -> None:
    """Derivatives of the data loss in the scores."""
    for i in range(len(z)):
        slope, bend = derivatives(loss, view.target[i] * z[i])
        residual[i] = view.weight[i] * view.target[i] * slope
        curvature[i] = view.weight[i] * bend


@numba.njit(cache=True, nogil=True)
def _near(
    view: View,
    loss: Margin,
    z: Array,
    slope: Array,
    residual: Array,
    w: Array,
    columns: Index,
    l1: float,
    ridge: float,
    aim: float,
    objective: float,
) -> tuple[bool, float]:
    """Whether the gap over some columns, about, is a small share of the objective."""
    steepest, last = l1, len(w) - 1
    for j in columns:
        if j != last:
            steepest = max(steepest, abs(slope[j]))
    scale = l1 / steepest
    cost, feasible, plain = 0.0, 0.0, 0.0
    for j in columns:
        if j == last:
            continue
        size, along = abs(w[j]), w[j] * slope[j]
        cost += l1 * size + 0.5 * ridge * size * size
        feasible += l1 * size + scale * along + 0.5 * ridge * size * size
        if ridge > 0.0:
            excess = max(abs(slope[j]) - l1, 0.0)
            plain += (l1 + excess) * size + along + (ridge * size - excess) ** 2 / (2.0 * ridge)
    balance = cost * abs(slope[last]) / max(np.abs(residual).sum(), 1e-300)
    least = min(feasible, plain) if ridge > 0.0 else feasible
    # The objective only falls: while the gap is large even next to an old one, rows can wait.
    if least + balance > aim * objective:
        return False, objective
    objective, lost = cost, 0.0
    for i in range(len(z)):
        objective += view.weight[i] * value(loss, view.target[i] * z[i])
    if ridge > 0.0 and plain + balance <= aim * objective:
        return True, objective
    for i in range(len(z)):
        lost += view.weight[i] * slack(loss, view.target[i] * z[i], scale)
    return feasible + lost + balance <= aim * objective, objective


@numba.njit(cache=True, nogil=True)
def _working_set(columns: Index, slope: Array, w: Array, l1: float) -> Index:
    """What is not zero, the intercept, and the worst violators: as many again and ten."""
    last = len(w) - 1
    kept = (w[columns] != 0.0) | (columns == last)
    pull = np.where(kept, 0.0, np.abs(slope[columns]) - l1)
    most = max(10, 2 * kept.sum())
    wanted = pull > 0.0
    if wanted.sum() > most:
        wanted = pull > np.sort(pull)[len(pull) - most - 1]
    return columns[kept | wanted]


@numba.njit(cache=True, nogil=True)
def _direction(
    held: Held,
    view: View,
    working: Index,
    curvature: Array,
    slope: Array,
    w: Array,
    l1: float,
    ridge: float,
) -> tuple[Held, Array]:
    """The model's minimiser over the working set, less the weights."""
    held, model = _model(view.data, held, view, working, curvature)
    start, free = w[working], working == len(w) - 1
    limit, strength = np.where(free, 0.0, l1), np.where(free, 0.0, ridge)
    make_definite(model, strength, view.unit[working], 1e-12)
    found = minimise_compiled(model, slope[working] + strength * start, start, limit, INNER)
    return held, found - start


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


@numba.njit(cache=True, nogil=True)
def _search(
    view: View,
    loss: Margin,
    working: Index,
    direction: Array,
    l1: float,
    ridge: float,
    w: Array,
    z: Array,
    residual: Array,
    curvature: Array,
) -> float:
    """Go along a direction to where the objective hardly falls; returns how far."""
    dz = np.zeros(len(z))
    add_scores(view, working, direction, dz)
    start, there = w[working], np.empty(len(z))
    free = working == len(w) - 1
    first = float(residual @ dz) + _lean(start, direction, 0.0, free, l1, ridge)
    length, low, slope_low = 1.0, 0.0, first
    if not first < 0.0:
        return 0.0
    for _ in range(30):
        there[:] = z + length * dz
        _look(view, loss, there, residual, curvature)
        here = float(residual @ dz) + _lean(start, direction, length, free, l1, ridge)
        if here <= -0.3 * first and (length == 1.0 or here >= 0.9 * first):
            break
        if here > 0.0:
            # By secant, well inside the bracket.
            ahead = slope_low / (slope_low - here)
            length = low + min(max(ahead, 0.05), 0.9) * (length - low)
        else:
            break
    z[:] = there
    w[working] = start + length * direction
    return length


@numba.njit(cache=True, nogil=True)
def _lean(
    start: Array, direction: Array, length: float, free: npt.NDArray[np.bool_], l1: float,
    ridge: float,
) -> float:
    """The penalty's slope along a direction: at its start to the right, elsewhere to the left."""
    total = 0.0
    for a in range(len(start)):
        if free[a]:
            continue
        here, by = start[a] + length * direction[a], direction[a]
        if here == 0.0:
            total += l1 * (abs(by) if length == 0.0 else -abs(by))
        else:
            total += l1 * by * np.sign(here)
        total += ridge * here * by
    return total
