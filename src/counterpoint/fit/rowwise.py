"""Sums over rows of what a loss makes of stored raw scores: no pass over the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.blocks import partition
from counterpoint.fit.threads import sums_in_threads
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Rowwise:
    """A loss at raw scores, block by block of rows: a block's arrays stay in a core's cache.

    Attributes
    ----------
    z : array (problems, outputs, n)
        Raw scores.
    target : array (problems or 1, outputs, n)
    train_weight : array (folds, n)
    fold : array (problems,)
    chosen : array (k,), or None
        Which of the problems are meant; all by default.
    """

    loss: Loss
    z: Array
    target: Array
    train_weight: Array
    fold: Index
    chosen: Index | None = None

    def subset(self, chosen: Index) -> Rowwise:
        """The same for some of the problems, indices ascending; nothing is copied."""
        return replace(self, chosen=None if len(chosen) == len(self.z) else chosen)

    def part(self, stored: npt.NDArray[Any], rows: slice) -> npt.NDArray[Any]:
        """Some rows of an array (problems or 1, ..., n) for the chosen problems."""
        if self.chosen is None or len(stored) == 1:
            return stored[..., rows]
        return stored[self.chosen, ..., rows]

    def z_of(self, rows: slice) -> Array:
        """Raw scores, (k, outputs, rows)."""
        return self.part(self.z, rows)

    def target_of(self, rows: slice) -> Array:
        """Targets, (k or 1, outputs, rows)."""
        return self.part(self.target, rows)

    def weight_of(self, rows: slice) -> Array:
        """Training weights, (k, rows)."""
        fold = self.fold if self.chosen is None else self.fold[self.chosen]
        return self.train_weight[:, rows][fold]

    def residual(self, rows: slice) -> Array:
        """Weighted derivative of the loss in the raw scores, (k, outputs, rows)."""
        gradient = self.loss.gradient(self.z_of(rows), self.target_of(rows))
        return np.asarray(gradient * self.weight_of(rows)[:, None])

    def loss_sum(self) -> Array:
        """Weighted sums of the loss, (k,)."""

        def block(rows: slice) -> tuple[Array]:
            value = self.loss.value(self.z_of(rows), self.target_of(rows))
            return ((value * self.weight_of(rows)).sum(axis=-1),)

        return self.sum(block)[0]

    def intercept_moments(self, shift: Array) -> tuple[Array, Array, Array]:
        """Derivatives of the mean loss in constants added to the raw scores.

        Parameters
        ----------
        shift : array (k, outputs)
            What is added already.

        Returns
        -------
        first derivatives (k, outputs), the sums of their absolute terms (k,), and second ones: of
        each output (k, outputs), or for a joint loss the sums of p_c p_j (k, outputs, outputs).
        """

        def block(rows: slice) -> tuple[Array, Array, Array]:
            z, target = self.z_of(rows) + shift[..., None], self.target_of(rows)
            weight = self.weight_of(rows)[:, None]
            residual = self.loss.gradient(z, target) * weight
            curvature = self.loss.curvature(z, target)
            weighted = curvature * weight
            second = (
                weighted @ np.swapaxes(curvature, -1, -2) if self.loss.joint else weighted.sum(-1)
            )
            return residual.sum(axis=-1), np.abs(residual).sum(axis=(-2, -1)), second

        slope, size, second = self.sum(block)
        return slope, size, second

    def sum(self, block: Callable[[slice], tuple[Array, ...]]) -> list[Array]:
        """Sums over blocks of rows."""
        problems = len(self.z) if self.chosen is None else len(self.chosen)
        return sums_in_threads(
            block, partition(self.z.shape[-1], 16.0 * problems * self.z.shape[1])
        )
