"""Points of one quantity, in memory that has a bound."""

from __future__ import annotations

import math
from array import array

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_NOWHERE = math.nan


class Series:
    """Points (order, step, epoch, value) of one quantity, in the order of the log.

    Attributes
    ----------
    seen
        How many points came, kept or not.
    total
        Of how many rows the values are counts that were divided; None where they are not.
    """

    __slots__ = ("counts", "epochs", "orders", "percent", "seen", "steps", "total", "values")

    def __init__(self) -> None:
        self.orders = array("q")
        self.steps = array("d")
        self.epochs = array("d")
        self.values = array("d")
        self.seen = 0
        self.total: int | None = None
        #: Whether the log writes percent signs: then the values are fractions already.
        self.percent = False
        #: Whether the log's program writes counts of rows, however small.
        self.counts = False

    def __len__(self) -> int:
        return len(self.values)

    def add(self, order: int, step: int | None, epoch: float | None, value: float) -> None:
        """Put one point at the end."""
        self.orders.append(order)
        self.steps.append(_NOWHERE if step is None else step)
        self.epochs.append(_NOWHERE if epoch is None else epoch)
        self.values.append(value)
        self.seen += 1

    def extend(self, orders: Array, steps: Array, epochs: Array, values: Array) -> None:
        """Put many points at the end; NaN is a place that is not said."""
        self.orders.frombytes(orders.astype("q").tobytes())
        self.steps.frombytes(steps.tobytes())
        self.epochs.frombytes(epochs.tobytes())
        self.values.frombytes(values.tobytes())
        self.seen += len(values)

    def is_before(self, step: int | None, epoch: float | None) -> bool:
        """Whether a place comes before the last point; not where one of them is not said."""
        if epoch is not None and epoch != (last := self.epochs[-1]) and last == last:
            return epoch < last
        return step is not None and step < self.steps[-1]

    def is_placed(self) -> bool:
        """Whether the log says where the points are."""
        return self.steps[-1] == self.steps[-1] or self.epochs[-1] == self.epochs[-1]

    def thin(self) -> None:
        """Keep half of the points: of each four the least and the greatest, and both ends.

        What is not finite counts as greatest, so that a break-down stays where it was.
        """
        values = np.frombuffer(self.values)
        fours = 1 + 4 * np.arange((len(values) - 2) // 4)
        ranks = np.where(np.isfinite(values), values, np.inf)[fours[:, None] + np.arange(4)]
        extremes = fours[:, None] + np.stack((ranks.argmin(axis=1), ranks.argmax(axis=1)), axis=1)
        keep = np.zeros(len(values), dtype=bool)
        keep[0] = keep[extremes] = keep[1 + 4 * len(fours) :] = True
        for name in ("orders", "steps", "epochs", "values"):
            whole = getattr(self, name)
            kept = np.frombuffer(whole, dtype=whole.typecode)[keep]
            setattr(self, name, array(whole.typecode, kept.tobytes()))
