"""Every best cut of one feature, against trying each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.theory.zero_one.cuts import best_cuts

ROWS = st.lists(
    st.tuples(st.integers(-3, 3), st.sampled_from([-1.0, 1.0]), st.integers(0, 3)), min_size=1
)


@given(ROWS)
def test_the_cuts_are_all_that_have_the_least_loss(rows):
    x, target, weight = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    loss, cuts = best_cuts(x, target, weight)
    values = np.unique(x)
    tried = {
        (cut, side): weight[target * np.where(x > cut, side, -side) < 0].sum()
        # Amid each pair of neighbours, and below all of them.
        for cut in [values[0] - 1, *(values[:-1] + values[1:]) / 2]
        for side in (1, -1)
    }
    assert loss == min(tried.values())
    best = {at for at, value in tried.items() if value == loss}
    middles = {(max(cut.middle, values[0] - 1), 1 if cut.second_above else -1) for cut in cuts}
    assert middles == best
    assert all(not ((x > cut.low) & (x < cut.high)).any() for cut in cuts)


def test_the_five_points_have_two_best_cuts():
    best = cp.zero_one([[-1], [-0.3], [0], [0.9], [1]], [0, 0, 1, 0, 1])
    assert best.proven
    assert best.loss == pytest.approx(0.2)
    assert [(cut.low, cut.high, cut.second_above) for cut in best.cuts] == [
        (-0.3, 0.0, True),
        (0.9, 1.0, True),
    ]
    # The widest of them is taken, in its middle.
    assert (best.coef.tolist(), best.intercept) == ([1.0], 0.15)


def test_neighbouring_floats_leave_no_cut():
    x = np.array([1.0, np.nextafter(1.0, 2.0)])
    loss, cuts = best_cuts(x, np.array([-1.0, 1.0]), np.ones(2))
    assert loss == 1
    assert len(cuts) == 2
    assert all(np.isinf(cut.low) for cut in cuts)


def test_equal_weights_that_are_rounded_still_tie():
    x, target = np.arange(4.0), np.array([1.0, -1.0, -1.0, 1.0])
    _, cuts = best_cuts(x, target, np.array([0.1 + 0.2, 1.0, 1.0, 0.3]))
    assert [(cut.low, cut.second_above) for cut in cuts] == [(0.0, False), (2.0, True)]
