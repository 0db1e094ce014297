"""Gradients of a population's parameters: one tensor each, members first.

A layer's gradient is the product of the errors at its outputs and its inputs. It is kept as these
two until someone needs it: plain gradient descent adds the product to the weights as it is formed,
and never writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


class Gradient(Protocol):
    """The gradient of one parameter, (members, ...)."""

    def dense(self) -> Tensor:
        """As one tensor."""

    def add_to(self, tensor: Tensor, factor: float) -> None:
        """Add ``factor`` times the gradient to a tensor of its shape, in place."""


@dataclass(frozen=True)
class Whole:
    """A gradient that is a tensor already."""

    tensor: Tensor

    def dense(self) -> Tensor:
        return self.tensor

    def add_to(self, tensor: Tensor, factor: float) -> None:
        tensor.add_(self.tensor, alpha=factor)


@dataclass(frozen=True)
class Shared:
    """Errors (members, rows, outputs) of a first layer, and the rows (rows, inputs) it shares."""

    errors: Tensor
    rows: Tensor

    def dense(self) -> Tensor:
        members, _, outputs = self.errors.shape
        return (self._stacked().mT @ self.rows).view(members, outputs, -1)

    def add_to(self, tensor: Tensor, factor: float) -> None:
        tensor.view(-1, tensor.shape[-1]).addmm_(self._stacked().mT, self.rows, alpha=factor)

    def _stacked(self) -> Tensor:
        """(rows, members x outputs): one product serves all members."""
        return self.errors.transpose(0, 1).reshape(len(self.rows), -1)


@dataclass(frozen=True)
class Own:
    """Errors (members, rows, outputs) of a deeper layer, and its inputs (members, rows, inputs)."""

    errors: Tensor
    inputs: Tensor

    def dense(self) -> Tensor:
        return self.errors.mT @ self.inputs

    def add_to(self, tensor: Tensor, factor: float) -> None:
        tensor.baddbmm_(self.errors.mT, self.inputs, alpha=factor)
