"""One quantity of one split over a training, and what is steady in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from counterpoint.findings.histories.trend import Array, kendall_z, noise, smooth, window

Unit = Literal["epoch", "step", "point"]


@dataclass(frozen=True, eq=False)
class Curve:
    """Values in the order of the log.

    Attributes
    ----------
    split, quantity
    at : array (n,)
        Where each value stands, in epochs, steps or points.
    values : array (n,)
        As logged: NaN and infinity stay.
    unit
        What ``at`` counts.
    """

    split: str
    quantity: str
    at: Array
    values: Array
    unit: Unit

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def finite(self) -> Curve:
        """Only what is finite."""
        good = np.isfinite(self.values)
        return self if good.all() else replace(self, at=self.at[good], values=self.values[good])

    @cached_property
    def noise(self) -> float:
        """Standard deviation of its noise; NaN where the points are too few to say."""
        return noise(self.finite.values)

    @cached_property
    def width(self) -> int:
        """Points that make a level."""
        return window(len(self.finite))

    @cached_property
    def smooth(self) -> Array:
        """Running medians of the finite values."""
        return smooth(self.finite.values, self.width)

    @property
    def first(self) -> float:
        """Where it begins."""
        return float(self.finite.values[0])

    @property
    def end(self) -> float:
        """Level of the last points."""
        return float(self.smooth[-1])

    @cached_property
    def best(self) -> int:
        """Index of the least value near the first of the least levels."""
        near = int(np.argmin(self.smooth))
        begin = max(0, near - self.width // 2)
        return begin + int(np.argmin(self.finite.values[begin : near + self.width // 2 + 1]))

    @property
    def least(self) -> float:
        """The least level."""
        return float(self.smooth.min())

    @cached_property
    def trend(self) -> float:
        """Mann-Kendall's z of the whole: beyond 3 it moved one way."""
        return kendall_z(self.finite.values)

    def error(self, floor: float = 0.0) -> float:
        """Standard error of the difference of two levels; the floor where noise is not known."""
        spread = 0.0 if math.isnan(self.noise) else self.noise
        return max(floor, spread * math.sqrt(2.0 / self.width))

    def after(self, index: int) -> Curve:
        """The finite points from an index on."""
        own = self.finite
        return replace(own, at=own.at[index:], values=own.values[index:])

    def last(self, share: float) -> Curve:
        """The last share of the finite points, one at least."""
        return self.after(len(self.finite) - max(1, round(share * len(self.finite))))

    def place(self, index: int) -> float:
        """Where a finite point stands."""
        return float(self.finite.at[index])

    def where(self, index: int) -> str:
        """The place of a finite point in words, such as ``epoch 12``."""
        return where(self.place(index), self.unit)


def where(at: float, unit: Unit) -> str:
    """A place in words.

    Examples
    --------
    >>> where(12.0, "epoch"), where(0.25, "epoch"), where(1500.0, "step")
    ('epoch 12', 'epoch 0.25', 'step 1,500')
    """
    number = f"{at:,.0f}" if at == int(at) else f"{at:.3g}"
    return f"{unit} {number}"
