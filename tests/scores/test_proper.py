"""The registered scores against scikit-learn, closed forms and their own definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

from counterpoint.scores.proper import SCORES, SMALLEST_PROBABILITY

every_score = pytest.mark.parametrize("score", SCORES.values(), ids=SCORES.keys())


def predictions(n: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probability = rng.dirichlet(np.full(n_classes, 0.5), size=n)
    return probability, rng.integers(n_classes, size=n), rng.uniform(0.1, 3.0, size=n)


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_weighted_means_agree_with_scikit_learn(n_classes: int) -> None:
    probability, label, weight = predictions(200, n_classes, seed=n_classes)
    ours = {
        name: np.average(score.per_observation(probability, label), weights=weight)
        for name, score in SCORES.items()
    }
    classes = range(n_classes)
    assert ours["accuracy"] == pytest.approx(
        accuracy_score(label, probability.argmax(axis=1), sample_weight=weight), rel=1e-13
    )
    assert ours["log_loss"] == pytest.approx(
        log_loss(label, probability, labels=classes, sample_weight=weight), rel=1e-12
    )
    brier = brier_score_loss(
        label, probability, labels=classes, sample_weight=weight, scale_by_half=False
    )
    assert ours["brier"] == pytest.approx(brier, rel=1e-12)


@every_score
def test_names_match_the_registry(score) -> None:
    assert SCORES[score.name] is score
    assert score.label


@every_score
def test_models_on_leading_axes_are_scored_one_by_one(score) -> None:
    label = predictions(12, 4, seed=0)[1]
    stack = np.stack([predictions(12, 4, seed=s)[0] for s in range(6)]).reshape(2, 3, 12, 4)
    stacked = score.per_observation(stack, label)
    assert stacked.shape == (2, 3, 12)
    for i, j in np.ndindex(2, 3):
        np.testing.assert_array_equal(stacked[i, j], score.per_observation(stack[i, j], label))


@every_score
def test_input_is_left_as_it_was(score) -> None:
    probability, label, _ = predictions(5, 3, seed=1)
    copy = probability.copy()
    score.per_observation(probability, label)
    np.testing.assert_array_equal(probability, copy)


@every_score
def test_range_is_reached_and_never_left(score) -> None:
    certain = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    values = score.per_observation(certain, np.array([0, 0]))
    best, worst = values
    assert (best > worst) == score.greater_is_better
    assert sorted(values) == [score.least, pytest.approx(score.greatest, rel=1e-15)]
    probability, label, _ = predictions(500, 3, seed=2)
    spread = score.per_observation(probability, label)
    assert (spread >= score.least).all()
    assert (spread <= score.greatest).all()


def distributions(n_classes: int) -> st.SearchStrategy[np.ndarray]:
    part = st.floats(1e-3, 1.0)
    return arrays.arrays(np.float64, n_classes, elements=part).map(lambda v: v / v.sum())


@every_score
@given(truth=distributions(3), other=distributions(3))
def test_truth_has_the_best_expected_score(score, truth, other) -> None:
    """Proper: no forecast beats the true distribution on average over labels drawn from it."""

    def expected(forecast: np.ndarray) -> float:
        values = score.per_observation(np.tile(forecast, (3, 1)), np.arange(3))
        return float(truth @ values)

    sign = -1.0 if score.greater_is_better else 1.0
    regret = sign * (expected(other) - expected(truth))
    assert regret >= -1e-12
    if score.strictly_proper and np.abs(truth - other).max() > 1e-3:
        assert regret > 1e-8


def test_accuracy_gives_a_tie_to_the_first_class() -> None:
    tie = np.full((3, 3), 1 / 3)
    np.testing.assert_array_equal(
        SCORES["accuracy"].per_observation(tie, np.arange(3)), [1.0, 0.0, 0.0]
    )


def test_zero_probability_costs_a_known_amount() -> None:
    impossible = np.array([[1.0, 0.0], [1.0 - 1e-16, 1e-320]])
    loss = SCORES["log_loss"].per_observation(impossible, np.array([1, 1]))
    np.testing.assert_allclose(loss, 1022 * np.log(2.0), rtol=1e-15)  # tiny is 2**-1022
    assert SMALLEST_PROBABILITY == 2.0**-1022


def test_perfect_prediction_has_no_negative_zero() -> None:
    loss = SCORES["log_loss"].per_observation(np.array([[1.0, 0.0]]), np.array([0]))
    assert not np.signbit(loss).any()


def test_brier_keeps_its_digits_near_a_perfect_prediction() -> None:
    """For two classes it is 2(1 - p_y)², which |p|² - 2p_y + 1 can't resolve below 1e-8."""
    probability = np.array([[1.0, 1e-10]])
    brier = SCORES["brier"].per_observation(probability, np.array([0]))
    np.testing.assert_allclose(brier, 1e-20, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_uniform_guess(n_classes: int) -> None:
    uniform, label = np.full((1, n_classes), 1 / n_classes), np.array([n_classes - 1])
    assert SCORES["log_loss"].per_observation(uniform, label)[0] == pytest.approx(np.log(n_classes))
    assert SCORES["brier"].per_observation(uniform, label)[0] == pytest.approx(1 - 1 / n_classes)
