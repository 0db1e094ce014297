"""Calibration recovers what made the data, agrees with a general optimiser, and leaks nothing."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.calibration import _sigmoid_calibration

from counterpoint.errors import InputError
from counterpoint.scores.calibration import cross_fitted_probabilities, fit_calibration


def drawn(
    n: int, scale: float, offset: list[float], seed: int, spread: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Raw scores, and labels drawn from softmax(scale·z + offset)."""
    rng = np.random.default_rng(seed)
    raw = spread * rng.normal(size=(len(offset), n))
    if len(offset) == 2:
        raw[0] = 0.0
    probability = softmax(scale * raw + np.array(offset)[:, np.newaxis], axis=0)
    label = (rng.random(n) > probability.cumsum(axis=0)).sum(axis=0)
    return (raw[1:] if len(offset) == 2 else raw), label


@pytest.mark.parametrize("offset", [[0.0, -0.7], [0.0, 1.0, -0.5], [0.0, 0.3, 0.6, -1.0, 0.2]])
@pytest.mark.parametrize("spread", [1e-6, 1.0, 1e6])
def test_recovers_the_scale_and_offsets_that_made_the_labels(offset, spread: float) -> None:
    raw, label = drawn(60_000, 1.8 / spread, offset, seed=0, spread=spread)
    fitted = fit_calibration(raw, label)
    assert fitted.scale * spread == pytest.approx(1.8, rel=0.04)
    np.testing.assert_allclose(fitted.offset, offset, atol=0.06)


def test_two_classes_agree_with_scikit_learns_platt() -> None:
    raw, label = drawn(400, 2.0, [0.0, -0.5], seed=1)
    weight = np.random.default_rng(2).uniform(0.5, 2, size=400)
    for w in (np.ones(400), weight * 400 / weight.sum()):
        a, b = _sigmoid_calibration(raw[0], label, w)
        fitted = fit_calibration(raw, label, w)
        assert fitted.scale == pytest.approx(-a, abs=2e-4)
        assert fitted.offset[1] == pytest.approx(-b, abs=2e-4)


def platt_loss(raw: np.ndarray, label: np.ndarray, weight: np.ndarray) -> Callable[..., float]:
    """Mean cross-entropy against Platt's targets, of (scale, offset_2, …)."""
    n_classes, n = raw.shape
    weight = weight / weight.mean()
    count = np.array([weight[label == k].sum() for k in range(n_classes)])[label]
    target = np.tile(1 / ((n_classes - 1) * (count + 2)), (n_classes, 1))
    target[label, np.arange(n)] = (count + 1) / (count + 2)

    def loss(v: np.ndarray) -> float:
        logits = v[0] * raw + np.append(0.0, v[1:])[:, np.newaxis]
        return float(-(weight * target * log_softmax(logits, axis=0)).sum() / n)

    return loss


