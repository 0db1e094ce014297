"""The mean of a function of a beta variable, piece by piece between the places it bends at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, betaln, xlogy

Array = npt.NDArray[np.float64]

#: Nodes on a piece. 40 leave 1e-8 where 28 leave 1e-6, for sums of up to a hundred pieces.
_NODES = 40
#: Probability left out at each end of the beta law.
_TAIL = 1e-14
#: The beta law may be far narrower than a piece; these probabilities cut it into parts.
_CUTS = np.array([_TAIL, 0.01, 0.3, 0.7, 0.99, 1.0 - _TAIL])


def _tanh_sinh(nodes: int) -> tuple[Array, Array]:
    """Nodes and weights on (0, 1) that roots at both ends do not disturb.

    Takahasi and Mori (1974), doi:10.2977/prims/1195192451.
    """
    t = np.linspace(-3.0, 3.0, nodes)
    u = np.pi * np.sinh(t)
    weight = np.cosh(t) / np.cosh(u / 2.0) ** 2
    return 1.0 / (1.0 + np.exp(-u)), weight / weight.sum()


_X, _WEIGHT = _tanh_sinh(_NODES)


def beta_mean(
    function: Callable[[npt.NDArray[np.intp], Array], Array],
    bends: Array,
    alpha: float,
    beta: float,
) -> Array:
    """E[f_i(b); b between its first and last bend] for b ~ Beta(alpha, beta), for n functions.

    Parameters
    ----------
    function
        Takes indices i of shape (k, 1) and values of b of shape (k, nodes).
    bends : array of shape (n, j)
        Where each function is not smooth, in any order; the first and last are the ends.
    alpha, beta
        Of the beta law.

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> ends = np.array([[0.0, 1.0]])
    >>> float(beta_mean(lambda i, b: b**2, ends, 1.0, 9.0)[0].round(9))  # 2/(10·11)
    0.018181818
    """
    cuts = np.minimum(betaincinv(alpha, beta, _CUTS), 1.0 - 1e-15)
    if alpha < 1.0:
        cuts[0] = 0.0  # such a quantile may be below the least number above zero
    low = np.clip(bends.min(axis=1, keepdims=True), cuts[0], cuts[-1])
    high = np.clip(bends.max(axis=1, keepdims=True), cuts[0], cuts[-1])
    cuts = np.broadcast_to(cuts, (len(bends), len(cuts)))
    edges = np.sort(np.clip(np.concatenate([bends, cuts], axis=1), low, high), axis=1)
    # Below alpha = 1 the density has a pole at zero. In b^alpha it has none.
    root = min(alpha, 1.0)
    edges = edges**root
    width = np.diff(edges, axis=1)
    row, piece = np.nonzero(width > 0.0)
    start, step = edges[row, piece][:, None], width[row, piece][:, None]
    b = (start + step * _X) ** (1.0 / root)
    log_density = xlogy(alpha - root, b) + (beta - 1.0) * np.log1p(-b) - betaln(alpha, beta)
    part = (np.exp(log_density) / root * function(row[:, None], b)) @ _WEIGHT
    return np.bincount(row, part * step[:, 0], minlength=len(bends)).astype(np.float64)
