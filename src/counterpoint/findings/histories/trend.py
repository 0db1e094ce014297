"""What of a series is trend and what is noise: robust, and without a law of the noise assumed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: A median absolute deviation times this is the standard deviation of normal noise.
_MAD = 1.4826
#: Points of which all pairs are compared; longer series are averaged in blocks to so many.
MOST = 400
#: Share of the greatest z of few points that counts as a trend.
_OF_GREATEST = 2.0 / 3.0


def thinned(values: Array, most: int = MOST) -> Array:
    """Means of equal blocks, so that at most so many points are left.

    Examples
    --------
    >>> thinned(np.arange(10.0), most=5)
    array([0.5, 2.5, 4.5, 6.5, 8.5])
    """
    if len(values) <= most:
        return values
    ends = np.linspace(0, len(values), most + 1).astype(int)
    return np.asarray(np.add.reduceat(values, ends[:-1]) / np.diff(ends))


def noise(values: Array) -> float:
    """Standard deviation of the noise around a smooth course, from second differences.

    v[i-1] - 2 v[i] + v[i+1] of independent noise has six times its variance, and next to nothing of
    a smooth course (Gasser, Sroka and Jennen-Steinmetz 1986, doi:10.1093/biomet/73.3.625). Their
    median absolute value stands for it, so that single jumps do not count. NaN for fewer than five
    points.

    Examples
    --------
    >>> steps = np.random.default_rng(0).normal(0.0, 0.1, 2000)
    >>> print(f"{noise(np.linspace(5.0, 1.0, 2000) + steps):.2f}")
    0.10
    """
    if len(values) < 5:
        return math.nan
    second = values[:-2] - 2.0 * values[1:-1] + values[2:]
    return float(_MAD * np.median(np.abs(second)) / math.sqrt(6.0))


def kendall_z(values: Array) -> float:
    """How far pairs rise more often than they fall, in standard deviations: the Mann-Kendall test.

    Examples
    --------
    >>> print(f"{kendall_z(np.arange(10.0)):.2f}")
    3.94
    >>> kendall_z(np.array([1.0, 1.0, 1.0, 1.0]))
    0.0
    """
    v = thinned(values)
    n = len(v)
    if n < 4:
        return 0.0
    later, earlier = np.tril_indices(n, -1)
    signs = float(np.sign(v[later] - v[earlier]).sum())
    _, ties = np.unique(v, return_counts=True)
    tied = float((ties * (ties - 1) * (2 * ties + 5)).sum())
    variance = (n * (n - 1) * (2 * n + 5) - tied) / 18.0
    if variance <= 0.0:
        return 0.0
    return (signs - math.copysign(1.0, signs)) / math.sqrt(variance) if signs else 0.0


def rises(values: Array, deviations: float) -> bool:
    """Whether a series rises by so many standard deviations of Mann and Kendall's test.

    Few points can't reach them even if each is above the last: then two thirds of what so many
    points can reach will do.

    Examples
    --------
    >>> rises(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 3.0), rises(np.array([1.0, 3.0, 2.0, 1.0]), 3.0)
    (True, False)
    """
    n = min(len(values), MOST)
    if n < 4:
        return False
    greatest = (n * (n - 1) / 2 - 1) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    return kendall_z(values) > min(deviations, _OF_GREATEST * greatest)


def window(n: int) -> int:
    """Points of a series of n that are taken together for a level: an odd number.

    Examples
    --------
    >>> [window(n) for n in (5, 12, 40, 200, 1000)]
    [1, 3, 7, 11, 51]
    """
    return 1 if n < 8 else 3 if n < 30 else 2 * (n // 40) + (5 if n < 80 else 1)


def smooth(values: Array, width: int) -> Array:
    """Running medians; at the ends of what is there. Long series are averaged in blocks first.

    Examples
    --------
    >>> smooth(np.array([1.0, 9.0, 2.0, 3.0, 3.0]), 3)
    array([5., 2., 3., 3., 3.])
    """
    n, half = len(values), width // 2
    if half == 0 or n < max(3, width):
        return values
    if n > 2 * MOST:
        short = thinned(values)
        middles = (np.arange(len(short)) + 0.5) * n / len(short) - 0.5
        return np.interp(np.arange(n), middles, smooth(short, window(len(short))))
    inner = np.median(np.lib.stride_tricks.sliding_window_view(values, width), axis=1)
    first = [np.median(values[: i + half + 1]) for i in range(half)]
    last = [np.median(values[i - half :]) for i in range(n - half, n)]
    return np.concatenate((first, inner, last))


def slope_ratio(values: Array) -> float:
    """Mean slope of the last half over that of the first: one for a straight line."""
    middle = len(values) // 2
    first = (values[middle] - values[0]) / max(1, middle)
    last = (values[-1] - values[middle]) / max(1, len(values) - 1 - middle)
    return float(last / first) if first else math.nan
