"""How far to go along a direction: to where the slope of a convex objective all but vanishes.

A Newton step of a piecewise quadratic loss needs this: with a step that is merely short enough,
steps run back and forth between the pieces; with an exact one they end (Keerthi and DeCoste 2005,
JMLR 6, 341-361). Slopes come from stored scores, so that no step reads the data.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Share of the first slope that may be left.
LEFT = 0.1
#: Slopes that are evaluated at most.
EVALUATIONS = 60


def exact_steps(
    slope: Callable[[Index, Array], Array], rise: Callable[[Index, Array], Array], first: Array
) -> Array:
    """Step lengths where the slopes of several convex functions are about zero.

    Parameters
    ----------
    slope
        Derivatives at step lengths (k,) of the functions with indices (k,).
    rise
        The functions' values there, less those at zero (and less what rounding may add). A slope
        that is steep at first and soon gentle leaves a small one far beyond the minimum: only a
        fall is accepted.
    first : array (problems,)
        Derivatives at zero; a function that does not fall there gets step 0.

    Returns
    -------
    array (problems,)

    Examples
    --------
    >>> exact_steps(lambda i, t: 2 * (t - 3), lambda i, t: t * (t - 6), np.array([-6.0])).round(1)
    array([3.])
    """
    low, high = np.zeros(len(first)), np.full(len(first), np.inf)
    slope_low, slope_high = first.copy(), np.zeros(len(first))
    step = np.where(first < 0, 1.0, 0.0)
    open_ = np.flatnonzero(first < 0)
    for count in range(EVALUATIONS if len(open_) else 0):
        at = slope(open_, step[open_])
        rising = at > 0
        low[open_] = np.where(rising, low[open_], step[open_])
        slope_low[open_] = np.where(rising, slope_low[open_], at)
        high[open_] = np.where(rising, step[open_], high[open_])
        slope_high[open_] = np.where(rising, at, slope_high[open_])
        flat = np.abs(at) <= LEFT * np.abs(first[open_])
        flat[flat] = rise(open_[flat], step[open_[flat]]) <= 0
        open_ = open_[~flat]
        if not len(open_):
            return step
        step[open_] = _next(low[open_], high[open_], slope_low[open_], slope_high[open_], count)
    # What has not settled stops where its slope is still downhill: there it has fallen, by more
    # than rounding or not at all.
    step[open_] = low[open_]
    step[open_[rise(open_, step[open_]) > 0]] = 0.0
    return step


def _next(low: Array, high: Array, slope_low: Array, slope_high: Array, count: int) -> Array:
    """Four times as far while the function falls; else by secant, every other time halfway."""
    bounded = np.isfinite(high)
    far = np.where(bounded, high, 4.0 * np.maximum(low, 1.0))
    # The minimum may lie at any power of ten of the first step: halve the exponent, not the step.
    middle = np.where(low > 0, np.sqrt(low * far), far / 64.0)
    middle = np.where(far < 4.0 * low, (low + far) / 2, middle)
    fall = slope_high - slope_low
    secant = np.where(fall > 0, low - slope_low * (far - low) / np.where(fall > 0, fall, 1), middle)
    inside = (secant > low) & (secant < far) & (count % 2 == 0)
    return np.where(bounded, np.where(inside, secant, middle), far)
