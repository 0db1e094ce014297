"""The law of S = Σ q_j² for q ~ Dirichlet(a): how evenly the rest of a prediction is spread.

S runs from 1/m, all m classes alike, to 1, one class alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.theory.characteristic import characteristic_cdf
from counterpoint.theory.quantiles import invert
from counterpoint.theory.square_moments import square_moments
from counterpoint.theory.stick_breaking import stick_breaking_cdf

Array = npt.NDArray[np.float64]

#: From so many classes, and so large a sum of the concentrations, on the characteristic function
#: is smooth enough to be inverted.
_MANY, _DENSE = 100, 50.0
#: Classes that are added one by one within some ten seconds.
_MOST_STEPS = 400
#: Cells of a block of random draws.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class SquareSum:
    """S = Σ q_j² for q ~ Dirichlet(a).

    Attributes
    ----------
    concentration : array of shape (m,)
        a_1 … a_m, each above 0.

    Examples
    --------
    >>> law = SquareSum(np.ones(9))
    >>> round(law.mean, 3), round(law.variance**0.5, 4)
    (0.2, 0.0492)
    >>> float(law.cdf(0.25).round(4))
    0.8686
    """

    concentration: Array

    @property
    def support(self) -> tuple[float, float]:
        """1/m and 1."""
        return 1.0 / len(self.concentration), 1.0

    @property
    def mean(self) -> float:
        """Expectation."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Variance."""
        return self._moments[1]

    def cdf(self, s: npt.ArrayLike) -> Array:
        """P(S <= s), to 1e-6.

        Closed form up to two classes. But for a distance of 1e-8 from 1, where with small a the
        function jumps.
        """
        value = np.asarray(s, dtype=np.float64)
        low, high = self.support
        inside = np.clip(self._inside(value), 0.0, 1.0)
        return np.where(value >= high, 1.0, np.where(value <= low, 0.0, inside))

    def quantile(self, p: npt.ArrayLike) -> Array:
        """The least s with P(S <= s) >= p, for p in [0, 1]."""
        return invert(self.cdf, p, self.support)

    def sample(self, size: int, rng: np.random.Generator) -> Array:
        """Independent draws, shape (size,)."""
        rows = max(1, _BLOCK // len(self.concentration))
        blocks = [min(rows, size - start) for start in range(0, size, rows)]
        draws = [(rng.dirichlet(self.concentration, n) ** 2).sum(axis=1) for n in blocks]
        return np.concatenate([*draws, np.empty(0)])

    @cached_property
    def _moments(self) -> tuple[float, float]:
        return square_moments(self.concentration)

    @cached_property
    def _inside(self) -> Callable[[Array], Array]:
        """The distribution function inside the support."""
        a, m = self.concentration, len(self.concentration)
        if m == 1:
            return np.zeros_like
        if m >= _MANY and a.sum() >= _DENSE:
            return characteristic_cdf(a, self.mean, self.variance**0.5)
        if m > _MOST_STEPS:
            raise InputError(
                f"{m + 1:,} classes with concentrations that sum to {a.sum():g} are too many to "
                f"work out probabilities for (mean and variance are exact all the same): take at "
                f"most {_MOST_STEPS + 1} classes, or concentrations that sum to {_DENSE:g} or more."
            )
        return stick_breaking_cdf(a)
