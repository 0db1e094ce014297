"""Series in bounded memory: what is kept of a long one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.runs.series import Series


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=8, max_size=60))
def test_of_each_four_the_least_and_the_greatest_and_both_ends(values):
    series = Series()
    for order, value in enumerate(values):
        series.add(order, order, None, value)
    series.thin()
    kept = [0]
    begin = 1
    while begin + 4 <= len(values) - 1:
        four = range(begin, begin + 4)
        ranks = [values[i] if math.isfinite(values[i]) else math.inf for i in four]
        kept += sorted({begin + ranks.index(min(ranks)), begin + ranks.index(max(ranks))})
        begin += 4
    kept += range(begin, len(values))
    assert list(series.orders) == kept
    assert list(series.values) == pytest.approx([values[i] for i in kept], nan_ok=True)
    assert list(series.steps) == kept
    assert series.seen == len(values)
