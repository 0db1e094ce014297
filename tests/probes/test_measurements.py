"""Each measurement against a reference of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditing.textbook import Network
from counterpoint.probes.decompose import weighted
from counterpoint.probes.differences import slopes
from counterpoint.probes.losses import DATA_LOSSES


def derivative(function, exact, at, size=1.0):
    """Slopes of a function of several coordinates one by one, and the exact ones."""
    now = at.copy()

    def move(i, amount):
        now[i] = at[i] + amount

    found = slopes(lambda: np.array([function(now)]), move, len(at), size)
    return found, exact(at)


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=4), st.floats(0.1, 3))
def test_slopes_of_smooth_functions_are_within_their_errors(at, pace):
    found, exact = derivative(
        lambda w: np.sin(pace * w).sum(), lambda w: pace * np.cos(pace * w), np.array(at)
    )
    assert np.all(np.abs(found.value[0] - exact) <= found.error[0])
    assert np.all(found.error < 1e-5)


@given(st.floats(-0.2, 0.2))
def test_a_kink_is_within_the_error_of_the_slope(at):
    """The slope of max(w, 0) is 0 or 1; beside the kink the error says so."""
    found, _ = derivative(lambda w: np.maximum(w, 0).sum(), np.sign, np.array([at, 1.0, -1.0]))
    if at != 0.0:
        assert abs(found.value[0][0] - (at > 0)) <= found.error[0][0] + 1e-12


def test_the_step_is_chosen_for_functions_of_single_precision():
    at = np.array([0.3, -0.7])
    now = at.copy()

    def move(i, amount):
        now[i] = at[i] + amount

    found = slopes(lambda: np.array([float(np.float32(np.exp(now).sum()))]), move, 2, 1.0)
    assert found.step >= 1e-3
    assert np.all(np.abs(found.value[0] - np.exp(at)) < 1e-3)


def test_coefficients_are_those_of_least_squares():
    rng = np.random.default_rng(0)
    columns = {name: rng.normal(size=40) for name in "abc"}
    target = 2 * columns["a"] - columns["b"] + 0.1 * rng.normal(size=40)
    found = weighted(target, columns, np.full(40, 0.1))
    design = np.stack(list(columns.values()), axis=1)
    exact = np.linalg.lstsq(design, target, rcond=None)[0]
    assert [found.coefficients[n].value for n in "abc"] == pytest.approx(list(exact))


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        x = rng.normal(size=30)
        found = weighted(3 * x + 0.2 * rng.normal(size=30), {"x": x}, np.full(30, 0.2))
        covered += abs(found.coefficients["x"].value - 3) <= found.coefficients["x"].error
    # Four standard deviations of 400 tosses: 95% ± 4.4%. The spread is never taken below 1.
    assert 0.906 <= covered / 400 <= 0.994


def test_a_column_that_others_make_up_has_no_coefficient():
    x = np.arange(10.0)
    found = weighted(3 * x, {"a": x, "b": 2 * x, "c": x**2}, np.full(10, 1e-9))
    assert np.isinf(found.coefficients["a"].error)
    assert np.isinf(found.coefficients["b"].error)
    assert abs(found.coefficients["c"].value) < 1e-9


def test_losses_of_outputs_are_those_of_scikit_learn():
    from sklearn.metrics import brier_score_loss, log_loss

    rng = np.random.default_rng(2)
    scores = rng.normal(size=(50, 4))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    y = rng.integers(4, size=50)
    assert DATA_LOSSES["log"].mean(p, y) == pytest.approx(log_loss(y, p))
    assert DATA_LOSSES["logits"].mean(scores, y) == pytest.approx(log_loss(y, p))
    two = p[:, :1]
    assert DATA_LOSSES["bce"].mean(two, y % 2) == pytest.approx(log_loss(y % 2, two[:, 0]))
    assert DATA_LOSSES["quadratic"].mean(two, y % 2) == pytest.approx(
        brier_score_loss(y % 2, two[:, 0]) / 2
    )


def test_the_textbook_network_has_the_slopes_it_says():
    """The reference of all broken ones: its slopes against plain differences."""
    rng = np.random.default_rng(3)
    X, y = rng.uniform(size=(9, 5)), rng.integers(3, size=9)
    for cost in ("quadratic", "bce"):
        net = Network((5, 4, 3), cost=cost)
        by_weight, by_bias = net.slopes(X, y)
        for array, slope in zip(
            net.weights + net.biases, list(by_weight) + list(by_bias), strict=True
        ):
            for place in np.ndindex(array.shape):
                own = array[place]
                array[place] = own + 1e-5
                above = net.data_part(X, y)
                array[place] = own - 1e-5
                below = net.data_part(X, y)
                array[place] = own
                assert (above - below) / 2e-5 == pytest.approx(slope[place], abs=1e-9)
