"""Isotonic fits against scikit-learn's, and across folds against fits to the other rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from counterpoint.scores.isotonic import GROUPS, PSEUDO_WEIGHT, _coarse, recalibrate

rows = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.31, 0.8, 1.0]), st.booleans(), st.floats(0.1, 9)),
    min_size=2,
    max_size=40,
)


def columns(drawn):
    forecast, event, weight = map(np.array, zip(*drawn, strict=True))
    return forecast, event.astype(float), weight


@given(rows)
def test_in_sample_is_scikit_learns_fit(drawn) -> None:
    forecast, event, weight = columns(drawn)
    fitted, _ = recalibrate(forecast, event, weight, np.arange(forecast.size) % 2)
    expected = IsotonicRegression(y_min=0, y_max=1).fit(forecast, event, weight).predict(forecast)
    np.testing.assert_allclose(fitted, expected, atol=1e-12)


@given(rows)
def test_across_folds_a_row_is_judged_by_the_others(drawn) -> None:
    """Brute force: scikit-learn's fit to the other folds' rows and the two added ones."""
    forecast, event, weight = columns(drawn)
    fold = np.arange(forecast.size) % 2
    _, fitted = recalibrate(forecast, event, weight, fold)
    added = PSEUDO_WEIGHT * weight.mean()
    for held_out in (0, 1):
        others = fold != held_out
        x = np.concatenate([[-1.0], forecast[others], [2.0]])
        y = np.concatenate([[1.0], event[others], [0.0]])
        w = np.concatenate([[added], weight[others], [added]])
        fit = IsotonicRegression().fit(x, y, w)
        at, value = fit.X_thresholds_, fit.y_thresholds_
        # The map is a step function: the value of the nearest forecast at or below.
        known = np.unique(x)
        levels = np.interp(known, at, value)
        for row in np.flatnonzero(~others):
            place = np.searchsorted(known, forecast[row], side="right") - 1
            assert fitted[row] == pytest.approx(levels[place], abs=1e-12)


def test_maps_across_folds_never_rule_anything_out() -> None:
    forecast = np.linspace(0, 1, 50)
    _, fitted = recalibrate(forecast, (forecast > 0.5) * 1.0, np.ones(50), np.arange(50) % 5)
    assert 0.0 < fitted.min() < fitted.max() < 1.0


def test_many_forecasts_are_grouped_across_folds_and_exact_in_sample() -> None:
    rng = np.random.default_rng(0)
    n = 3 * GROUPS
    forecast = rng.random(n)
    event = (rng.random(n) < forecast**2).astype(float)
    in_sample, across = recalibrate(forecast, event, np.ones(n), np.arange(n) % 5)
    expected = IsotonicRegression().fit(forecast, event).predict(forecast)
    np.testing.assert_allclose(in_sample, expected, atol=1e-12)
    order = np.argsort(forecast)
    for held_out in range(5):
        inside = order[(np.arange(n) % 5)[order] == held_out]
        assert (np.diff(across[inside]) >= 0).all()
    assert np.abs(across - forecast**2).mean() < 0.03


def test_groups_are_of_about_equal_weight() -> None:
    """Light rows come in few groups, heavy ones in many, and there are no more than allowed."""
    total = np.where(np.arange(6 * GROUPS) < 4 * GROUPS, 0.01, 1.0)
    group = _coarse(total)
    weight = np.bincount(group, total)
    assert group[-1] < GROUPS
    assert weight.max() <= total.sum() / GROUPS + total.max()
    assert np.unique(group[total < 1]).size < 0.03 * GROUPS
