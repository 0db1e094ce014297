"""Probabilities, per cent, logarithms, rounded figures and logits are told from one another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from counterpoint.data.predictions.values import as_probabilities, understand
from counterpoint.errors import InputError


def forecasts(n_classes: int = 3, n: int = 50) -> np.ndarray:
    return np.random.default_rng(0).dirichlet(np.ones(n_classes), size=n)


def read(values, **options):
    names = [f"c{j}" for j in range(values.shape[1])]
    return as_probabilities(values, understand(values, "t", **options), names, "t")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (lambda p: p, "probability"),
        (lambda p: p.astype(np.float32).astype(float), "probability"),
        (lambda p: 100 * p, "percent"),
        (np.log, "logarithm"),
        (lambda p: p.round(3), "probability"),
        (lambda p: (100 * p).round(1), "percent"),
    ],
)
def test_kinds_of_numbers(written, kind: str) -> None:
    p = forecasts()
    values = written(p)
    assert understand(values, "t").kind == kind
    found = read(values)
    np.testing.assert_allclose(found, p, atol=0.002)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-5)


def test_exact_probabilities_are_left_as_they_are() -> None:
    p = forecasts()
    np.testing.assert_array_equal(read(p), p)


def test_rounded_probabilities_are_divided_by_their_sum_and_that_is_said() -> None:
    values = forecasts().round(2)
    assert "rounded to 2 decimals" in understand(values, "t").note
    np.testing.assert_allclose(read(values).sum(axis=1), 1.0, rtol=1e-12)


def test_logits_are_turned_when_the_caller_says_so() -> None:
    z = 5 * np.random.default_rng(1).normal(size=(20, 3))
    np.testing.assert_allclose(read(z, logits=True), softmax(z, axis=1))
    one = read(z[:, :1], logits=True)
    np.testing.assert_allclose(one[:, 1], 1 / (1 + np.exp(-z[:, 0])))
    assert "as probabilities do" not in understand(z, "t", logits=True).note
    assert "as probabilities do" in understand(forecasts(), "t", logits=True).note
    np.testing.assert_allclose(read(log_softmax(z, axis=1)), softmax(z, axis=1), atol=1e-12)


def spoilt(row, column, value):
    values = forecasts()
    values[row, column] = value
    return values


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (spoilt(4, 1, np.nan), r"data row 5: column 'c1' is missing"),
        (spoilt(4, 1, np.inf), r"data row 5: column 'c1' is inf"),
        (spoilt(4, 1, 1.7), r"data row 5: column 'c1' is 1.7"),
        (spoilt(4, 1, -0.2), r"data row 5: column 'c1' is -0.2.*--logits"),
        (spoilt(4, 1, 0.999), r"data row 5 sum to .*the only such row"),
        (forecasts() * 0.9, r"data row 1 sum to 0.9, and 49 more"),
        (3 * np.log(forecasts()), r"--logits"),
        (np.array([[-2.0], [3.0]]), r"--logits"),
    ],
)
def test_what_is_no_probability_is_named_by_row_and_column(values, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(values)


@given(st.integers(1, 5), st.integers(0, 10**6), st.sampled_from([1.0, 100.0]))
def test_what_comes_out_is_a_distribution(n_classes: int, seed: int, whole: float) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(max(n_classes, 2)), size=8)
    values = whole * (p[:, :1] if n_classes == 1 else p)
    found = read(values)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-9)
    assert found.shape[1] == max(n_classes, 2)
