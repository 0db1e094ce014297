"""Perceptrons: outputs and gradients are those of plain PyTorch, member by member."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from counterpoint.fit.nets.activations import ACTIVATIONS
from counterpoint.fit.nets.losses import OUTPUT_LOSSES
from counterpoint.fit.nets.perceptron import Perceptron

SIZES = ((5, 3), (5, 4, 3), (5, 6, 4, 3))


def sequential(model: Perceptron) -> torch.nn.Sequential:
    layers: list[torch.nn.Module] = []
    for inputs, outputs in zip(model.sizes, model.sizes[1:], strict=False):
        layers += [torch.nn.Linear(inputs, outputs), ACTIVATIONS[model.activation].module()]
    return torch.nn.Sequential(*layers[:-1]).double()


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loss", sorted(OUTPUT_LOSSES))
def test_gradients_are_those_of_autograd(
    sizes: tuple[int, ...], activation: str, loss: str
) -> None:
    model = Perceptron(sizes, activation)
    parameters = model.initial((0, 1, 7))
    for bias in ("0.bias", f"{2 * model.layers - 2}.bias"):
        parameters[bias] += 0.1
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(8, 5)))
    target = F.one_hot(torch.arange(8) % 3, 3).double()
    gradients = model.gradients(parameters, x, target.T, OUTPUT_LOSSES[loss])
    assert set(gradients) == set(parameters)
    for member in range(3):
        plain = sequential(model)
        plain.load_state_dict({name: value[member] for name, value in parameters.items()})
        z = plain(x)
        torch.testing.assert_close(model.outputs(parameters, x)[member].T, z.detach())
        OUTPUT_LOSSES[loss].value(z.T[None], target.T).mean().backward()
        for name, value in plain.named_parameters():
            own = gradients[name].dense()[member]
            torch.testing.assert_close(own, value.grad, rtol=1e-9, atol=1e-12)
            moved = torch.ones_like(parameters[name])
            gradients[name].add_to(moved, -2.0, keep=1.0)
            torch.testing.assert_close(moved[member], 1.0 - 2.0 * own)


def test_a_seed_starts_alike_whatever_the_others_are() -> None:
    model = Perceptron((5, 4, 3), "relu")
    several, alone = model.initial((3, 8)), model.initial((8,))
    for name in alone:
        assert torch.equal(several[name][1], alone[name][0])
    assert not torch.equal(several["0.weight"][0], several["0.weight"][1])


@pytest.mark.parametrize(
    ("activation", "gain"), [("sigmoid", 1.0), ("tanh", 1.0), ("relu", 2**0.5), ("gelu", 2**0.5)]
)
def test_first_weights_have_the_spread_that_suits_the_activation(
    activation: str, gain: float
) -> None:
    first = Perceptron((100, 400, 10), activation).initial((0,))
    assert first["0.weight"].std().item() == pytest.approx(gain / 10, rel=0.02)  # of 40,000
    assert first["2.weight"].std().item() == pytest.approx(1 / 20, rel=0.05)  # of 4,000
    assert not first["0.bias"].any()
