"""What is measured of members: against SciPy, and at the ends of the range of numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from counterpoint.fit.nets import measures
from counterpoint.fit.nets.losses import output_loss_named
from counterpoint.fit.nets.perceptron import Perceptron
from counterpoint.fit.nets.rows import Rows, make_rows
from counterpoint.scores import SCORES

LINEAR = Perceptron((3, 3), "relu")
LABEL = np.array([0, 1, 2, 2, 1])


def rows(x: np.ndarray) -> Rows:
    return make_rows(x, LABEL, 3, torch.float64, "cpu")


def identity(*scales: float) -> dict[str, torch.Tensor]:
    """Members whose outputs are the row times a number."""
    weight = torch.stack([scale * torch.eye(3, dtype=torch.float64) for scale in scales])
    return {"0.weight": weight, "0.bias": torch.zeros(len(scales), 3, dtype=torch.float64)}


@pytest.mark.parametrize("at_once", [1, 20, 10**6])
def test_they_are_means_over_all_rows(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "AT_ONCE", at_once)
    x = np.random.default_rng(0).normal(size=(5, 3))
    found = measures.judge(LINEAR, identity(1.0, -2.0), output_loss_named("log"), rows(x))
    for member, scale in enumerate((1.0, -2.0)):
        logs = log_softmax(scale * x, axis=1)
        cost = -logs[np.arange(5), LABEL]
        brier = ((np.exp(logs) - np.eye(3)[LABEL]) ** 2).sum(axis=1)
        right = (scale * x).argmax(axis=1) == LABEL
        expected = {"data_loss": cost, "accuracy": right, "log_loss": cost, "brier": brier}
        assert {name: value[member] for name, value in found.items()} == pytest.approx(
            {name: value.mean() for name, value in expected.items()}
        )


def test_log_loss_is_capped_as_everywhere_and_data_loss_is_not() -> None:
    x = -1e6 * np.eye(3)[LABEL]
    found = measures.judge(LINEAR, identity(1.0), output_loss_named("log"), rows(x))
    assert found["log_loss"][0] == SCORES["log_loss"].greatest
    assert found["data_loss"][0] > 1e5


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_outputs_that_are_no_numbers_predict_nothing(broken: float) -> None:
    x = np.eye(3)[LABEL]
    found = measures.judge(LINEAR, identity(1.0, broken), output_loss_named("log"), rows(x))
    assert found["accuracy"][0] == 1.0
    assert np.isnan(found["accuracy"][1])
    assert np.isfinite(found["log_loss"][0])


def test_norms_and_penalties_are_taken_in_double_precision() -> None:
    """A thousand weights whose squares single precision would round to infinity."""
    weights = torch.full((1, 10, 100), 1e20)
    assert measures.norms({"w": weights})["w"][0] == pytest.approx(1e20 * 1000**0.5)
