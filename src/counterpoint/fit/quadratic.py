"""The quadratic model with an L1 part that each proximal Newton step minimises."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Rounds of coordinate descent and exact solves on the support.
ROUNDS = 100
#: Sweeps of coordinate descent between two exact solves.
SWEEPS = 10


@numba.njit(cache=True)
def _sweep(hessian: Array, slope: Array, x: Array, threshold: Array, sweeps: int) -> float:
    """Cyclic coordinate descent; ``slope`` is the quadratic's gradient at x, kept up to date.

    Returns the greatest decrease of the last sweep, in units of the model.
    """
    greatest = 0.0
    for _ in range(sweeps):
        greatest = 0.0
        for j in range(len(x)):
            curvature = hessian[j, j]
            v = x[j] - slope[j] / curvature
            t = threshold[j] / curvature
            if v > t:
                fresh = v - t
            elif v < -t:
                fresh = v + t
            else:
                fresh = 0.0
            move = fresh - x[j]
            if move != 0.0:
                x[j] = fresh
                for k in range(len(x)):
                    slope[k] += move * hessian[j, k]
                greatest = max(greatest, move * move * curvature)
        if greatest == 0.0:
            break
    return greatest


def minimise(hessian: Array, gradient: Array, start: Array, threshold: Array) -> Array:
    """Minimise gradient·(x - start) + (x - start)ᵀ hessian (x - start)/2 + Σ threshold |x|.

    Coordinate descent finds the support; an exact solve on it, up to the first change of sign,
    spares the thousands of sweeps that an ill-conditioned model would take.

    Parameters
    ----------
    hessian : array (s, s), positive definite
    gradient, start : array (s,)
        The smooth part's gradient at ``start``.
    threshold : array (s,)
        Weight of each |x|; zero for intercepts.

    Returns
    -------
    array (s,)

    Examples
    --------
    >>> minimise(np.eye(2), np.array([-3.0, 0.5]), np.zeros(2), np.ones(2))
    array([2., 0.])
    """
    x = start.copy()
    slope = gradient.copy()
    for _ in range(ROUNDS):
        before = x.copy()
        _sweep(hessian, slope, x, threshold, SWEEPS)
        support = np.flatnonzero((x != 0) | (threshold == 0))
        _solve_on_support(hessian, slope, x, threshold, support)
        slope = gradient + hessian @ (x - start)
        if _stationarity(slope, x, threshold) <= 1e-9 * _scale(slope, threshold):
            break
        if np.array_equal(before, x):
            break
    return x


def _solve_on_support(
    hessian: Array, slope: Array, x: Array, threshold: Array, support: Index
) -> None:
    """Move x to the model's minimum on its support with its signs, or to the first zero."""
    if not len(support):
        return
    sign = np.sign(x[support])
    system = hessian[np.ix_(support, support)]
    target = -(slope[support] + threshold[support] * sign)
    try:
        move = np.linalg.solve(system, target)
    except np.linalg.LinAlgError:
        return
    here = x[support]
    crossing = (threshold[support] > 0) & (sign * (here + move) < 0)
    length = 1.0
    if crossing.any():
        reach = -here[crossing] / move[crossing]
        length = float(reach.min())
    x[support] = here + length * move
    if crossing.any():
        first = support[crossing][int(np.argmin(reach))]
        x[first] = 0.0


def _stationarity(slope: Array, x: Array, threshold: Array) -> float:
    """Greatest violation of the optimality conditions."""
    at_zero = np.maximum(np.abs(slope) - threshold, 0.0)
    elsewhere = np.abs(slope + threshold * np.sign(x))
    return float(np.where((x == 0) & (threshold > 0), at_zero, elsewhere).max(initial=0.0))


def _scale(slope: Array, threshold: Array) -> float:
    return float(max(np.abs(slope).max(initial=0.0), threshold.max(initial=0.0)))
