"""Gradients of a population's parameters: one tensor each, members first.

A layer's gradient is the product of the errors at its outputs and its inputs. It is kept as these
two until someone needs it: plain gradient descent adds the product to the weights as it is formed,
and never writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from counterpoint.fit.nets import few_rows


class Gradient(Protocol):
    """The gradient of one parameter, (members, ...)."""

    def dense(self) -> Tensor:
        """As one tensor."""

    def add_to(self, tensor: Tensor, factor: float, keep: Tensor | float) -> None:
        """``keep`` times a tensor of its shape plus ``factor`` times the gradient, in place.

        ``keep`` is one number, or one a member, (members, 1, ...).
        """


@dataclass(frozen=True)
class Whole:
    """A gradient that is a tensor already."""

    tensor: Tensor

    def dense(self) -> Tensor:
        return self.tensor

    def add_to(self, tensor: Tensor, factor: float, keep: Tensor | float) -> None:
        _times(tensor, keep).add_(self.tensor, alpha=factor)


@dataclass(frozen=True)
class Shared:
    """Errors (members, outputs, rows) of a first layer, and the rows (rows, inputs) it shares."""

    errors: Tensor
    rows: Tensor

    def dense(self) -> Tensor:
        members, outputs, _ = self.errors.shape
        return (self.errors.flatten(0, 1) @ self.rows).view(members, outputs, -1)

    def add_to(self, tensor: Tensor, factor: float, keep: Tensor | float) -> None:
        if few_rows.suit(self.rows):
            few_rows.add_product(tensor, self.errors, self.rows, factor, keep)
            return
        stacked = _times(tensor, keep).view(-1, tensor.shape[-1])
        stacked.addmm_(self.errors.flatten(0, 1), self.rows, alpha=factor)


@dataclass(frozen=True)
class Own:
    """Errors (members, outputs, rows) of a deeper layer, and its inputs (members, inputs, rows)."""

    errors: Tensor
    inputs: Tensor

    def dense(self) -> Tensor:
        return self.errors @ self.inputs.mT

    def add_to(self, tensor: Tensor, factor: float, keep: Tensor | float) -> None:
        _times(tensor, keep).baddbmm_(self.errors, self.inputs.mT, alpha=factor)


def _times(tensor: Tensor, keep: Tensor | float) -> Tensor:
    """The tensor, multiplied in place."""
    return tensor if isinstance(keep, float) and keep == 1.0 else tensor.mul_(keep)
