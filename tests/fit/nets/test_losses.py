"""Losses of outputs: PyTorch's, the registries' and finite differences of no one's agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from counterpoint.errors import InputError
from counterpoint.fit.nets.losses import OUTPUT_LOSSES, output_loss_named
from counterpoint.objective import loss_named
from counterpoint.theory.proper_losses import PROPER_LOSSES

NAMES = sorted(OUTPUT_LOSSES)


def outputs_for(name: str, p: np.ndarray) -> torch.Tensor:
    """Raw outputs that predict the probabilities p."""
    p = torch.from_numpy(p)
    return {"squared": p, "bce": torch.logit(p), "quadratic": torch.logit(p)}.get(name, p.log())


def test_every_loss_can_also_be_read_beside_an_accuracy() -> None:
    assert set(OUTPUT_LOSSES) == set(PROPER_LOSSES)


@pytest.mark.parametrize("name", NAMES)
@given(
    share=st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6).map(
        lambda w: np.array(w) / np.sum(w)
    )
)
def test_its_mean_under_the_prediction_is_the_entropy_of_the_registry(
    name: str, share: np.ndarray
) -> None:
    k = len(share)
    z = outputs_for(name, share).expand(k, k).T[None]
    value = OUTPUT_LOSSES[name].value(z, torch.eye(k, dtype=torch.float64))[0].numpy()
    assert share @ value == pytest.approx(PROPER_LOSSES[name].guess(share), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_an_even_guess_costs_what_the_bounds_say(name: str) -> None:
    bounds = PROPER_LOSSES[name].bounds(4)
    z = torch.full((1, 4, 1), 0.25 if name == "squared" else 0.0, dtype=torch.float64)
    value = OUTPUT_LOSSES[name].value(z, torch.eye(4, dtype=torch.float64)[:, :1]).item()
    assert value == pytest.approx(bounds.uniform_guess)


def test_log_loss_is_that_of_sweeps() -> None:
    rng = np.random.default_rng(0)
    z, label = rng.normal(size=(9, 5)) * 4, rng.integers(0, 5, 9)
    target = F.one_hot(torch.from_numpy(label), 5).double()
    ours, theirs = OUTPUT_LOSSES["log"], loss_named("log", 5)
    value = ours.value(torch.from_numpy(z.T)[None], target.T)[0].numpy()
    encoded = theirs.encode(label, 5)
    assert value == pytest.approx(theirs.value(z.T, encoded))
    slope = ours.derivative(torch.from_numpy(z.T)[None], target.T)[0].numpy()
    np.testing.assert_allclose(slope, theirs.gradient(z.T, encoded), atol=1e-12)


def test_values_are_those_of_pytorch() -> None:
    z = torch.randn(3, 7, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    label = torch.tensor([0, 1, 2, 3, 0, 1, 2])
    target = F.one_hot(label, 4).double()
    wide = target.expand_as(z)
    expected = {
        "log": torch.stack([F.cross_entropy(one, label, reduction="none") for one in z]),
        "bce": F.binary_cross_entropy_with_logits(z, wide, reduction="none").sum(-1),
        "brier": F.mse_loss(z.softmax(-1), wide, reduction="none").sum(-1),
        "quadratic": F.mse_loss(z.sigmoid(), wide, reduction="none").sum(-1) / 2,
        "squared": F.mse_loss(z, wide, reduction="none").mean(-1),
    }
    for name, value in expected.items():
        torch.testing.assert_close(OUTPUT_LOSSES[name].value(z.mT, target.T), value)


@pytest.mark.parametrize("name", NAMES)
@given(
    z=st.lists(st.floats(-30, 30), min_size=6, max_size=6),
    label=st.lists(st.integers(0, 2), min_size=2, max_size=2),
)
def test_the_derivative_is_that_of_the_value(name: str, z: list[float], label: list[int]) -> None:
    loss = OUTPUT_LOSSES[name]
    outputs = torch.tensor(z, dtype=torch.float64).view(1, 3, 2).requires_grad_()
    target = F.one_hot(torch.tensor(label), 3).double().T
    loss.value(outputs, target).sum().backward()
    own = loss.derivative(outputs.detach(), target)
    torch.testing.assert_close(own, outputs.grad, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_huge_outputs_stay_finite(name: str) -> None:
    z = torch.tensor([[[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]]], dtype=torch.float64).mT
    target = torch.eye(3, dtype=torch.float64)[:, [1, 0]]
    loss = OUTPUT_LOSSES[name]
    assert loss.value(z, target).isfinite().all()
    assert loss.derivative(z, target).isfinite().all()
    if loss.log_probability is not None:
        p = loss.log_probability(z).exp()
        torch.testing.assert_close(p.sum(1), torch.ones(1, 2, dtype=torch.float64))


def test_sigmoids_are_divided_by_their_sum() -> None:
    log_probability = OUTPUT_LOSSES["quadratic"].log_probability
    assert log_probability is not None
    p = log_probability(torch.tensor([[[0.0], [math.log(3.0)]]], dtype=torch.float64)).exp()
    assert p.flatten().tolist() == pytest.approx([0.4, 0.6])  # 1/2 and 3/4 of 5/4


def test_an_unknown_loss_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"'brie' .*nearest: brier"):
        output_loss_named("brie")
