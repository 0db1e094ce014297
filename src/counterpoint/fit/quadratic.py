"""The quadratic model with an L1 part that each proximal Newton step minimises."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Rounds of coordinate descent and one exact solve on the support.
ROUNDS = 10
#: Rounds that let in one weight at a time and then solve until no sign changes, beyond those.
CAREFUL_ROUNDS = 300
#: Sweeps of coordinate descent between two exact solves, at least.
SWEEPS = 10
#: Weights on the support for which an exact solve costs as much as one more sweep.
WEIGHTS_PER_SWEEP = 200
#: Weights on the support beyond which sweeps alone have to do.
EXACT_LIMIT = 5000


def minimise(
    hessian: Array, gradient: Array, start: Array, threshold: Array, accuracy: float = 1e-9
) -> Array:
    """Minimise gradient·(x - start) + (x - start)ᵀ hessian (x - start)/2 + Σ threshold |x|.

    Coordinate descent finds the support; an exact solve on it spares the thousands of sweeps that
    an ill-conditioned model would take.

    Parameters
    ----------
    hessian : array (s, s), positive definite
    gradient, start : array (s,)
        The smooth part's gradient at ``start``.
    threshold : array (s,)
        Weight of each |x|; zero for intercepts.
    accuracy
        Violation of the optimality conditions that may be left, as a share of that at the start
        and of the greatest threshold.

    Returns
    -------
    array (s,)

    Examples
    --------
    >>> minimise(np.eye(2), np.array([-3.0, 0.5]), np.zeros(2), np.ones(2))
    array([2., 0.])
    """
    return np.asarray(minimise_compiled(hessian, gradient, start, threshold, accuracy))


@numba.njit(cache=True, nogil=True)
def minimise_compiled(
    hessian: Array, gradient: Array, start: Array, threshold: Array, accuracy: float
) -> Array:
    """`minimise`, for compiled code to call."""
    x = start.copy()
    slope = gradient.copy()
    before = x.copy()
    # Where the penalty is weak the first slopes say nothing of how small the last must be.
    goal = accuracy * _violation(slope, x, threshold)
    if threshold.max() > 0.0:
        goal = min(goal, accuracy * threshold.max())
    goal = max(goal, 1e-16 * np.abs(slope).max())
    for count in range(ROUNDS + CAREFUL_ROUNDS):
        careful = count >= ROUNDS
        before[:] = x
        if careful:
            support = _let_in(hessian, slope, x, threshold)
        else:
            support = _sweeps(hessian, slope, x, threshold)
        _refresh(hessian, slope, gradient, x, start)
        if _violation(slope, x, threshold) <= goal:
            break
        for _ in range(len(support) if careful else 1):
            settled = _solve_on_support(hessian, slope, x, threshold, support)
            _refresh(hessian, slope, gradient, x, start)
            if settled:
                break
            support = _support(x, threshold)
        if _violation(slope, x, threshold) <= goal or (before == x).all():
            break
    return x


@numba.njit(cache=True, nogil=True)
def make_definite(hessian: Array, ridge: Array, unit: Array, rounding: float) -> None:
    """Add the ridge to a Hessian, and as much more as rounding may have taken from it.

    Parameters
    ----------
    hessian : array (s, s)
        Changed in place.
    ridge : array (s,)
    unit : array (s,)
        Mean square of each column.
    rounding
        Relative error of the Hessian's entries.
    """
    least, most = np.inf, 0.0
    for j in range(len(ridge)):
        hessian[j, j] += ridge[j]
        least, most = min(least, hessian[j, j]), max(most, hessian[j, j])
        hessian[j, j] += rounding * hessian[j, j] + 1e-300
    if least <= 1e-9 * most:
        # Where the loss is linear there is no curvature: a trace of the column's own mean square
        # makes the model definite, whatever the column's unit.
        for j in range(len(ridge)):
            hessian[j, j] += 1e-12 * unit[j]


@numba.njit(cache=True, nogil=True)
def _sweeps(hessian: Array, slope: Array, x: Array, threshold: Array) -> npt.NDArray[np.intp]:
    """Cyclic coordinate descent; ``slope``, the gradient at x, is kept up to date.

    Returns the support.
    """
    size = len(x)
    sweep = 0
    while True:
        moved = False
        for j in range(size):
            if x[j] == 0.0 and abs(slope[j]) <= threshold[j]:
                continue
            curvature = hessian[j, j]
            v = x[j] - slope[j] / curvature
            t = threshold[j] / curvature
            fresh = v - t if v > t else (v + t if v < -t else 0.0)
            move = fresh - x[j]
            if move != 0.0:
                moved = True
                x[j] = fresh
                for k in range(size):
                    slope[k] += move * hessian[j, k]
        sweep += 1
        support = _support(x, threshold)
        # As many sweeps as the exact solve that follows will cost.
        if not moved or sweep >= SWEEPS + len(support) // WEIGHTS_PER_SWEEP:
            return support


@numba.njit(cache=True, nogil=True)
def _support(x: Array, threshold: Array) -> npt.NDArray[np.intp]:
    """What is not zero, and intercepts."""
    return np.flatnonzero((x != 0.0) | (threshold == 0.0))


@numba.njit(cache=True, nogil=True)
def _let_in(hessian: Array, slope: Array, x: Array, threshold: Array) -> npt.NDArray[np.intp]:
    """Move the one weight at zero that violates its condition most; returns the support.

    With an exact solve after each, no support comes back: what sweeps do not give where the model
    is all but singular (feature-sign search, Lee and others 2006).
    """
    worst, greatest = -1, 0.0
    for j in range(len(x)):
        excess = abs(slope[j]) - threshold[j]
        if x[j] == 0.0 and excess > greatest:
            worst, greatest = j, excess
    if worst >= 0:
        x[worst] = -np.sign(slope[worst]) * greatest / hessian[worst, worst]
    return _support(x, threshold)


@numba.njit(cache=True, nogil=True)
def _refresh(hessian: Array, slope: Array, gradient: Array, x: Array, start: Array) -> None:
    """The gradient at x afresh: updates leave rounding behind."""
    slope[:] = gradient
    for j in range(len(x)):
        move = x[j] - start[j]
        if move != 0.0:
            for k in range(len(x)):
                slope[k] += move * hessian[j, k]


@numba.njit(cache=True, nogil=True)
def _solve_on_support(
    hessian: Array, slope: Array, x: Array, threshold: Array, support: npt.NDArray[np.intp]
) -> bool:
    """Go from x to the minimum on its support with its signs, or to the least value on the way.

    Returns whether that minimum was reached.
    """
    size = len(support)
    if size > EXACT_LIMIT:
        return True
    system, target = np.empty((size, size)), np.empty(size)
    for a in range(size):
        i = support[a]
        target[a] = -(slope[i] + threshold[i] * np.sign(x[i]))
        for b in range(size):
            system[a, b] = hessian[i, support[b]]
    try:
        factor: Any = np.linalg.cholesky(system)
    except Exception:  # not positive definite; Numba knows no narrower class
        return True
    move = _solve(factor, target)
    length, at_zero = least_on_the_way(x[support], move, float(move @ target), threshold[support])
    for a in range(size):
        x[support[a]] += length * move[a]
    if at_zero >= 0:
        x[support[at_zero]] = 0.0
    return length == 1.0


@numba.njit(cache=True, nogil=True)
def least_on_the_way(x: Array, move: Array, fall: float, threshold: Array) -> tuple[float, int]:
    """Where the model is least between x and x + move, and which weight is at zero there, or -1.

    ``fall`` is minus the model's slope at the start; without changes of sign the slope would be
    zero at the end.
    """
    crossing = np.full(len(x), np.inf)
    for a in range(len(x)):
        if threshold[a] > 0.0 and x[a] * (x[a] + move[a]) < 0.0:
            crossing[a] = -x[a] / move[a]
    # The penalty's slope rises where a weight changes its sign.
    length, risen = 1.0, 0.0
    for a in np.argsort(crossing):
        if not crossing[a] < length:
            break
        risen += 2.0 * threshold[a] * abs(move[a])
        if fall * (crossing[a] - 1.0) + risen >= 0.0:
            return crossing[a], a
        length = 1.0 - risen / fall
    return length, -1


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _solve(factor: Array, target: Array) -> Array:
    """Solve factor factorᵀ x = target."""
    size = len(target)
    x = target.copy()
    for i in range(size):
        total = x[i]
        for k in range(i):
            total -= factor[i, k] * x[k]
        x[i] = total / factor[i, i]
    for i in range(size - 1, -1, -1):
        x[i] /= factor[i, i]
        for k in range(i):
            x[k] -= factor[i, k] * x[i]
    return x


@numba.njit(cache=True, nogil=True)
def _violation(slope: Array, x: Array, threshold: Array) -> float:
    """Greatest violation of the optimality conditions."""
    greatest = 0.0
    for j in range(len(x)):
        if x[j] == 0.0:
            greatest = max(greatest, abs(slope[j]) - threshold[j])
        else:
            greatest = max(greatest, abs(slope[j] + threshold[j] * np.sign(x[j])))
    return greatest
