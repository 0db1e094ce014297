"""Best scales against a scalar optimiser and closed forms; what scaling does to the split."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from counterpoint.errors import InputError
from counterpoint.scores.scale_direction import best_scale, split_change


def raw_scores(outputs: int, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noisy raw scores, labels they mostly find, and weights."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(outputs, n))
    clear = raw + rng.normal(size=raw.shape)
    label = (clear[0] > 0).astype(int) if outputs == 1 else clear.argmax(axis=0)
    return raw, label, rng.uniform(0.5, 2.0, size=n)


def reference_loss(raw: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    full = np.vstack([np.zeros_like(raw), raw]) if raw.shape[0] == 1 else raw
    full = full - full.max(axis=0)
    probability = np.exp(full) / np.exp(full).sum(axis=0)
    return log_loss(label, probability.T, labels=range(full.shape[0]), sample_weight=weight)


@pytest.mark.parametrize("outputs", [1, 3, 10])
def test_best_scale_agrees_with_a_scalar_optimiser(outputs: int) -> None:
    raw, label, weight = raw_scores(outputs, 300, seed=outputs)
    best = best_scale(raw, label, weight)
    reference = minimize_scalar(
        lambda c: reference_loss(c * raw, label, weight),
        bounds=(0.0, 20.0),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert best.loss == pytest.approx(reference.fun, rel=1e-12)
    assert best.factor == pytest.approx(reference.x, rel=1e-6)


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 4]), st.floats(-10, 10))
def test_scaling_every_raw_score_has_no_direction(seed: int, outputs: int, power: float) -> None:
    raw, label, weight = raw_scores(outputs, 40, seed)
    factor = 10.0**power
    split = split_change(raw, factor * raw, label, weight)
    assert split.direction == pytest.approx(0.0, abs=1e-12)
    assert split.total == pytest.approx(split.scale + split.direction, abs=1e-15)
    if 0.0 < split.before.factor < np.inf:
        assert split.after.factor * factor == pytest.approx(split.before.factor, rel=1e-9)


@pytest.mark.parametrize("outputs", [1, 4])
def test_total_is_the_change_of_log_loss(outputs: int) -> None:
    before, label, weight = raw_scores(outputs, 100, seed=1)
    after = before * 3 + np.random.default_rng(2).normal(size=before.shape)
    split = split_change(before, after, label, weight)
    total = reference_loss(after, label, weight) - reference_loss(before, label, weight)
    assert split.total == pytest.approx(total, rel=1e-10)
    assert split.scale + split.direction == pytest.approx(split.total, rel=1e-15)
    assert split.direction == split.after.loss - split.before.loss


def test_two_best_scaled_models_differ_by_direction_alone() -> None:
    first, label, _ = raw_scores(3, 200, seed=3)
    second = first + np.random.default_rng(4).normal(size=first.shape)
    scaled = [raw * best_scale(raw, label).factor for raw in (first, second)]
    split = split_change(*scaled, label)
    assert split.scale == pytest.approx(0.0, abs=1e-12)
    assert split.direction > 0.05


def test_all_rows_right_wants_infinite_scale() -> None:
    best = best_scale(np.array([[-1.0, 2.0, 0.1]]), np.array([0, 1, 1]))
    assert (best.factor, best.loss) == (np.inf, 0.0)


def test_tied_rows_keep_their_loss_at_infinite_scale() -> None:
    best = best_scale(np.array([[-1.0, 0.0]]), np.array([0, 1]))
    assert best.factor == np.inf
    assert best.loss == pytest.approx(np.log(2) / 2)


def test_nothing_said_stays_nothing_said() -> None:
    best = best_scale(np.zeros((3, 5)), np.array([0, 1, 2, 0, 1]))
    assert best.factor == 1.0
    assert best.loss == pytest.approx(np.log(3))


def test_scores_worse_than_silence_are_silenced() -> None:
    raw, label, _ = raw_scores(1, 50, seed=5)
    best = best_scale(-raw, label)
    assert best.factor == 0.0
    assert best.loss == pytest.approx(np.log(2))


@pytest.mark.parametrize("size", [1e-200, 1e-12, 1e12, 1e200])
def test_extreme_raw_scores_are_no_trouble(size: float) -> None:
    raw, label, _ = raw_scores(4, 60, seed=6)
    plain, extreme = best_scale(raw, label), best_scale(size * raw, label)
    assert extreme.loss == pytest.approx(plain.loss, rel=1e-12)
    assert extreme.factor * size == pytest.approx(plain.factor, rel=1e-9)


@pytest.mark.parametrize("right", [501, 600, 950, 999])
def test_scores_of_one_size_are_scaled_to_their_log_odds(right: int) -> None:
    """With `right` of 1000 rows right by 1 and the others wrong by 1, σ(c) = right/1000."""
    raw = np.where(np.arange(1000) < right, 1.0, -1.0)[np.newaxis]
    best = best_scale(raw, np.ones(1000, dtype=int))
    share = right / 1000
    assert best.factor == pytest.approx(np.log(share / (1 - share)), rel=1e-9)
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert best.loss == pytest.approx(entropy, rel=1e-12)


@pytest.mark.parametrize("margin", [1e-3, 1e-9, 1e-15])
def test_a_barely_wrong_row_among_right_ones(margin: float) -> None:
    """Nine rows right by 1 and one wrong by `margin`."""
    raw = np.append(np.ones(9), -margin)[np.newaxis]
    best = best_scale(raw, np.ones(10, dtype=int))
    # Slope 9·σ(-c)·(-1) + margin·σ(c·margin) must vanish.
    slope = -9 / (1 + np.exp(best.factor)) + margin / (1 + np.exp(-best.factor * margin))
    assert slope == pytest.approx(0.0, abs=1e-10 * margin)


def test_rows_of_weight_zero_do_not_count() -> None:
    raw, label, weight = raw_scores(3, 30, seed=7)
    weight[20:] = 0.0
    raw[:, 25] = 1e9
    best, kept = best_scale(raw, label, weight), best_scale(raw[:, :20], label[:20], weight[:20])
    assert best.factor == pytest.approx(kept.factor, rel=1e-12)
    assert best.loss == pytest.approx(kept.loss, rel=1e-12)


@pytest.mark.parametrize(
    ("raw", "label", "message"),
    [
        (np.zeros(3), np.zeros(3, dtype=int), r"shape \(3,\)"),
        (np.zeros((2, 0)), np.zeros(0, dtype=int), r"shape \(2, 0\)"),
        (np.array([[0.0, np.inf]]), np.array([0, 1]), "raw score is inf in row 1, output 0"),
        (np.zeros((1, 3)), np.array([0, 1]), r"label_index has shape \(2,\)"),
        (np.zeros((1, 2)), np.array([0, 2]), "label_index is 2 in row 1"),
        (np.zeros((3, 2)), np.array([0, -1]), "label_index is -1 in row 1"),
    ],
)
def test_bad_input_is_named(raw: np.ndarray, label: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        best_scale(raw, label)


def test_models_of_different_shape_are_refused() -> None:
    with pytest.raises(InputError, match="same rows"):
        split_change(np.zeros((1, 2)), np.zeros((2, 2)), np.array([0, 1]))


@pytest.mark.parametrize(("n", "factor"), [(60, 1.0), (400, 3.0)])
def test_the_best_scale_is_as_well_known_as_said(n: int, factor: float) -> None:
    rng = np.random.default_rng(n)
    inside = []
    for _ in range(400):
        z = 1.5 * rng.normal(size=n)
        label = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
        best = best_scale(factor * z[np.newaxis], label)
        inside.append(abs(best.factor - 1 / factor) < 1.96 * best.standard_error)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.04)  # four standard errors


def test_the_error_of_the_scale_counts_weights_and_units() -> None:
    raw, label, weight = raw_scores(3, 200, seed=1)
    plain, tenfold = best_scale(raw, label, weight), best_scale(10 * raw, label, 5 * weight)
    assert tenfold.standard_error == pytest.approx(plain.standard_error / 10, rel=1e-9)
    twice = best_scale(np.hstack([raw, raw]), np.r_[label, label], np.r_[weight, weight])
    assert twice.standard_error == pytest.approx(plain.standard_error / np.sqrt(2), rel=1e-9)
