"""The region of loss and accuracy against predictors drawn at random and ones built to its edges.

Costs are computed here from each loss's definition, one prediction at a time.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from counterpoint.errors import InputError
from counterpoint.theory.proper_losses import PROPER_LOSSES, proper_loss_named
from counterpoint.theory.region import (
    accuracy_forced,
    calibrated_accuracies,
    calibrated_losses,
    reachable_losses,
)
from predictions import SEPARATE, any_outputs, cost, equals, expected

CLASSES = (2, 3, 5, 10)
each_loss = pytest.mark.parametrize("loss", PROPER_LOSSES)
each_case = pytest.mark.parametrize(("loss", "K"), [(n, K) for n in PROPER_LOSSES for K in CLASSES])


@given(st.sampled_from(list(PROPER_LOSSES)), st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_no_predictor_leaves_the_region(loss, K, seed):
    n = 30
    outputs = any_outputs(loss, K, n, seed)
    label = np.random.default_rng(seed + 1).integers(0, K, n)
    value = cost(loss, outputs, label).mean()
    accuracy = np.mean(outputs.argmax(axis=1) == label)
    low, high = reachable_losses(accuracy, loss, K)
    assert low - 1e-9 <= value <= high + 1e-9
    if np.isfinite(value):
        least, most = accuracy_forced(value, loss, K, samples=n)
        assert least - 1e-9 <= accuracy <= most + 1e-9
        assert accuracy_forced(value, loss, K).low <= least + 1e-9


@each_case
def test_single_predictions_attain_every_end_of_the_region(loss, K):
    """Right and wrong ones at their cheapest and dearest: the mean takes what lies between."""
    separate = loss in SEPARATE
    perfect = np.eye(K)[:1]
    tie = 0.5 * (np.eye(K)[:1] + np.eye(K)[1:2])
    uniform = np.ones((1, K)) if separate else np.full((1, K), 1 / K)
    dearest = 1 - np.eye(K)[:1] if separate else np.eye(K)[1:2]
    first = np.array([0])
    right = [cost(loss, outputs, first)[0] for outputs in (perfect, uniform)]
    wrong = [cost(loss, outputs, first)[0] for outputs in (tie, dearest)]
    for accuracy in (0.0, 0.3, 1.0):
        low, high = reachable_losses(accuracy, loss, K)
        share = np.array([accuracy, 1 - accuracy])
        ends = [np.array([r, w]) for r, w in zip(right, wrong, strict=True)]
        assert low == pytest.approx(share @ ends[0])
        assert high == pytest.approx(sum(s * v for s, v in zip(share, ends[1], strict=True) if s))


@each_loss
def test_where_there_is_no_ceiling_none_is_claimed(loss):
    no_ceiling = {"log": (math.log(4), math.inf), "bce": (math.inf, math.inf)}
    at_one, below = (float(reachable_losses(a, loss, 4).high) for a in (1.0, 0.9))
    if loss in no_ceiling:
        assert (at_one, below) == (pytest.approx(no_ceiling[loss][0]), math.inf)
    else:
        assert below < proper_loss_named(loss).bounds(4).maximum < math.inf


def test_published_statements_on_any_predictor():
    # e <= L / ln 2 and e <= 2 B; on n points the floor of n L / ln 2.
    assert accuracy_forced(0.2, "log", 7).low == pytest.approx(1 - 0.2 / math.log(2))
    assert accuracy_forced(0.2, "brier", 7).low == pytest.approx(1 - 2 * 0.2)
    assert accuracy_forced(0.2, "log", 7, samples=50).low == pytest.approx(1 - 14 / 50)
    # Above ln K some error is certain: one of n.
    assert accuracy_forced(1.0, "log", 2).high == 1.0
    assert accuracy_forced(1.0, "log", 2, samples=50).high == pytest.approx(49 / 50)
    # Ten sigmoids can't cost more than 5; at 0.7341 right, not more than this.
    assert np.isnan(accuracy_forced(174.71, "quadratic", 10).high)
    assert reachable_losses(0.7341, "quadratic", 10).high == pytest.approx(
        0.7341 * 4.5 + 0.2659 * 5
    )


@pytest.mark.parametrize("loss", ["brier", "squared", "quadratic"])
def test_whole_errors_are_counted_exactly(loss):
    """So many rows at the ceiling, the others right at their dearest: whatever the rounding."""
    bounds = proper_loss_named(loss).bounds(3)
    for n in range(1, 40):
        errors = np.arange(n + 1)
        value = (errors * bounds.maximum + (n - errors) * bounds.right_greatest) / n
        high = accuracy_forced(value, loss, 3, samples=n).high
        np.testing.assert_allclose(high, 1 - errors / n, atol=1e-12)


@given(st.sampled_from(list(PROPER_LOSSES)), st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_no_calibrated_predictor_leaves_the_band(loss, K, seed):
    rng = np.random.default_rng(seed)
    outputs = rng.dirichlet(np.full(K, rng.choice([0.05, 0.3, 1.0, 10.0])), size=8)
    # Some rows with classes ruled out, which is where the least losses are.
    outputs[::2] = [equals(K, int(k)) for k in rng.integers(1, K + 1, size=4)]
    weight = rng.dirichlet(np.ones(8))
    value, accuracy = weight @ expected(loss, outputs), weight @ outputs.max(axis=1)
    low, high = calibrated_losses(min(accuracy, 1.0), loss, K)
    assert low - 1e-9 <= value <= high + 1e-9
    least, most = calibrated_accuracies(value, loss, K)
    assert least - 1e-9 <= accuracy <= most + 1e-9


@each_case
def test_calibrated_predictors_attain_both_ends_of_the_band(loss, K):
    for accuracy in np.linspace(1 / K, 1.0, 23):
        low, high = calibrated_losses(accuracy, loss, K)
        spread = np.full((1, K), (1 - accuracy) / (K - 1))
        spread[0, 0] = accuracy
        assert high == pytest.approx(expected(loss, spread)[0], abs=1e-12)
        k = min(int(1 / accuracy + 1e-12), K - 1)
        two = np.stack([equals(K, k), equals(K, k + 1)])
        share = (accuracy - 1 / (k + 1)) / (1 / k - 1 / (k + 1))
        assert low == pytest.approx(np.array([share, 1 - share]) @ expected(loss, two), abs=1e-12)


@each_loss
def test_no_mixture_of_three_class_predictions_does_better(loss):
    """The ends as linear programs over all mixtures of a grid that holds the extreme ones."""
    steps = 120
    grid = np.array([(i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)])
    outputs = grid / steps
    value, top = expected(loss, outputs), outputs.max(axis=1)
    for accuracy in (40 / 120, 52 / 120, 0.5, 90 / 120, 114 / 120):
        band = calibrated_losses(accuracy, loss, 3)
        for sign, end in ((1.0, band.low), (-1.0, band.high)):
            best = linprog(
                sign * value,
                A_eq=np.stack([top, np.ones(len(top))]),
                b_eq=[accuracy, 1.0],
                method="highs",
            )
            # The grid has the least predictions, and comes within its step of the greatest.
            assert sign * best.fun == pytest.approx(float(end), abs=1e-9)


def test_published_statements_on_calibrated_predictors():
    e, K = np.linspace(0.01, 0.79, 40), 5
    low, high = calibrated_losses(1 - e, "log", K)
    fano = -e * np.log(e) - (1 - e) * np.log(1 - e) + e * np.log(K - 1)
    np.testing.assert_allclose(high, fano, atol=1e-12)
    k = np.floor(1 / (1 - e))
    feder_merhav = np.log(k) + k * (k + 1) * np.log((k + 1) / k) * (e - (k - 1) / k)
    np.testing.assert_allclose(low, feder_merhav, atol=1e-12)
    low, high = calibrated_losses(1 - e, "brier", K)
    np.testing.assert_allclose(low, e, atol=1e-12)
    np.testing.assert_allclose(high, 2 * e - e**2 * K / (K - 1), atol=1e-12)
    assert [round(float(v), 3) for v in calibrated_losses(0.7826, "log", 2)] == [0.301, 0.524]


@each_loss
def test_the_least_calibrated_losses_bend_upwards_however_many_classes(loss):
    """Straight lines between equal classes are the least only where these lie on a convex curve."""
    K = 1_000_000
    k = np.unique(np.geomspace(1, K, 4000).astype(int)).astype(float)
    value = proper_loss_named(loss).entropy_of_equals(k, 10) * (10 if loss == "squared" else 1)
    slope = np.diff(value) / np.diff(1 - 1 / k)
    assert (np.diff(slope) >= -1e-6 * slope[1:]).all()


@each_case
def test_the_uniform_guess_is_where_the_band_ends(loss, K):
    guess = proper_loss_named(loss).guess(np.full(K, 1 / K))
    np.testing.assert_allclose(calibrated_losses(1 / K, loss, K), guess)
    np.testing.assert_allclose(calibrated_accuracies(guess, loss, K), 1 / K, atol=1e-7)
    np.testing.assert_allclose(calibrated_accuracies(0.0, loss, K), 1.0, atol=1e-12)
    assert np.isnan(calibrated_losses(0.5 / K, loss, K)).all()
    assert np.isnan(calibrated_accuracies([-0.1, 1.001 * guess], loss, K)).all()


@each_loss
def test_the_best_constant_guess_is_the_shares(loss):
    share = np.array([0.5, 0.3, 0.15, 0.05])
    rows = np.repeat(share[None], 4, axis=0)
    constant = cost(loss, rows, np.arange(4)) @ share
    assert proper_loss_named(loss).guess(share) == pytest.approx(constant)
    rng = np.random.default_rng(0)
    for other in rng.dirichlet(20 * share, size=50):
        assert cost(loss, np.repeat(other[None], 4, axis=0), np.arange(4)) @ share >= constant


@pytest.mark.parametrize("K", CLASSES)
@each_loss
def test_bounds_hold_over_predictions(loss, K):
    bounds = proper_loss_named(loss).bounds(K)
    outputs = any_outputs(loss, K, 4000, 5)
    value = cost(loss, outputs, np.zeros(4000, dtype=int))
    right = outputs.argmax(axis=1) == 0
    assert bounds.minimum <= value.min()
    assert value[right].max() <= bounds.right_greatest + 1e-12
    assert bounds.wrong_least - 1e-12 <= value[~right].min()
    assert value.max() <= bounds.maximum
    start = np.full((1, K), 0.5 if loss in SEPARATE else 1 / K)
    assert bounds.uniform_guess == pytest.approx(cost(loss, start, np.array([0]))[0])


def test_what_can_not_be_asked():
    for accuracy in (-0.1, 1.1, math.nan, [0.5, 78.26]):
        with pytest.raises(InputError, match="accuracy"):
            reachable_losses(accuracy, "log", 2)
    with pytest.raises(InputError, match="classes"):
        calibrated_losses(0.5, "log", 1)
    with pytest.raises(InputError, match=r"nearest: brier"):
        calibrated_losses(0.5, "brie", 2)


@pytest.mark.parametrize("loss", ["brier", "squared", "quadratic"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.45, 0.6, 0.9])
def test_fewest_and_most_errors_by_trying_each_number(loss, share):
    """Of n rows e are wrong: the sum of the losses lies between the sums of their ends."""
    n, bounds = 7, proper_loss_named(loss).bounds(3)
    value = share * bounds.maximum
    possible = [
        e
        for e in range(n + 1)
        if e * bounds.wrong_least
        <= n * value
        <= e * bounds.maximum + (n - e) * bounds.right_greatest
    ]
    low, high = accuracy_forced(value, loss, 3, samples=n)
    assert (low, high) == pytest.approx((1 - max(possible) / n, 1 - min(possible) / n))


@pytest.mark.parametrize("K", [2, 3, 7, 10, 1000])
def test_the_even_guess_s_loss_is_one_that_a_calibrated_predictor_has_as_typed(K):
    for loss in ("log", "brier"):
        typed = float(f"{proper_loss_named(loss).even_guess(K):.13g}")
        low, high = calibrated_accuracies(typed, loss, K)
        assert low == pytest.approx(1 / K, abs=1e-5)
        assert high == pytest.approx(1 / K, abs=1e-5)
