"""What training needs of a network: the same for perceptrons and for modules of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self, TypeAlias

import torch
from torch import Tensor

from counterpoint.fit.nets.gradients import Gradient
from counterpoint.fit.nets.losses import OutputLoss

#: Name → (members, ...), in the order of the layers.
Parameters: TypeAlias = dict[str, Tensor]


class Model(Protocol):
    """A network without its parameters."""

    @property
    def described(self) -> str:
        """What the network is, in words."""

    @property
    def penalised(self) -> tuple[str, ...]:
        """Names of the parameters that the penalty sees."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Of each parameter of one member, in the order of the layers."""

    @property
    def constants(self) -> Parameters:
        """What else a member's state has, the same for all of them."""

    def initial(self, seeds: tuple[int, ...]) -> Parameters:
        """Parameters to start from, (seeds, ...)."""

    def outputs(self, parameters: Parameters, x: Tensor) -> Tensor:
        """Raw outputs (members, classes, rows), as in evaluation."""

    def gradients(
        self, parameters: Parameters, x: Tensor, target: Tensor, loss: OutputLoss
    ) -> Mapping[str, Gradient]:
        """Gradients of the mean data loss of a mini-batch, as in training."""

    def worth_a_thread(self, rows: int) -> int:
        """Multiplications of a step with so many rows from which on a second thread pays."""

    def to(self, device: str, dtype: torch.dtype) -> Self:
        """The same, where what it holds beside its parameters is on a device."""
