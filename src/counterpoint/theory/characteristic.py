"""P(Σ q_j² <= s) for Dirichlet q, by its characteristic function: for many classes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import gammainccinv, gammaincinv, gammaln

from counterpoint.theory.panels import fit_panels

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

#: Nodes of the integral over one gamma variable.
_NODES = 600
#: Period of the law of S, in standard deviations, and how far its frequencies go.
_PERIOD, _FREQUENCIES = 80.0, 24.0
#: Half the period of the total's law and how far its frequencies go, in standard deviations.
_HALF_PERIOD, _TOTAL_FREQUENCIES = 10.0, 40.0
#: Beyond so many standard deviations from its mean S does not go, within 1e-8.
_FAR = 38.0


def characteristic_cdf(
    concentration: Array, mean: float, deviation: float, tolerance: float = 1e-8
) -> Callable[[Array], Array]:
    """P(S <= s) as a function of s, for S = Σ q_j² and q ~ Dirichlet(a).

    With independent x_j ~ Gamma(a_j), scaled so that their total has mean 1, q is x given that the
    total is 1. So E[exp(ivS)] is, but for a factor, the integral over u of exp(-iu) times the
    product of E[exp(iu x_j + iv x_j²)]. Then S is found by the inversion of Gil-Pelaez (1951),
    doi:10.1093/biomet/38.3-4.481. All integrals are sums over an even grid, which for functions
    as smooth as these, Gaussian nearly, are exact to rounding once the grid is fine enough.

    Parameters
    ----------
    concentration : array of shape (m,)
    mean, deviation
        Of S.
    tolerance
        Of the polynomials that the result is kept as.
    """
    total = float(concentration.sum())
    step = 2.0 * np.pi / _PERIOD
    w: Array = (np.arange(int(_FREQUENCIES / step), dtype=np.float64) + 0.5) * step
    values = _characteristic(concentration, total, w / deviation)
    weights = values * np.exp(-1j * w / deviation * mean) / w * (step / np.pi)

    def cdf(z: Array) -> Array:
        return np.asarray(0.5 - (np.exp(-1j * np.outer(z, w)) @ weights).imag)

    low, high = (1.0 / len(concentration) - mean) / deviation, (1.0 - mean) / deviation
    panels = fit_panels(cdf, np.array([max(low, -_FAR), 0.0, min(high, _FAR)]), tolerance)
    return lambda s: panels((s - mean) / deviation)


def _characteristic(concentration: Array, total: float, v: Array) -> Complex:
    """E[exp(ivS)] at each v."""
    step = np.pi * np.sqrt(total) / _HALF_PERIOD
    reach = int(_TOTAL_FREQUENCIES * np.sqrt(total) / step)
    u = np.arange(-reach, reach + 1) * step
    # x² less this multiple of x has nothing left in common with the total: the integrand then
    # stays in the middle of the range of u. Given a total of 1 the multiple is a constant.
    slope = 2.0 * float((concentration * (concentration + 1.0)).sum()) / total**2
    log_product = np.zeros((len(u), len(v)), dtype=np.complex128)
    for a, count in zip(*np.unique(concentration, return_counts=True), strict=True):
        x, weight = _gamma_nodes(float(a))
        x = x / total
        across = np.exp(1j * np.outer(u, x)) * weight
        one = across @ np.exp(1j * np.outer(x * x - slope * x, v))
        log_product += count * np.log(one)
    density_at_one = np.exp(total * np.log(total) - total - gammaln(total))
    integral = (np.exp(-1j * u)[:, None] * np.exp(log_product)).sum(axis=0) * step / (2.0 * np.pi)
    return np.asarray(integral / density_at_one * np.exp(1j * v * slope))


def _gamma_nodes(a: float) -> tuple[Array, Array]:
    """Nodes and weights for means over Gamma(a, 1)."""
    power = max(1.0, 3.0 / a)  # x = y^power leaves no pole at zero, and hardly a bend
    low = float(gammaincinv(a, 1e-18)) if a > 4.0 else 0.0
    start, end = low ** (1.0 / power), float(gammainccinv(a, 1e-18)) ** (1.0 / power)
    y, weight = np.polynomial.legendre.leggauss(_NODES)
    y = start + (end - start) * (y + 1.0) / 2.0
    x = y**power
    log_density = (a * power - 1.0) * np.log(y) - x
    weight = weight * np.exp(log_density - log_density.max())
    return x, weight / weight.sum()
