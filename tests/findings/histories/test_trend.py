"""Trend and noise against other libraries and known laws."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.findings.histories.trend import (
    kendall_z,
    noise,
    rises,
    slope_ratio,
    smooth,
    thinned,
    window,
)


@pytest.mark.parametrize("course", [lambda t: 0 * t, lambda t: 3 * np.exp(-t / 200), np.sin])
def test_noise_is_told_from_a_smooth_course(course):
    t = np.linspace(0, 1, 4000)
    rng = np.random.default_rng(0)
    estimates = [noise(course(t) + 0.2 * rng.normal(size=4000)) for _ in range(20)]
    # The median of dependent second differences: its standard error is about 1.3% here.
    assert np.mean(estimates) == pytest.approx(0.2, rel=0.02)


def test_single_jumps_are_no_noise():
    values = np.linspace(2, 1, 50)
    values[[10, 30]] += 100
    assert noise(values) < 1e-12


@given(st.lists(st.integers(0, 6), min_size=4, max_size=60))
def test_kendall_is_the_test_of_the_books(values):
    """S and its variance with ties, pair by pair."""
    v = np.array(values, float)
    s = sum(np.sign(v[j] - v[i]) for i in range(len(v)) for j in range(i + 1, len(v)))
    n = len(v)
    ties = [values.count(x) for x in set(values)]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    expected = 0.0 if s == 0 or variance == 0 else (s - np.sign(s)) / np.sqrt(variance)
    assert kendall_z(v) == pytest.approx(expected)


def test_kendall_has_the_sign_and_size_of_scipy():
    rng = np.random.default_rng(1)
    v = np.arange(40) * 0.03 + rng.normal(size=40)
    tau = scipy.stats.kendalltau(np.arange(40), v)
    assert 2 * scipy.stats.norm.sf(abs(kendall_z(v))) == pytest.approx(tau.pvalue, rel=0.3)


def test_kendall_of_noise_is_standard_normal():
    rng = np.random.default_rng(2)
    z = [kendall_z(rng.normal(size=25)) for _ in range(2000)]
    assert np.std(z) == pytest.approx(1.0, abs=0.06)
    assert np.mean(np.abs(z) > 3) < 0.01


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=900))
def test_thinning_keeps_the_mean_and_the_bound(values):
    v = np.array(values)
    short = thinned(v, 100)
    assert len(short) == min(len(v), 100)
    assert v.min() - 1e-6 <= short.min() <= short.max() <= v.max() + 1e-6


@given(st.integers(1, 2000))
def test_a_window_is_odd_and_fits(n):
    assert window(n) % 2 == 1
    assert window(n) <= n


def test_running_medians_pass_over_a_jump():
    values = np.ones(20)
    values[7] = 50
    assert (smooth(values, 5) == 1).all()


def test_a_straight_line_has_slope_ratio_one():
    assert slope_ratio(np.linspace(5, 1, 21)) == pytest.approx(1.0)
    assert slope_ratio(np.exp(-np.arange(21.0))) < 0.01


def test_few_points_rise_where_all_of_them_do():
    assert rises(np.arange(4.0), 3.0)
    assert not rises(np.arange(3.0), 3.0)
    assert not rises(-np.arange(40.0), 3.0)


def test_noise_rises_as_seldom_as_its_test_says():
    noisy = np.random.default_rng(3)
    risen = np.mean([rises(noisy.normal(size=40), 2.0) for _ in range(2000)])
    assert risen == pytest.approx(scipy.stats.norm.sf(2.0), abs=0.01)