@settings(max_examples=60)
@given(
    st.integers(0, 10_000), st.integers(3, 6), st.integers(2, 60), st.floats(0, 3), st.booleans()
)
def test_no_nearby_parameters_are_better(
    seed: int, n_classes: int, n: int, tail: float, separable: bool
) -> None:
    """Also where raw scores and weights have heavy tails, classes are missing or all is right."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(n_classes, n)) * np.exp(tail * rng.normal(size=(n_classes, n)))
    label = raw.argmax(axis=0) if separable else rng.integers(n_classes, size=n)
    weight = np.exp(tail * rng.normal(size=n))
    fitted = fit_calibration(raw, label, weight)
    best = np.array([fitted.scale, *fitted.offset[1:]])
    loss = platt_loss(raw, label, weight)
    for size in (1e-4, 1e-2, 1.0):
        move = size * rng.normal(size=(20, n_classes)) * np.maximum(np.abs(best), 1e-3)
        assert min(loss(best + m) for m in move) >= loss(best) - 1e-12


def test_several_classes_agree_with_a_general_optimiser() -> None:
    raw, label = drawn(300, 1.5, [0.0, 1.0, -0.5, 0.2], seed=3)
    weight = np.random.default_rng(4).uniform(0.5, 2, size=300)
    loss = platt_loss(raw, label, weight)
    reference = minimize(loss, np.array([1.0, 0, 0, 0]), tol=1e-10)
    fitted = fit_calibration(raw, label, weight)
    np.testing.assert_allclose([fitted.scale, *fitted.offset[1:]], reference.x, atol=1e-5)


def test_weights_count_as_shares_whatever_their_size() -> None:
    raw, label = drawn(200, 1.5, [0.0, 1.0, -0.5], seed=5)
    plain, heavy = fit_calibration(raw, label), fit_calibration(raw, label, np.full(200, 7.0))
    assert heavy.scale == pytest.approx(plain.scale, rel=1e-10)


def test_calibrated_probabilities_lower_a_miscalibrated_log_loss() -> None:
    raw, label = drawn(2000, 0.2, [0.0, 0.5, -0.5], seed=6)
    fold = np.arange(2000) % 5
    probability = cross_fitted_probabilities(raw, label, fold, 3)
    np.testing.assert_allclose(probability.sum(axis=1), 1.0, rtol=1e-12)

    def loss(p: np.ndarray) -> float:
        return float(-np.log(p[np.arange(2000), label]).mean())

    truth = softmax(0.2 * raw + np.array([[0.0], [0.5], [-0.5]]), axis=0).T
    assert loss(probability) < loss(softmax(raw, axis=0).T) - 0.2
    assert loss(probability) == pytest.approx(loss(truth), abs=0.005)


@pytest.mark.parametrize("offset", [[0.0, 0.4], [0.0, 0.4, -0.2]])
def test_a_folds_labels_do_not_reach_its_own_probabilities(offset) -> None:
    raw, label = drawn(120, 1.0, offset, seed=7)
    fold = np.arange(120) % 4
    changed = label.copy()
    changed[fold == 2] = (changed[fold == 2] + 1) % len(offset)
    before = cross_fitted_probabilities(raw, label, fold, len(offset))
    after = cross_fitted_probabilities(raw, changed, fold, len(offset))
    np.testing.assert_array_equal(before[fold == 2], after[fold == 2])
    assert (before[fold != 2] != after[fold != 2]).any(axis=1).all()


def test_each_fold_gets_the_calibration_of_the_others() -> None:
    raw, label = drawn(90, 1.0, [0.0, 0.3, 0.1], seed=8)
    fold = np.repeat([4, 9, 2], 30)
    probability = cross_fitted_probabilities(raw, label, fold, 3)
    others = fit_calibration(raw[:, fold != 9], label[fold != 9])
    np.testing.assert_allclose(probability[fold == 9], others.probability(raw[:, fold == 9]))


@pytest.mark.parametrize("fold", [None, np.full(100, 7)])
def test_one_held_out_set_is_split_in_halves_that_share_each_class(fold) -> None:
    raw, label = drawn(100, 1.0, [0.0, 0.3, 0.1], seed=9)
    order = np.argsort(label, kind="stable")
    half = np.empty(100, dtype=int)
    half[order] = np.tile([0, 1], 50)
    expected = cross_fitted_probabilities(raw, label, half, 3)
    np.testing.assert_array_equal(cross_fitted_probabilities(raw, label, fold, 3), expected)


def test_separable_rows_keep_finite_parameters() -> None:
    raw = np.append(-np.ones(50), np.ones(50))[np.newaxis]
    label = np.repeat([0, 1], 50)
    fitted = fit_calibration(raw, label)
    probability = fitted.probability(raw)
    np.testing.assert_allclose(probability[label == 1, 1], 51 / 52, rtol=1e-6)  # Platt's target


def test_scores_that_do_not_vary_give_base_rates() -> None:
    label = np.array([0] * 500 + [1] * 300 + [2] * 200)
    probability = fit_calibration(np.full((3, 1000), 0.25), label).probability(np.zeros((3, 1)))
    np.testing.assert_allclose(probability[0], [0.5, 0.3, 0.2], atol=0.003)


def test_class_missing_from_the_rows_gets_a_small_probability() -> None:
    raw, label = drawn(100, 1.0, [0.0, 0.3, 0.1], seed=10)
    seen = label != 2
    probability = fit_calibration(raw[:, seen], label[seen]).probability(raw)
    assert np.isfinite(probability).all()
    assert 0.0 < probability[:, 2].mean() < 0.05


@pytest.mark.parametrize("size", [1e-200, 1e-12, 1e12, 1e100])
def test_extreme_raw_scores_are_no_trouble(size: float) -> None:
    raw, label = drawn(200, 1.0, [0.0, 0.3, 0.1], seed=11)
    plain = fit_calibration(raw, label).probability(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        extreme = fit_calibration(size * raw, label).probability(size * raw)
    np.testing.assert_allclose(extreme, plain, rtol=1e-6)


def test_far_outliers_are_no_trouble() -> None:
    raw, label = drawn(200, 1.0, [0.0, 0.3, 0.1], seed=12)
    raw[:, :3] *= 1e6
    probability = fit_calibration(raw, label).probability(raw)
    assert np.isfinite(probability).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cross_fitted_probabilities(np.zeros((1, 4)), np.arange(4) % 3, None, 3),
            "1 rows for 3 classes",
        ),
        (
            lambda: cross_fitted_probabilities(np.zeros((1, 1)), np.array([0]), None, 2),
            "one held-out row only",
        ),
        (
            lambda: cross_fitted_probabilities(np.zeros((1, 2)), np.arange(2), np.arange(3), 2),
            "one fold number a row",
        ),
        (lambda: fit_calibration(np.array([[np.nan]]), np.array([0])), "raw score is nan"),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
