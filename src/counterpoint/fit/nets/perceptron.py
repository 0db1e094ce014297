"""Multilayer perceptrons, as many as there are members, with a backward pass written out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from counterpoint.fit.nets.activations import ACTIVATIONS
from counterpoint.fit.nets.gradients import Gradient, Own, Shared, Whole
from counterpoint.fit.nets.losses import OutputLoss
from counterpoint.fit.nets.model import Parameters


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
        """Raw outputs (members, rows, classes) for rows (rows, features)."""
        return self._forward(parameters, x)[0][-1]

    def gradients(
        self, parameters: Parameters, x: Tensor, target: Tensor, loss: OutputLoss
    ) -> dict[str, Gradient]:
        """Gradients of the mean data loss of a mini-batch."""
        before, after = self._forward(parameters, x)
        errors = loss.derivative(before[-1], target).div_(len(x))
        backward = ACTIVATIONS[self.activation].backward
        gradients: dict[str, Gradient] = {}
        for layer in reversed(range(self.layers)):
            weight, bias = f"{2 * layer}.weight", f"{2 * layer}.bias"
            gradients[bias] = Whole(errors.sum(1))
            if layer == 0:
                gradients[weight] = Shared(errors, x)
                break
            inputs = after[layer - 1]
            gradients[weight] = Own(errors, inputs)
            errors = backward(errors @ parameters[weight], before[layer - 1], inputs)
        return gradients

    def to(self, device: str, dtype: torch.dtype) -> Perceptron:
        """Itself: it holds nothing."""
        return self

    def _forward(self, parameters: Parameters, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Each layer's values before its activation, and after it (of hidden layers)."""
        apply = ACTIVATIONS[self.activation].apply
        before = [_first_layer(parameters["0.weight"], parameters["0.bias"], x)]
        after: list[Tensor] = []
        for layer in range(1, self.layers):
            after.append(apply(before[-1]))
            weight, bias = parameters[f"{2 * layer}.weight"], parameters[f"{2 * layer}.bias"]
            # Outputs first and then turned: three times as fast as rows first.
            before.append(torch.baddbmm(bias[:, :, None], weight, after[-1].mT).mT)
        return before, after


def _first_layer(weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    """One product for all members, who see the same rows: (members, rows, outputs)."""
    members, outputs, inputs = weight.shape
    product = (x @ weight.view(-1, inputs).mT).view(len(x), members, outputs)
    # The sum goes straight into the order that the batched products of deeper layers like.
    return torch.add(product.transpose(0, 1), bias[:, None, :], out=x.new_empty(0))
