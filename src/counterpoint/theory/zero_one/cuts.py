"""One feature: every cut with the least 0-1 loss, from one sort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.theory.zero_one.search import EQUAL

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cut:
    """Where one feature may be cut: anywhere in an open interval, with the same predictions.

    Attributes
    ----------
    low, high : float
        Neighbouring values of the feature. From minus infinity to the least of them the cut parts
        no rows: one class is predicted for all.
    second_above : bool
        Whether the second class is predicted above the cut, or below it.
    """

    low: float
    high: float
    second_above: bool

    @property
    def middle(self) -> float:
        """A cut amid the interval; minus infinity where it has no lower end."""
        return self.low / 2.0 + self.high / 2.0

    @property
    def width(self) -> float:
        """Length of the interval."""
        return self.high - self.low


def best_cuts(x: Array, target: Array, weight: Array) -> tuple[float, tuple[Cut, ...]]:
    """The least 0-1 loss of a cut of one feature, and every cut that has it.

    A row on the cut counts as wrong; no cut in these intervals has one. O(n log n).

    Parameters
    ----------
    x : array (n,)
    target : array (n,)
        -1 for the first class and +1 for the second.
    weight : array (n,)

    Returns
    -------
    (float, tuple of Cut)
        The weight of the wrong rows, and the cuts from left to right.

    Examples
    --------
    >>> x, target = np.array([-1, -0.3, 0, 0.9, 1]), np.array([-1, -1, 1, -1, 1])
    >>> loss, cuts = best_cuts(x, target, np.ones(5))
    >>> loss, [(cut.low, cut.high) for cut in cuts]
    (1.0, [(-0.3, 0.0), (0.9, 1.0)])
    """
    values, place = np.unique(x, return_inverse=True)
    second = np.bincount(place, np.where(target > 0, weight, 0.0))
    first = np.bincount(place, np.where(target < 0, weight, 0.0))
    # Left of the cut: nothing, then one value more each time; the last would part no rows again.
    second_below = np.concatenate([[0.0], np.cumsum(second)[:-1]])
    first_below = np.concatenate([[0.0], np.cumsum(first)[:-1]])
    above = second_below + first.sum() - first_below
    below = first_below + second.sum() - second_below
    low = np.concatenate([[-np.inf], values[:-1]])
    # Between neighbouring floats there is no cut.
    real = np.isinf(low) | ((low / 2 + values / 2 > low) & (low / 2 + values / 2 < values))
    least = min(above[real].min(), below[real].min())
    most = least + EQUAL * weight.sum()
    cuts = tuple(
        Cut(float(low[k]), float(values[k]), side)
        for k in np.flatnonzero(real)
        for side, loss in ((True, above[k]), (False, below[k]))
        if loss <= most
    )
    return float(least), cuts
