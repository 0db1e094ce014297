"""What is audited, seen from outside: arrays of parameters, a reported cost and a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Kind = Literal["weight", "bias", "norm"]
Rows = tuple[Array, Labels]


@dataclass(frozen=True)
class Tensor:
    """One array of parameters.

    Attributes
    ----------
    name
        As the code calls it, such as ``weights[1]``.
    kind
        Weights are penalised; biases, and what scales a normalised layer, are not.
    layer
        Counted from 1, from the inputs on.
    shape
    """

    name: str
    kind: Kind
    layer: int
    shape: tuple[int, ...]

    @property
    def place(self) -> str:
        """Where it is, in words."""
        noun = {"weight": "weights", "bias": "biases", "norm": "normalisation"}[self.kind]
        return f"{noun} of layer {self.layer} ({self.name})"


@dataclass(frozen=True)
class Subject:
    """A network or loop as the audit uses it. Optional parts are None where the code has none.

    Attributes
    ----------
    tensors
        What is learned.
    read
        The arrays as they are now, in the order of ``tensors``; not to be changed.
    write
        Put arrays of these shapes in their place.
    poke
        Set one number: index of the array, index within it, value.
    step
        One update on a mini-batch.
    save, restore
        Everything that a step may change, optimiser and random numbers included.
    stir
        Make other random numbers come next, as far as they can be reached.
    cost
        The cost that is reported of some rows.
    outputs
        Outputs, one row each, as they are trained on.
    data_loss
        The mean data loss of some rows, where the code states it.
    evaluated_outputs, evaluated_loss
        The same two in evaluation mode, where the code has one.
    accuracy
        The accuracy that is reported of some rows.
    gradients
        The gradients that the code exposes, of some rows, in the order of ``tensors``. Any factor
        and any penalty may be in them, and asking for them may change the state.
    buffers
        What evaluation may change beside parameters, such as running means.
    resolution
        Relative rounding of the parameters.
    read_as
        How each part was found, for people.
    """

    tensors: tuple[Tensor, ...]
    read: Callable[[], Sequence[Array]]
    write: Callable[[Sequence[Array]], None]
    poke: Callable[[int, int, float], None]
    step: Callable[[Array, Labels], None]
    save: Callable[[], object]
    restore: Callable[[object], None]
    stir: Callable[[int], None]
    cost: Callable[[Array, Labels], float] | None = None
    outputs: Callable[[Array], Array] | None = None
    data_loss: Callable[[Array, Labels], float] | None = None
    evaluated_outputs: Callable[[Array], Array] | None = None
    evaluated_loss: Callable[[Array, Labels], float] | None = None
    accuracy: Callable[[Array, Labels], float] | None = None
    gradients: Callable[[Array, Labels], Sequence[Array]] | None = None
    buffers: Callable[[], Mapping[str, Array]] = dict
    resolution: float = float(np.finfo(np.float64).eps)
    read_as: tuple[str, ...] = field(default=())

    def evaluating(self) -> Subject:
        """The same with outputs and data loss of evaluation mode."""
        return replace(
            self,
            outputs=self.evaluated_outputs or self.outputs,
            data_loss=self.evaluated_loss or self.data_loss,
        )

    @property
    def has_modes(self) -> bool:
        """Whether training and evaluation are told apart."""
        return self.evaluated_outputs is not None or self.evaluated_loss is not None

    def copies(self) -> list[Array]:
        """The arrays as they are now, each a copy in float64."""
        return [np.array(array, dtype=np.float64) for array in self.read()]
