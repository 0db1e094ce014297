"""From rows, labels and weights to the vectors that the search knows, and back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr

from counterpoint.theory.zero_one.search import Found, least_loss

Array = npt.NDArray[np.float64]

#: Share of a column that has to be its own, beyond what other columns make of it.
OWN = 1e-10


def least_zero_one(
    columns: Array,
    target: Array,
    weight: Array,
    time_limit: float = np.inf,
    positive: int | None = None,
) -> Found:
    """Search for the w with the least weight of rows for which target · (w·row) <= 0.

    Parameters
    ----------
    columns : array (n, D)
        An intercept is a column of ones.
    target : array (n,) of -1 and +1
    weight : array (n,), not negative
    time_limit
        Seconds after which to return what there is.
    positive
        A column whose weight has to be positive, such as that of an offset.

    Returns
    -------
    Found
        In weight of rows; the loss as the rows themselves have it, in double precision.

    Examples
    --------
    >>> rows = np.array([[-1, 1], [-0.3, 1], [0, 1], [0.9, 1], [1, 1]])
    >>> found = least_zero_one(rows, np.array([-1.0, -1, 1, -1, 1]), np.ones(5))
    >>> found.loss, found.lower_bound
    (1.0, 1.0)
    """
    # Powers of two: scaling rounds nothing. By a middle size: one far row must not make all
    # others one.
    middle = [np.median(np.abs(c[c != 0.0])) if c.any() else 1.0 for c in columns.T]
    scale = _power_of_two(np.array(middle))
    scaled = columns / scale
    kept = _independent(_long_as_one(scaled), positive)
    vectors, net, unavoidable = _merged(scaled[:, kept], target, weight)
    if positive in kept:
        # Heavier than all else together, so that it is right in whatever is best.
        vectors = np.concatenate([vectors, np.eye(len(kept))[[kept.index(positive)]]])
        net = np.append(net, 1.0 + weight.sum())
    w = np.zeros(columns.shape[1])
    if not len(vectors):
        return Found(w, unavoidable, unavoidable)
    found = least_loss(_long_as_one(vectors), net, time_limit)
    w[kept] = found.w
    w /= scale
    loss = float(weight[target * (columns @ w) <= 0.0].sum())
    return Found(w, loss, min(loss, unavoidable + found.lower_bound), found.interrupted)


def _merged(rows: Array, target: Array, weight: Array) -> tuple[Array, Array, float]:
    """Distinct rows, each times the class that weighs more in it, with what it weighs more.

    The weight of the other class is wrong wherever that of the first is right, and the other way
    round: it is unavoidable. So are rows of zeros, which are on every boundary.
    """
    distinct, place = np.unique(rows, axis=0, return_inverse=True)
    place = place.reshape(-1)
    second = np.bincount(place, np.where(target > 0, weight, 0.0), minlength=len(distinct))
    first = np.bincount(place, np.where(target < 0, weight, 0.0), minlength=len(distinct))
    zero = ~distinct.any(axis=1)
    unavoidable = float(np.minimum(first, second)[~zero].sum() + (first + second)[zero].sum())
    side = np.where(second >= first, 1.0, -1.0)
    return (side[:, None] * distinct)[~zero], np.abs(second - first)[~zero], unavoidable


def _independent(columns: Array, first: int | None) -> list[int]:
    """Columns of which the others are combinations, in order; ``first`` only if it is none."""
    order = [j for j in range(columns.shape[1]) if j != first]
    r, pivots = qr(columns[:, order], mode="r", pivoting=True)[:2]
    size = np.abs(np.diag(r))
    kept = [order[j] for j in pivots[: int((size > OWN * size.max(initial=0.0)).sum())]]
    if first is not None:
        own = (
            columns[:, first]
            - columns[:, kept] @ np.linalg.lstsq(columns[:, kept], columns[:, first], rcond=None)[0]
        )
        if np.abs(own).max() > OWN:
            kept.append(first)
    return sorted(kept)


def _long_as_one(rows: Array) -> Array:
    """Rows whose longest coordinate is between one and two; a row of zeros stays."""
    return rows / _power_of_two(np.abs(rows).max(axis=1))[:, None]


def _power_of_two(size: Array) -> Array:
    """The power of two at or below each number; one for zero."""
    return np.asarray(np.exp2(np.floor(np.log2(np.where(size > 0.0, size, 1.0)))))
