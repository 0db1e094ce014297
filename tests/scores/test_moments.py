"""Sums over blocks give what the whole gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.scores.intervals import mean_estimate, mean_interval
from counterpoint.scores.moments import moments_of

cells = st.tuples(st.floats(-1e3, 1e3), st.sampled_from([0.0, 0.01, 0.5, 1.0, 7.0]))


@given(st.lists(st.lists(cells, max_size=20), min_size=1))
def test_blocks_add_up(blocks) -> None:
    rows = [row for block in blocks for row in block]
    if not any(weight > 0 for _, weight in rows):
        return
    total = None
    for block in blocks:
        v, w = np.array(block).reshape(-1, 2).T
        each = moments_of(v, w)
        total = each if total is None else total + each
    values, weights = np.array(rows).T
    mean = np.average(values, weights=weights)
    spread = (weights * (values - mean) ** 2).sum()
    assert total.mean == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert total.spread == pytest.approx(spread, rel=1e-7, abs=1e-7 * (1 + abs(mean)) ** 2)
    assert total.n == len(rows)
    plain = mean_interval(values, weights)
    estimate = mean_estimate(total)
    np.testing.assert_allclose(estimate.low, plain.low, rtol=1e-6, atol=1e-6)
    assert estimate.n_effective == pytest.approx(plain.n_effective, rel=1e-9)


def test_a_large_offset_loses_no_spread() -> None:
    """The mean of squares less the squared mean would leave nothing of it."""
    rng = np.random.default_rng(0)
    values = 1e9 + rng.normal(size=1000)
    halves = moments_of(values[:300], np.ones(300)) + moments_of(values[300:], np.ones(700))
    assert halves.spread == pytest.approx(((values - values.mean()) ** 2).sum(), rel=1e-6)


def test_an_infinite_value_is_said() -> None:
    both = moments_of(np.array([np.inf, 1.0]), np.ones(2)) + moments_of(np.array([1.0]), np.ones(1))
    assert both.mean == np.inf
    assert np.isnan(mean_estimate(both).standard_error)


def test_rows_without_weight_are_counted_in_blocks_too() -> None:
    nothing = moments_of(np.array([5.0, 6.0]), np.zeros(2))
    some = moments_of(np.array([1.0]), np.ones(1))
    assert (nothing + some).n == (some + nothing).n == 3
    assert (nothing + some).mean == 1.0
