"""How a loss, the true class's probability and accuracy are bound together, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from counterpoint.theory.dirichlet_losses import LAWFUL, loss_envelope, loss_law
from counterpoint.theory.laws import Law
from counterpoint.theory.region import Range, calibrated_losses, reachable_losses

Array = npt.NDArray[np.float64]

#: A pair on the edge of a region is in it, whatever the rounding of its digits.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Point:
    """A loss and an accuracy of one's own, and where they lie.

    Attributes
    ----------
    name
        What to call it.
    loss, accuracy
        Mean loss, and share of right predictions.
    samples
        Rows that both are over; None where they are of the whole distribution.
    reachable
        Whether any predictor has this pair.
    calibrated
        Whether a calibrated one has, or has it by chance over so many rows.
    by_chance
        Losses that calibrated predictors have at this accuracy, with what chance adds.
    """

    name: str
    loss: float
    accuracy: float
    samples: int | None
    reachable: bool
    calibrated: bool
    by_chance: tuple[float, float]


class Region(NamedTuple):
    """Mean losses that go with each accuracy; arrays of one shape.

    ``calibrated`` is NaN below an accuracy of 1/K.
    """

    accuracy: Array
    reachable: Range
    calibrated: Range


@dataclass(frozen=True, eq=False)
class LossRelation:
    """How a loss, the true class's probability and accuracy are bound together.

    Attributes
    ----------
    classes
        Number of classes K.
    loss
        Name of the loss.
    concentration : array of shape (K,)
        a_1 … a_K of the Dirichlet predictions.
    label
        The true class, from 0.
    points
        One's own pairs of loss and accuracy.
    """

    classes: int
    loss: str
    concentration: Array
    label: int
    points: tuple[Point, ...]

    @property
    def has_law(self) -> bool:
        """Whether the loss of a single Dirichlet prediction has a law here."""
        return self.loss in LAWFUL

    @property
    def has_spread(self) -> bool:
        """Whether the loss varies among predictions that give the true class the same t."""
        return self.has_law and self.loss != "log" and self.classes > 2

    @property
    def symmetric(self) -> bool:
        """Whether all concentrations are the same."""
        return bool((self.concentration == self.concentration[0]).all())

    def law(self, t: float | None = None) -> Law:
        """The law of one prediction's loss, given the true class's probability t or not.

        See `loss_law`.
        """
        return loss_law(self.loss, self.concentration, t, self.label)

    def envelope(self, t: npt.ArrayLike) -> tuple[Array, Array]:
        """Least and greatest loss of any prediction that gives the true class probability t."""
        return loss_envelope(self.loss, t, self.classes)

    def cloud(self, size: int = 1000, seed: int = 0) -> tuple[Array, Array]:
        """Random predictions: true-class probabilities evenly over (0, 1), and their losses."""
        t = (np.arange(size) + 0.5) / size
        if not self.has_spread:
            return t, self.envelope(t)[0]
        # One law serves every t: its draws, times what the loss at t is of that at 0.
        return t, (1.0 - t) ** 2 * self.law(0.0).sample(size, seed)

    def region(self, accuracy: npt.ArrayLike) -> Region:
        """Losses that any predictor, and that a calibrated one, can have at these accuracies."""
        share = np.asarray(accuracy, dtype=np.float64)
        return Region(
            share,
            reachable_losses(share, self.loss, self.classes),
            calibrated_losses(share, self.loss, self.classes),
        )
