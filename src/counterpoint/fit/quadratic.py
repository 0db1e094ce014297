"""The quadratic model with an L1 part that each proximal Newton step minimises."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Rounds of coordinate descent and exact solves on the support.
ROUNDS = 100
#: Sweeps of coordinate descent between two exact solves, at least.
SWEEPS = 10
#: Weights on the support for which an exact solve costs as much as one more sweep.
WEIGHTS_PER_SWEEP = 30


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
        Violation of the optimality conditions that may be left, as a share of that at the start.

    Returns
    -------
    array (s,)

    Examples
    --------
    >>> minimise(np.eye(2), np.array([-3.0, 0.5]), np.zeros(2), np.ones(2))
    array([2., 0.])
    """
    return np.asarray(_minimise(hessian, gradient, start, threshold, accuracy))


@numba.njit(cache=True, nogil=True)
def _minimise(
    hessian: Array, gradient: Array, start: Array, threshold: Array, accuracy: float
) -> Array:
    x = start.copy()
    slope = gradient.copy()
    before = x.copy()
    rounding = 1e-15 * max(np.abs(slope).max(), threshold.max())
    goal = max(accuracy * _violation(slope, x, threshold), rounding)
    for _ in range(ROUNDS):
        before[:] = x
        support = _sweeps(hessian, slope, x, threshold)
        _refresh(hessian, slope, gradient, x, start)
        if _violation(slope, x, threshold) <= goal:
            break
        _solve_on_support(hessian, slope, x, threshold, support)
        _refresh(hessian, slope, gradient, x, start)
        if _violation(slope, x, threshold) <= goal or (before == x).all():
            break
    return x


@numba.njit(cache=True, nogil=True)
def _sweeps(hessian: Array, slope: Array, x: Array, threshold: Array) -> npt.NDArray[np.intp]:
    """Cyclic coordinate descent; ``slope``, the gradient at x, is kept up to date.

    Returns the support: what is not zero, and intercepts.
    """
    size = len(x)
    support = np.empty(size, dtype=np.intp)
    count = 0
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
        count = 0
        for j in range(size):
            if x[j] != 0.0 or threshold[j] == 0.0:
                support[count] = j
                count += 1
        # As many sweeps as the exact solve that follows will cost.
        if not moved or sweep >= SWEEPS + count // WEIGHTS_PER_SWEEP:
            return support[:count]


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
def _solve_on_support(  # noqa: C901  (Numba's loops stay in one piece)
    hessian: Array, slope: Array, x: Array, threshold: Array, support: npt.NDArray[np.intp]
) -> None:
    """Move x to the model's minimum on its support with its signs, or as near as signs allow.

    Weights that would change sign end at zero where that lowers the model; else all stop where
    the first of them meets zero.
    """
    size = len(support)
    if size == 0:
        return
    system = np.empty((size, size))
    target = np.empty(size)
    for a in range(size):
        i = support[a]
        target[a] = -(slope[i] + threshold[i] * np.sign(x[i]))
        for b in range(size):
            system[a, b] = hessian[i, support[b]]
    if not _factor(system):
        return
    move = _solve(system, target)
    reach, first = 1.0, -1
    for a in range(size):
        i = support[a]
        if threshold[i] > 0.0 and x[i] * (x[i] + move[a]) < 0.0:
            length = -x[i] / move[a]
            if length < reach:
                reach, first = length, a
    if first >= 0:
        clipped = move.copy()
        for a in range(size):
            i = support[a]
            if threshold[i] > 0.0 and x[i] * (x[i] + move[a]) < 0.0:
                clipped[a] = -x[i]
        if _change(hessian, slope, x, threshold, support, clipped) < 0.0:
            move, reach, first = clipped, 1.0, -1
    for a in range(size):
        x[support[a]] += reach * move[a]
    if first >= 0:
        x[support[first]] = 0.0


@numba.njit(cache=True, nogil=True)
def _change(
    hessian: Array,
    slope: Array,
    x: Array,
    threshold: Array,
    support: npt.NDArray[np.intp],
    move: Array,
) -> float:
    """What a move on the support adds to the model."""
    total = 0.0
    for a in range(len(support)):
        i = support[a]
        bend = 0.0
        for b in range(len(support)):
            bend += hessian[i, support[b]] * move[b]
        total += move[a] * (slope[i] + 0.5 * bend)
        total += threshold[i] * (abs(x[i] + move[a]) - abs(x[i]))
    return total


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _factor(system: Array) -> bool:
    """Cholesky factor in place, lower triangle; False where the matrix is not positive definite."""
    size = len(system)
    for i in range(size):
        for j in range(i):
            total = system[i, j]
            for k in range(j):
                total -= system[i, k] * system[j, k]
            system[i, j] = total / system[j, j]
        pivot = system[i, i]
        for k in range(i):
            pivot -= system[i, k] * system[i, k]
        if not pivot > 0.0:
            return False
        system[i, i] = np.sqrt(pivot)
    return True


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
