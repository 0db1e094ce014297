"""The reliability curve against scikit-learn, and how often its band holds calibrated curves."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from counterpoint.scores.reliability import GROUPS, reliability


def test_curve_is_the_isotonic_fit_where_forecasts_are_few() -> None:
    rng = np.random.default_rng(0)
    forecast = rng.choice([0.1, 0.2, 0.5, 0.9], size=300)
    event = (rng.random(300) < forecast).astype(float)
    weight = rng.uniform(0.5, 2, size=300)
    curve = reliability(forecast, event, weight)
    expected = IsotonicRegression().fit(forecast, event, weight).predict(curve.forecast)
    np.testing.assert_allclose(curve.forecast, [0.1, 0.2, 0.5, 0.9])
    np.testing.assert_allclose(curve.observed, expected, atol=1e-12)
    assert curve.bars.sum() == pytest.approx(1.0)


def test_many_forecasts_are_drawn_through_groups() -> None:
    rng = np.random.default_rng(1)
    forecast = rng.random(20_000)
    event = (rng.random(20_000) < forecast**2).astype(float)
    curve = reliability(forecast, event, np.ones(20_000))
    assert curve.forecast.size <= GROUPS + 1
    assert np.abs(curve.observed - curve.forecast**2).mean() < 0.02
    assert curve.outside > 0.6


@pytest.mark.parametrize("n", [60, 600])
def test_band_holds_calibrated_curves_point_by_point(n: int) -> None:
    outside = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        forecast = rng.random(n)
        event = (rng.random(n) < forecast).astype(float)
        outside.append(reliability(forecast, event, np.ones(n), seed=seed).outside)
    # 5% by construction; the mean over 100 samples has a standard error of about one percent.
    assert np.mean(outside) == pytest.approx(0.05, abs=0.025)


def test_one_row_and_one_forecast() -> None:
    curve = reliability(np.array([0.3]), np.array([1.0]), np.ones(1))
    assert curve.observed.tolist() == [1.0]
    assert (curve.low[0], curve.high[0]) == (0.0, 1.0)


def test_weights_count_in_curve_band_and_bars() -> None:
    """Of 400 rows half weigh next to nothing: the band is that of 200."""
    forecast, event = np.full(400, 0.5), np.arange(400) % 2 * 1.0
    weight = np.where(np.arange(400) < 200, 3.0, 1e-9)
    low, high = (
        float(getattr(reliability(forecast, event, weight), end)[0]) for end in ("low", "high")
    )
    half = 1.96 * np.sqrt(0.25 / 200)
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.011)
    two = reliability(np.array([0.11, 0.91]), np.array([0.0, 1.0]), np.array([3.0, 1.0]))
    assert two.bars[[2, 18]].tolist() == [0.75, 0.25]


def test_points_of_the_curve_are_of_about_equal_weight() -> None:
    n = 20_000
    forecast = np.linspace(0.001, 0.999, n)
    weight = np.where(forecast < 0.5, 0.01, 1.0)
    curve = reliability(forecast, (forecast > 0.5) * 1.0, weight)
    assert (curve.forecast < 0.5).sum() < 0.02 * GROUPS
