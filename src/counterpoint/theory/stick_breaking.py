"""P(Σ q_j² <= s) for Dirichlet q, by adding one class at a time: for few classes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from counterpoint.theory.beta_mixture import beta_mean
from counterpoint.theory.panels import Panels, fit_panels
from counterpoint.theory.square_moments import square_moments

Array = npt.NDArray[np.float64]

#: Up to so many equal shares the law of the sum bends too sharply to integrate across.
_SHARP = 8


def stick_breaking_cdf(concentration: Array, tolerance: float = 1e-8) -> Callable[[Array], Array]:
    """P(S <= s) as a function of s, for S = Σ q_j² and q ~ Dirichlet(a), from two classes on.

    A class's share b is a beta variable and independent of what the others have of the rest
    (Sethuraman 1994), so S = b² + (1 - b)² S', S' being that sum over the others. One class added
    is then one integral over b of the distribution function before. An error of size d in that
    function passes on as d at most, so errors of all steps add up to no more than their sum.

    Parameters
    ----------
    concentration : array of shape (m,)
        a_1 … a_m.
    tolerance
        Of each step.

    Notes
    -----
    The steps' polynomials are in r = √(S - 1/m), the distance of q from the middle of the simplex.
    The distribution function is smooth in it but where the sphere of that radius meets the middle
    of a face, at S = 1/k for k equal shares.
    """
    a = np.sort(concentration)[::-1]
    inner = _of_two(float(a[0]), float(a[1]))
    for m in range(3, len(a) + 1):
        alike = a[0] == a[m - 1]
        # A class picked with probability q_j has one more in its beta law, and where all classes
        # are alike the others stay Dirichlet(a, …, a): then no pole at b = 0 can arise.
        alpha = float(a[m - 1]) + alike
        mean, variance = square_moments(a[:m])
        # The law may be too narrow for a grid to notice.
        bulk = mean + math.sqrt(variance) * np.array([-8.0, -2.0, 2.0, 8.0])
        panels = _add_class(inner, bulk, m, alpha, float(a[: m - 1].sum()), tolerance)
        inner = _by_sum(panels, m)
    return inner


def _of_two(first: float, second: float) -> Callable[[Array], Array]:
    """P(q² + (1 - q)² <= s) for q ~ Beta: q lies within √(2s - 1)/2 of 1/2."""

    def cdf(s: Array) -> Array:
        width = np.sqrt(np.clip(2.0 * s - 1.0, 0.0, 1.0))
        # (1 - width)/2 without losing digits where s is near 1.
        low = np.clip((1.0 - s) / (1.0 + width), 0.0, 1.0)
        inside = betainc(first, second, (1.0 + width) / 2.0) - betainc(first, second, low)
        return np.where(s <= 0.5, 0.0, np.where(s >= 1.0, 1.0, inside))

    return cdf


def _by_sum(panels: Panels, m: int) -> Callable[[Array], Array]:
    def cdf(s: Array) -> Array:
        value = panels(np.sqrt(np.clip(s - 1.0 / m, 0.0, None)))
        return np.where(s >= 1.0, 1.0, np.clip(value, 0.0, 1.0))

    return cdf


def _add_class(
    inner: Callable[[Array], Array],
    bulk: Array,
    m: int,
    alpha: float,
    beta: float,
    tolerance: float,
) -> Panels:
    """The distribution function for m classes from that for m - 1, b ~ Beta(alpha, beta)."""
    shares = np.array([*range(1, min(m - 1, _SHARP + 1)), m - 1])

    def cdf(r: Array) -> Array:
        s = 1.0 / m + r * r

        def given_share(row: npt.NDArray[np.intp], b: Array) -> Array:
            return inner((s[row] - b * b) / (1.0 - b) ** 2)

        return beta_mean(given_share, _bends(s, shares), alpha, beta)

    corners = [1.0 / k for k in range(1, min(m, 5))]
    edges = np.unique(np.clip([1.0 / m, *corners, *bulk], 1.0 / m, 1.0))
    return fit_panels(cdf, np.sqrt(edges - 1.0 / m), tolerance)


def _bends(s: Array, shares: Array) -> Array:
    """Where (s - b²)/(1 - b)² = 1/k, both roots for each k: shape (len(s), 2·len(shares)).

    The last k has the outermost roots: beyond them the sum of the others is too small to be.
    """
    rest = 1.0 - shares * s[:, None]
    root = 1.0 - (shares + 1.0) * rest
    high = (1.0 + np.sqrt(np.maximum(root, 0.0))) / (shares + 1.0)
    low = rest / ((shares + 1.0) * high)
    middle = s[:, None]  # where that ratio is greatest
    return np.concatenate(
        [np.where(root > 0.0, low, middle), np.where(root > 0.0, high, middle)], axis=1
    )
