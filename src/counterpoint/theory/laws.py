"""The law of one prediction's loss where predictions are Dirichlet, in the manner of scipy.stats.

Each law has mean, var, std, support, cdf, quantile and sample.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincc, betainccinv, betaincinv, polygamma, psi

from counterpoint.theory.beta_mixture import beta_mean
from counterpoint.theory.quantiles import checked_probability, invert
from counterpoint.theory.square_sum import SquareSum

Array = npt.NDArray[np.float64]

#: Seed, or source, of random draws.
Seed = int | np.random.Generator | None


class Law(ABC):
    """The law of a random number.

    Examples
    --------
    >>> from counterpoint.theory.dirichlet_losses import loss_law
    >>> law = loss_law("brier", [1.0, 1.0, 1.0], t=0.4)
    >>> print(f"{law.mean():.4f} ± {law.std():.4f}, 95% below {law.quantile(0.95):.4f}")
    0.6000 ± 0.0537, 95% below 0.7024
    """

    @abstractmethod
    def mean(self) -> float:
        """Expectation, in closed form."""

    @abstractmethod
    def var(self) -> float:
        """Variance, in closed form."""

    def std(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.var())

    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Least and greatest value."""

    @abstractmethod
    def cdf(self, x: npt.ArrayLike) -> Array:
        """P(loss <= x), of the shape of x."""

    @abstractmethod
    def quantile(self, p: npt.ArrayLike) -> Array:
        """The least x with P(loss <= x) >= p, of the shape of p.

        Raises
        ------
        InputError
            A p is outside [0, 1].
        """

    @abstractmethod
    def sample(self, size: int, seed: Seed = None) -> Array:
        """Independent draws, shape (size,); the same for the same seed."""


@dataclass(frozen=True)
class PointLaw(Law):
    """One value, always: what a loss is that depends on the true class's probability alone."""

    value: float

    def mean(self) -> float:
        return self.value

    def var(self) -> float:
        return 0.0

    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def cdf(self, x: npt.ArrayLike) -> Array:
        value = np.asarray(x, dtype=np.float64)
        return np.where(np.isnan(value), np.nan, np.where(value >= self.value, 1.0, 0.0))

    def quantile(self, p: npt.ArrayLike) -> Array:
        return np.full_like(checked_probability(p), self.value)

    def sample(self, size: int, seed: Seed = None) -> Array:
        return np.full(size, self.value)


@dataclass(frozen=True)
class BrierGivenTruth(Law):
    """B = scale·(1 + S), with scale (1 - t)² for the Brier score at p_y = t.

    S = Σ q_j² over the other classes' shares q = p_j/(1 - t), which for Dirichlet predictions are
    Dirichlet and independent of t.
    """

    spread: SquareSum
    scale: float

    def mean(self) -> float:
        return self.scale * (1.0 + self.spread.mean)

    def var(self) -> float:
        return self.scale**2 * self.spread.variance

    def support(self) -> tuple[float, float]:
        low, high = self.spread.support
        return self.scale * (1.0 + low), self.scale * (1.0 + high)

    def cdf(self, x: npt.ArrayLike) -> Array:
        return self.spread.cdf(np.asarray(x, dtype=np.float64) / self.scale - 1.0)

    def quantile(self, p: npt.ArrayLike) -> Array:
        return self.scale * (1.0 + self.spread.quantile(p))

    def sample(self, size: int, seed: Seed = None) -> Array:
        return self.scale * (1.0 + self.spread.sample(size, np.random.default_rng(seed)))


