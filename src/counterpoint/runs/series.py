"""Points of one quantity, in memory that has a bound."""

from __future__ import annotations

import math
from array import array

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

    __slots__ = ("epochs", "orders", "percent", "seen", "steps", "total", "values")

    def __init__(self) -> None:
        self.orders = array("q")
        self.steps = array("d")
        self.epochs = array("d")
        self.values = array("d")
        self.seen = 0
        self.total: int | None = None
        #: Whether the log writes percent signs: then the values are fractions already.
        self.percent = False

    def __len__(self) -> int:
        return len(self.values)

    def add(self, order: int, step: int | None, epoch: float | None, value: float) -> None:
        """Put one point at the end."""
        self.orders.append(order)
        self.steps.append(_NOWHERE if step is None else step)
        self.epochs.append(_NOWHERE if epoch is None else epoch)
        self.values.append(value)
        self.seen += 1

    def place(self) -> tuple[float, float]:
        """Epoch and step of the last point; NaN where the log does not say."""
        return self.epochs[-1], self.steps[-1]

    def thin(self) -> None:
        """Keep half of the points: of each four the least and the greatest, and every end.

        What is not finite counts as greatest, so that a break-down stays where it was.
        """
        keep = [0]
        for start in range(1, len(self) - 1, 4):
            four = range(start, min(start + 4, len(self) - 1))
            least = min(four, key=lambda i: _rank(self.values[i]))
            greatest = max(four, key=lambda i: _rank(self.values[i]))
            keep += sorted({least, greatest})
        keep.append(len(self) - 1)
        for name in ("orders", "steps", "epochs", "values"):
            whole = getattr(self, name)
            setattr(self, name, array(whole.typecode, (whole[i] for i in keep)))


def _rank(value: float) -> float:
    return value if math.isfinite(value) else math.inf
