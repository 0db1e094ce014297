"""How far a mean loss may lie from its expectation: no sample's spread exceeds the bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from counterpoint.theory.proper_losses import proper_loss_named
from counterpoint.theory.sampling import greatest_deviation
from counterpoint.theory.smoothing import smoothed_log_losses
from predictions import any_outputs, cost, expected


@given(
    st.sampled_from(["brier", "squared", "quadratic"]),
    st.integers(2, 8),
    st.integers(0, 2**32 - 1),
)
def test_no_spread_of_a_loss_with_a_ceiling_is_greater(loss, K, seed):
    outputs = any_outputs(loss, K, 40, seed)
    label = np.random.default_rng(seed + 1).integers(0, K, 40)
    values = cost(loss, outputs, label)
    accuracy = np.mean(outputs.argmax(axis=1) == label)
    assert values.std() <= greatest_deviation(values.mean(), accuracy, loss, K) + 1e-9


def test_predictions_at_the_ends_attain_the_spread():
    """A tenth wrong for certain, the rest of the wrong near a tie, the right ones certain."""
    outputs = np.array([[0, 1]] * 10 + [[0.5, 0.5 + 1e-12]] * 20 + [[1, 0]] * 70, dtype=float)
    values = cost("brier", outputs, np.zeros(100, dtype=int))
    bound = greatest_deviation(values.mean(), 0.7, "brier", 2)
    assert values.std() == pytest.approx(bound, rel=1e-9)


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_no_calibrated_log_loss_spreads_more(K, seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(K, rng.choice([0.05, 0.3, 1.0, 10.0])), size=20)
    log_p = np.log(np.where(p > 0, p, 1.0))
    mean, square = expected("log", p).mean(), (p * log_p**2).sum(axis=1).mean()
    accuracy = min(p.max(axis=1).mean(), 1.0)
    assert math.sqrt(square - mean**2) <= greatest_deviation(mean, accuracy, "log", K) + 1e-9


def test_the_bound_on_binary_cross_entropies_is_not_far_off():
    """Of two classes their sum is twice the log loss, and 1e-4 of the rows carry its spread."""
    p = np.array([1 - 1e-4, 1e-4])
    deviation = 2 * math.sqrt(p.prod()) * math.log(p[0] / p[1])
    mean = -2 * (p * np.log(p)).sum()
    assert 0.85 < deviation / greatest_deviation(mean, p[0], "bce", 2) <= 1.0


@pytest.mark.parametrize(("K", "accuracy"), [(2, 0.78), (2, 0.95), (10, 0.5), (10, 0.9)])
def test_the_bound_on_log_loss_is_not_far_off(K, accuracy):
    """A search over mixtures of two predictions comes within a quarter of it."""
    greatest = 0.0
    for top in np.linspace(1 / K, 1.0, 40):
        for other in np.linspace(1 / K, 1.0, 40):
            if not min(top, other) <= accuracy <= max(top, other) or top == other:
                continue
            share = (accuracy - other) / (top - other)
            rows = np.array([[t] + [(1 - t) / (K - 1)] * (K - 1) for t in (top, other)])
            log_p = np.log(np.where(rows > 0, rows, 1.0))
            mean = np.array([share, 1 - share]) @ -(rows * log_p).sum(axis=1)
            square = np.array([share, 1 - share]) @ (rows * log_p**2).sum(axis=1)
            deviation = math.sqrt(max(square - mean**2, 0.0))
            greatest = max(greatest, deviation / greatest_deviation(mean, accuracy, "log", K))
    assert 0.75 < greatest <= 1.0


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_no_calibrated_sum_of_binary_cross_entropies_spreads_more(K, seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(K, rng.choice([0.05, 0.3, 1.0, 10.0])), size=20)
    p = np.maximum(p, 1e-9) / np.maximum(p, 1e-9).sum(axis=1, keepdims=True)
    costs = np.stack([cost("bce", p, np.full(20, y)) for y in range(K)], axis=1)
    mean, square = ((p * costs**power).sum(axis=1).mean() for power in (1, 2))
    accuracy = min(p.max(axis=1).mean(), 1.0)
    assert math.sqrt(square - mean**2) <= greatest_deviation(mean, accuracy, "bce", K) + 1e-9


@given(st.integers(2, 12), st.floats(0.01, 0.5), st.integers(0, 2**32 - 1))
def test_losses_over_smoothed_labels(K, smoothing, seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(K, rng.choice([0.05, 0.3, 1.0, 10.0])), size=10)
    q = (1 - smoothing) * p + smoothing / K
    # Labels come from p and are smoothed: each costs its own cross-entropy with q.
    label_cost = -(1 - smoothing) * np.log(q) - smoothing / K * np.log(q).sum(axis=1)[:, None]
    value = (p * label_cost).sum(axis=1).mean()
    low, high = smoothed_log_losses(min(p.max(axis=1).mean(), 1.0), smoothing, K)
    assert low - 1e-9 <= value <= high + 1e-9


def test_certain_predictions_have_the_least_smoothed_loss():
    q = np.array([0.91] + [0.01] * 9)
    entropy = -(q * np.log(q)).sum()
    assert smoothed_log_losses(1.0, 0.1, 10).low == pytest.approx(entropy)
    assert smoothed_log_losses(1.0, 0.1, 10).high == pytest.approx(entropy)


@pytest.mark.parametrize(("mean", "accuracy"), [(0.3, 0.9), (0.5, 0.9), (0.8, 0.7), (0.1, 0.95)])
@pytest.mark.parametrize("loss", ["brier", "quadratic"])
def test_the_spread_is_the_greatest_by_a_linear_program(loss, mean, accuracy):
    """Shares of rows on a grid of losses, wrong and right, that have this mean."""
    K = 3
    bounds = proper_loss_named(loss).bounds(K)
    wrong = np.linspace(bounds.wrong_least, bounds.maximum, 200)
    right = np.linspace(bounds.minimum, bounds.right_greatest, 200)
    at, is_wrong = np.concatenate([wrong, right]), np.arange(400) < 200
    solved = linprog(-(at**2), A_eq=[at, is_wrong, ~is_wrong], b_eq=[mean, 1 - accuracy, accuracy])
    assert solved.status == 0
    spread = math.sqrt(-solved.fun - mean**2)
    assert greatest_deviation(mean, accuracy, loss, K) == pytest.approx(spread, rel=1e-3)
