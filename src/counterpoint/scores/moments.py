"""Sums over observations that a mean and its interval need, block after block.

A table that does not fit in memory is read in blocks; each block gives its `Moments`, and they add
up to those of the whole. So one block and a thousand give the same interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from counterpoint.scores.arrays import FloatArray


@dataclass(frozen=True)
class Moments:
    """Weighted mean and spread of several quantities over the same observations.

    Attributes
    ----------
    n : int
        Observations.
    weight, squared_weight : float
        Σw and Σw².
    mean : array of shape (...)
        Σwv/Σw of each quantity.
    spread : array of shape (...)
        Σw(v − mean)².
    """

    n: int
    weight: float
    squared_weight: float
    mean: FloatArray
    spread: FloatArray

    @property
    def n_effective(self) -> float:
        """Equally weighted observations that tell as much, (Σw)²/Σw² (Kish 1965)."""
        # Weights whose squares vanish tell nothing of how many rows there are.
        return self.weight**2 / self.squared_weight if self.squared_weight > 0.0 else 0.0

    def __add__(self, other: Moments) -> Moments:
        """Moments of both sets of observations (Chan, Golub and LeVeque 1983)."""
        n = self.n + other.n
        if self.weight == 0.0 or other.weight == 0.0:
            return replace(self if other.weight == 0.0 else other, n=n)
        weight = self.weight + other.weight
        with np.errstate(invalid="ignore", over="ignore"):
            step = other.mean - self.mean
            mean = self.mean + step * (other.weight / weight)
            plain = (self.weight * self.mean + other.weight * other.mean) / weight
            mean = np.asarray(np.where(np.isfinite(step), mean, plain))  # an infinite mean stays so
            between = step**2 * (self.weight * other.weight / weight)
            spread = self.spread + other.spread + between
        squares = self.squared_weight + other.squared_weight
        return Moments(n, weight, squares, mean, spread)


def moments_of(values: FloatArray, weight: FloatArray) -> Moments:
    """Moments of quantities of shape (..., n) under weights of shape (n,).

    Where a value is infinite or NaN, its quantity's mean says so and the spread is NaN.

    Examples
    --------
    >>> whole = moments_of(np.array([1.0, 2.0, 3.0, 6.0]), np.ones(4))
    >>> halves = [moments_of(np.array(v), np.ones(2)) for v in ([1.0, 2.0], [3.0, 6.0])]
    >>> float(whole.spread), float((halves[0] + halves[1]).spread)
    (14.0, 14.0)
    """
    total = float(weight.sum())
    if total == 0.0:
        nothing = np.zeros(values.shape[:-1])
        return Moments(weight.size, 0.0, 0.0, nothing, nothing)
    # inf - inf, and squares beyond 1e308, end as NaN or inf without a warning.
    with np.errstate(invalid="ignore", over="ignore"):
        mean = np.asarray((values * weight).sum(axis=-1) / total)
        spread = np.asarray((weight * (values - mean[..., np.newaxis]) ** 2).sum(axis=-1))
    return Moments(weight.size, total, float((weight**2).sum()), mean, spread)