@dataclass(frozen=True)
class Brier(Law):
    """The Brier score times ``scale``, with p_y ~ Beta(own, others) and the rest as given p_y."""

    spread: SquareSum
    own: float
    others: float
    scale: float

    def mean(self) -> float:
        return self.scale * self._power(2) * (1.0 + self.spread.mean)

    def var(self) -> float:
        second = self.spread.variance + (1.0 + self.spread.mean) ** 2
        return self.scale**2 * self._power(4) * second - self.mean() ** 2

    def var_explained(self) -> float:
        """Share of the variance that p_y explains: 1 - E[var(B | p_y)] / var(B)."""
        left = self.scale**2 * self._power(4) * self.spread.variance
        return 1.0 - left / self.var()

    def support(self) -> tuple[float, float]:
        return 0.0, 2.0 * self.scale

    def cdf(self, x: npt.ArrayLike) -> Array:
        """P(loss <= x), to 1e-6: the mean over p_y of the distribution function given it."""
        value = np.ravel(np.asarray(x, dtype=np.float64)) / self.scale
        inside = np.where(np.isnan(value), np.nan, np.where(value >= 2.0, 1.0, 0.0))
        # Written in p_y or in 1 - p_y, whichever is small and so keeps its digits.
        low, high = (value > 0.0) & (value < 0.5), (value >= 0.5) & (value < 2.0)
        inside[low] = self._by_miss(value[low])
        inside[high] = self._by_truth(value[high])
        return np.clip(inside, 0.0, 1.0).reshape(np.shape(x))

    def _by_miss(self, x: Array) -> Array:
        """By u = 1 - p_y: below the least bend the score is below x whatever S is."""
        bends = self._misses(x)

        def given_miss(row: npt.NDArray[np.intp], u: Array) -> Array:
            return self.spread.cdf(x[row] / u**2 - 1.0)

        sure = betainc(self.others, self.own, bends[:, 0])
        return np.asarray(sure + beta_mean(given_miss, bends, self.others, self.own))

    def _by_truth(self, x: Array) -> Array:
        """By t = p_y: above the greatest bend the score is below x whatever S is."""
        bends = np.maximum(1.0 - self._misses(x), 0.0)

        def given_truth(row: npt.NDArray[np.intp], t: Array) -> Array:
            return self.spread.cdf(x[row] / (1.0 - t) ** 2 - 1.0)

        sure = betaincc(self.own, self.others, bends[:, 0])
        return np.asarray(sure + beta_mean(given_truth, bends, self.own, self.others))

    def _misses(self, x: Array) -> Array:
        """1 - p_y where S is 1/k, for the k at which its law bends; shape (n, bends)."""
        m = len(self.spread.concentration)
        shares = np.array([*range(1, min(m, 8) + 1), m])
        return np.sqrt(x[:, None] * (shares / (shares + 1.0)))

    def quantile(self, p: npt.ArrayLike) -> Array:
        return invert(self.cdf, p, self.support())

    def sample(self, size: int, seed: Seed = None) -> Array:
        rng = np.random.default_rng(seed)
        miss = rng.beta(self.others, self.own, size)  # 1 - p_y, exact where it is small
        return self.scale * miss**2 * (1.0 + self.spread.sample(size, rng))

    def _power(self, k: int) -> float:
        """E[(1 - p_y)^k]."""
        total = self.own + self.others
        return math.prod((self.others + i) / (total + i) for i in range(k))


@dataclass(frozen=True)
class LogLoss(Law):
    """-ln p_y with p_y ~ Beta(own, others): all in closed form."""

    own: float
    others: float

    def mean(self) -> float:
        return float(psi(self.own + self.others) - psi(self.own))

    def var(self) -> float:
        return float(polygamma(1, self.own) - polygamma(1, self.own + self.others))

    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def cdf(self, x: npt.ArrayLike) -> Array:
        value = np.maximum(np.asarray(x, dtype=np.float64), 0.0)
        # Each form keeps its digits where the other loses them.
        by_miss = betainc(self.others, self.own, -np.expm1(-value))
        return np.where(value < 1.0, by_miss, betaincc(self.own, self.others, np.exp(-value)))

    def quantile(self, p: npt.ArrayLike) -> Array:
        probability = checked_probability(p)
        truth = betainccinv(self.own, self.others, probability)
        miss = betaincinv(self.others, self.own, probability)
        with np.errstate(divide="ignore"):
            return np.where(truth < 0.5, -np.log(truth), -np.log1p(-miss))

    def sample(self, size: int, seed: Seed = None) -> Array:
        return -np.log(np.random.default_rng(seed).beta(self.own, self.others, size))
