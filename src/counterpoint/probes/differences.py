"""Slopes by central differences, each with an estimate of its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Steps that are tried, in units of the parameters' size. With two steps combined (Richardson
#: 1911) the error of truncation falls as h^4, so that the best h is near eps^(1/5) = 7e-4.
STEPS = (1e-1, 1e-2, 1e-3, 1e-4)
#: Coordinates on which the step is chosen.
TRIED = 3


@dataclass(frozen=True)
class Slopes:
    """Derivatives of several functions by several coordinates.

    Attributes
    ----------
    value, error : array of shape (functions, coordinates)
        The error is an estimate: what two steps differ by, and rounding.
    step : float
        The h that was chosen.
    """

    value: Array
    error: Array
    step: float


def slopes(
    functions: Callable[[], Array],
    move: Callable[[int, float], None],
    n_coordinates: int,
    size: float,
    step: float | None = None,
) -> Slopes:
    """Central differences at two steps, combined so that the terms in h² cancel.

    Parameters
    ----------
    functions
        Values of all functions where the coordinates are now.
    move
        Set coordinate i to its own value plus an amount.
    n_coordinates
    size
        What the coordinates are like in size; the step is chosen in its units.
    step
        The h to use; without it the one with the least error on a few coordinates is taken.

    Examples
    --------
    >>> at = np.array([0.5, 2.0])
    >>> now = at.copy()
    >>> def move(i, amount):
    ...     now[i] = at[i] + amount
    >>> found = slopes(lambda: np.array([np.exp(now).sum()]), move, 2, size=1.0)
    >>> bool(np.all(np.abs(found.value[0] - np.exp(at)) <= found.error[0]))
    True
    """
    if step is None:
        few = np.unique(np.linspace(0, n_coordinates - 1, min(TRIED, n_coordinates)).astype(int))
        tried = {h * size: _all(functions, move, few, h * size)[1] for h in STEPS}
        step = min(tried, key=lambda h: _typical(tried[h]))
    value, error = _all(functions, move, np.arange(n_coordinates), step)
    return Slopes(value, error, step)


def _typical(error: Array) -> float:
    finite = error[np.isfinite(error)]
    return float(np.median(finite)) if finite.size == error.size else np.inf


def _all(
    functions: Callable[[], Array],
    move: Callable[[int, float], None],
    coordinates: npt.NDArray[np.int64],
    h: float,
) -> tuple[Array, Array]:
    here = functions()
    pairs = [_one(functions, partial(move, int(i)), here, h) for i in coordinates]
    return np.stack([v for v, _ in pairs], axis=1), np.stack([e for _, e in pairs], axis=1)


def _one(
    functions: Callable[[], Array], move: Callable[[float], None], here: Array, h: float
) -> tuple[Array, Array]:
    wide, wide_bend = _central(functions, move, here, h)
    near, near_bend = _central(functions, move, here, h / 2.0)
    move(0.0)
    # Of a smooth function f(h) + f(-h) - 2 f(0) falls to a quarter at h/2, at a kink to a half.
    # A kink near by would else go unseen: both central differences may agree across it.
    kink = np.abs(wide_bend - 4.0 * near_bend) / h
    rounding = 16.0 * np.finfo(np.float64).eps * np.abs(here) / h
    return (4.0 * near - wide) / 3.0, np.abs(near - wide) / 3.0 + kink + rounding


def _central(
    functions: Callable[[], Array], move: Callable[[float], None], here: Array, h: float
) -> tuple[Array, Array]:
    """Central difference, and second difference, at this step."""
    move(h)
    above = functions()
    move(-h)
    below = functions()
    return (above - below) / (2.0 * h), above + below - 2.0 * here
