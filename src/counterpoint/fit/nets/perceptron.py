"""Multilayer perceptrons, as many as there are members, with a backward pass written out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from counterpoint.fit.nets import few_rows
from counterpoint.fit.nets.activations import ACTIVATIONS
from counterpoint.fit.nets.gradients import Gradient, Own, Shared, Whole
from counterpoint.fit.nets.losses import OutputLoss
from counterpoint.fit.nets.model import Parameters
from counterpoint.fit.nets.threads import WORTH_A_THREAD


@dataclass(frozen=True)
class Perceptron:
    """Layers of the given sizes, an activation between them and raw outputs at the end.

    Parameters are named as those of ``torch.nn.Sequential(Linear, activation, Linear, ...)``:
    ``0.weight`` (members, outputs, inputs), ``0.bias`` (members, outputs), ``2.weight``, and so on.

    Attributes
    ----------
    sizes
        Features, hidden units of each layer, classes.
    activation
        A name of `ACTIVATIONS`.
    """

    sizes: tuple[int, ...]
    activation: str

    @property
    def layers(self) -> int:
        """Layers of weights."""
        return len(self.sizes) - 1

    @property
    def described(self) -> str:
        """Sizes and activation."""
        return f"{'-'.join(map(str, self.sizes))} {self.activation}"

    @property
    def penalised(self) -> tuple[str, ...]:
        """Names of the weights; biases are free."""
        return tuple(f"{2 * layer}.weight" for layer in range(self.layers))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """A weight (outputs, inputs) and a bias (outputs,) of each layer."""
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.layers):
            inputs, outputs = self.sizes[layer : layer + 2]
            shapes[f"{2 * layer}.weight"] = outputs, inputs
            shapes[f"{2 * layer}.bias"] = (outputs,)
        return shapes

    @property
    def constants(self) -> Parameters:
        """None."""
        return {}

    def initial(self, seeds: tuple[int, ...]) -> Parameters:
        """Parameters to start from, one member a seed, in double precision.

        Weights are normal with deviation gain / sqrt(inputs), where the gain is that of the
        activation that follows (1 at the outputs); biases are zero.
        """
        gain = ACTIVATIONS[self.activation].gain
        parameters: Parameters = {}
        for layer in range(self.layers):
            inputs, outputs = self.sizes[layer : layer + 2]
            deviation = (gain if layer + 1 < self.layers else 1.0) / np.sqrt(inputs)
            weights = [
                deviation * np.random.default_rng([seed, layer]).standard_normal((outputs, inputs))
                for seed in seeds
            ]
            parameters[f"{2 * layer}.weight"] = torch.from_numpy(np.stack(weights))
            parameters[f"{2 * layer}.bias"] = torch.zeros(len(seeds), outputs, dtype=torch.float64)
        return parameters

    def outputs(self, parameters: Parameters, x: Tensor) -> Tensor:
        """Raw outputs (members, classes, rows) for rows (rows, features)."""
        return self._forward(parameters, _first_layer(parameters, x))[0][-1]

    def gradients(
        self, parameters: Parameters, x: Tensor, target: Tensor, loss: OutputLoss
    ) -> dict[str, Gradient]:
        """Gradients of the mean data loss of a mini-batch."""
        few = few_rows.suit(x)
        first = (
            few_rows.outputs(parameters["0.weight"], parameters["0.bias"], x)
            if few
            else _first_layer(parameters, x)
        )
        before, after = self._forward(parameters, first)
        errors = loss.derivative(before[-1], target).div_(x.shape[0])
        backward = ACTIVATIONS[self.activation].backward
        gradients: dict[str, Gradient] = {}
        for layer in reversed(range(self.layers)):
            weight, bias = f"{2 * layer}.weight", f"{2 * layer}.bias"
            gradients[bias] = Whole(errors.sum(2))
            if layer == 0:
                gradients[weight] = Shared(errors, x)
                break
            inputs = after[layer - 1]
            gradients[weight] = Own(errors, inputs)
            errors = backward(torch.bmm(parameters[weight].mT, errors), before[layer - 1], inputs)
        return gradients

    def worth_a_thread(self, rows: int) -> int:
        """Far more where the first layer is not PyTorch's."""
        return few_rows.WORTH_A_THREAD if rows <= few_rows.MOST_ROWS else WORTH_A_THREAD

    def to(self, device: str, dtype: torch.dtype) -> Perceptron:
        """Itself: it holds nothing."""
        return self

    def _forward(self, parameters: Parameters, first: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Each layer's values before its activation, and after it (of hidden layers).

        Units stand before rows, (members, units, rows): products and sums then need no turning.
        """
        apply = ACTIVATIONS[self.activation].apply
        before = [first]
        after: list[Tensor] = []
        for layer in range(1, self.layers):
            after.append(apply(before[-1]))
            weight, bias = parameters[f"{2 * layer}.weight"], parameters[f"{2 * layer}.bias"]
            before.append(torch.baddbmm(bias[:, :, None], weight, after[-1]))
        return before, after


def _first_layer(parameters: Parameters, x: Tensor) -> Tensor:
    """One product for all members, who see the same rows: (members, outputs, rows)."""
    weight, bias = parameters["0.weight"], parameters["0.bias"]
    product = weight.view(-1, weight.shape[2]) @ x.mT
    return product.view(*bias.shape, len(x)).add_(bias[:, :, None])
