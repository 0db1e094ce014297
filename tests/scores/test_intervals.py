"""Intervals against published values, copies of rows, and how often they cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from counterpoint.errors import InputError
from counterpoint.scores.intervals import (
    fold_standard_error,
    mean_interval,
    proportion_interval,
)


def test_mean_interval_is_students() -> None:
    values = np.random.default_rng(0).normal(size=20)
    estimate = mean_interval(values, confidence=0.9)
    low, high = stats.t.interval(0.9, df=19, loc=values.mean(), scale=stats.sem(values))
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.standard_error == pytest.approx(stats.sem(values), rel=1e-12)
    assert (estimate.low, estimate.high) == (pytest.approx(low), pytest.approx(high))
    assert estimate.n_effective == 20


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe (1998), Two-sided confidence intervals for the single proportion,
        # Statistics in Medicine 17, table I, method 3 (score).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_values(hits: int, n: int, low: float, high: float) -> None:
    estimate = proportion_interval(np.arange(n) < hits)
    assert estimate.low == pytest.approx(low, abs=5.1e-5)
    assert estimate.high == pytest.approx(high, abs=5.1e-5)
    reference = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert estimate.low == pytest.approx(reference.low, abs=1e-12)
    assert estimate.high == pytest.approx(reference.high, abs=1e-12)


@pytest.mark.parametrize("interval", [mean_interval, proportion_interval])
def test_equal_weights_of_any_size_change_nothing(interval) -> None:
    values = np.random.default_rng(1).integers(2, size=50)
    plain = interval(values)
    for size in (1e-300, 0.1, 1e300):
        weighted = interval(values, np.full(50, size))
        for field in ("value", "low", "high", "standard_error", "n_effective"):
            assert getattr(weighted, field) == pytest.approx(getattr(plain, field), rel=1e-12)


@pytest.mark.parametrize("interval", [mean_interval, proportion_interval])
def test_rows_of_weight_zero_do_not_count(interval) -> None:
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0, np.nan])
    weight = np.array([1.0, 2.0, 1.0, 0.5, 0.0, 0.0])
    assert interval(values, weight) == interval(values[:4], weight[:4])


@pytest.mark.parametrize("interval", [mean_interval, proportion_interval])
def test_one_interval_a_model(interval) -> None:
    rng = np.random.default_rng(2)
    values, weight = rng.integers(2, size=(3, 4, 30)), rng.uniform(0.5, 2, size=30)
    stacked = interval(values, weight)
    assert stacked.low.shape == (3, 4)
    for place in np.ndindex(3, 4):
        single = interval(values[place], weight)
        for field in ("value", "low", "high", "standard_error"):
            assert getattr(stacked, field)[place] == pytest.approx(getattr(single, field))


def test_effective_count_is_kishs() -> None:
    assert mean_interval([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]).n_effective == pytest.approx(36 / 14)


def share_covered(skew: float) -> float:
    """How often 90% intervals cover: 2000 samples of 40 normal values, log-normal weights."""
    rng = np.random.default_rng(3)
    weight = np.exp(skew * rng.normal(size=40))
    estimate = mean_interval(rng.normal(1.0, 2.0, size=(2000, 40)), weight, confidence=0.9)
    return float(np.mean((estimate.low <= 1.0) & (estimate.high >= 1.0)))


@pytest.mark.parametrize("skew", [0.0, 0.5])
def test_mean_interval_covers_as_often_as_it_says(skew: float) -> None:
    assert share_covered(skew) == pytest.approx(0.9, abs=0.025)  # four standard errors


def test_dominant_weights_widen_the_mean_interval() -> None:
    assert 0.92 < share_covered(1.0) < 1.0


@pytest.mark.parametrize("skew", [0.0, 0.5])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_wilson_covers_as_often_as_it_says(share: float, skew: float) -> None:
    rng = np.random.default_rng(4)
    weight = np.exp(skew * rng.normal(size=200))
    estimate = proportion_interval(rng.random((2000, 200)) < share, weight)
    covered = np.mean((estimate.low <= share) & (estimate.high >= share))
    assert covered == pytest.approx(0.95, abs=0.03)


@given(
    st.lists(st.booleans(), min_size=1, max_size=40).flatmap(
        lambda hits: st.tuples(
            st.just(hits),
            st.lists(st.floats(1e-6, 1e6), min_size=len(hits), max_size=len(hits)),
        )
    )
)
def test_wilson_stays_in_the_unit_interval_and_around_its_value(case) -> None:
    estimate = proportion_interval(*case)
    assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0
    assert estimate.low < estimate.high


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_value_that_is_not_finite_leaves_no_interval(bad: float) -> None:
    estimate = mean_interval([[1.0, 2.0, bad], [1.0, 2.0, 3.0]])
    np.testing.assert_equal(estimate.value, [bad, 2.0])
    assert np.isnan([estimate.low[0], estimate.high[0], estimate.standard_error[0]]).all()
    assert np.isfinite([estimate.low[1], estimate.high[1], estimate.standard_error[1]]).all()


@pytest.mark.parametrize("weight", [None, [3.0], [1.0, 0.0], [1.0, 0.01]])
def test_one_effective_observation_leaves_no_interval(weight) -> None:
    estimate = mean_interval([5.0] * (1 if weight is None else len(weight)), weight)
    assert estimate.value == pytest.approx(5.0)
    assert np.isnan([estimate.low, estimate.high, estimate.standard_error]).all()


def test_fold_standard_error_is_the_spread_of_fold_means() -> None:
    rng = np.random.default_rng(5)
    values, fold = rng.normal(size=(2, 3, 50)), rng.integers(5, size=50)
    weight = rng.uniform(0.5, 2, size=50)
    means = [
        np.average(values[..., fold == f], axis=-1, weights=weight[fold == f]) for f in range(5)
    ]
    expected = stats.sem(means, axis=0)
    np.testing.assert_allclose(fold_standard_error(values, fold, weight), expected, rtol=1e-12)


def test_fold_whose_rows_all_weigh_zero_is_left_out() -> None:
    fold, weight = np.array([0, 0, 1, 1, 2]), np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    error = fold_standard_error([1.0, 3.0, 4.0, 6.0, 99.0], fold, weight)
    assert error == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([]), "no observation"),
        (lambda: mean_interval([1.0], confidence=1.0), "confidence is 1.0"),
        (lambda: mean_interval([1.0, 2.0], [1.0]), r"shape \(1,\) for 2 observations"),
        (lambda: mean_interval([1.0, 2.0], [1.0, -1.0]), "sample_weight is -1.0 in row 1"),
        (lambda: mean_interval([1.0, 2.0], [np.nan, 1.0]), "sample_weight is nan in row 0"),
        (lambda: mean_interval([1.0, 2.0], [0.0, 0.0]), "zero in every row"),
        (lambda: mean_interval([1.0, 2.0], ["a", "b"]), "can't be read as numbers"),
        (lambda: proportion_interval([0.0, 0.5]), "neither 0 nor 1"),
        (lambda: fold_standard_error([1.0, 2.0], np.array([3, 3])), "one fold only"),
        (lambda: fold_standard_error([1.0, 2.0], np.array([3])), "one fold number a row"),
        (lambda: fold_standard_error(1.0, np.array([3])), "no observation"),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
