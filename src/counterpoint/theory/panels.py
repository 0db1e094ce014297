"""A function on an interval as polynomials piece by piece, halved until each fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Coefficients of a piece. Many, as pieces are dear: each is found again for each value asked.
_ORDER = 12
#: Halvings of a piece. Where a function is not smooth at all, its pieces end 1e-9 wide.
_DEPTH = 30

_ANGLES = (np.arange(_ORDER) + 0.5) * np.pi / _ORDER
_NODES = np.cos(_ANGLES)
#: From values at the nodes to coefficients of Chebyshev polynomials.
_TRANSFORM = np.cos(np.outer(_ANGLES, np.arange(_ORDER))) * 2.0 / _ORDER
_TRANSFORM[:, 0] /= 2.0


@dataclass(frozen=True)
class Panels:
    """Chebyshev series on neighbouring pieces of an interval.

    Attributes
    ----------
    edges : array of shape (pieces + 1,)
        Ascending; outside them the function is that of the nearest end.
    coefficients : array of shape (_ORDER, pieces)
    error
        Sum of the last two coefficients, in size, where it is largest: what the next ones, left
        out, would be about.
    """

    edges: Array
    coefficients: Array
    error: float

    def __call__(self, x: Array) -> Array:
        """Values at x, of any shape (Clenshaw's recurrence)."""
        last = len(self.edges) - 2
        piece = np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, last)
        low = self.edges[piece]
        z = np.clip(2.0 * (x - low) / (self.edges[piece + 1] - low) - 1.0, -1.0, 1.0)
        one, two = np.zeros_like(z), np.zeros_like(z)
        for row in self.coefficients[:0:-1]:
            one, two = row[piece] + 2.0 * z * one - two, one
        return np.asarray(self.coefficients[0][piece] + z * one - two)


def fit_panels(function: Callable[[Array], Array], edges: Array, tolerance: float) -> Panels:
    """Fit a function of shape (n,) → (n,), first on the pieces given, then on their halves.

    Parameters
    ----------
    function
        Smooth between the edges, up to roots at single points.
    edges
        Ascending; put them where the function is not smooth.
    tolerance
        Size of the last two coefficients from which on a piece is not halved again.

    Examples
    --------
    >>> root = fit_panels(np.sqrt, np.array([0.0, 1.0]), 1e-10)
    >>> x = np.linspace(0.0, 1.0, 1001)
    >>> bool(np.abs(root(x) - np.sqrt(x)).max() < 1e-5)
    True
    """
    low, high = edges[:-1], edges[1:]
    starts, series, error = [], [], 0.0
    for depth in range(_DEPTH + 1):
        x = low[:, None] + (high - low)[:, None] * (_NODES + 1.0) / 2.0
        coefficients = function(x.ravel()).reshape(x.shape) @ _TRANSFORM
        size = np.abs(coefficients[:, -2:]).sum(axis=1)
        done = (size <= tolerance) | (depth == _DEPTH)
        error = max(error, float(size[done].max(initial=0.0)))
        starts.append(low[done])
        series.append(coefficients[done])
        if done.all():
            break
        low, high = low[~done], high[~done]
        middle = (low + high) / 2.0
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    start = np.concatenate(starts)
    order = np.argsort(start)
    return Panels(
        edges=np.append(start[order], edges[-1]),
        coefficients=np.ascontiguousarray(np.concatenate(series)[order].T),
        error=error,
    )
