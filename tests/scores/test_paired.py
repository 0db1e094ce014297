"""Flips by brute force, McNemar's test by whole-number sums, differences by hand."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from counterpoint.errors import InputError
from counterpoint.scores.intervals import mean_interval
from counterpoint.scores.paired import (
    difference_p,
    flip_difference,
    flips,
    holm,
    least_shown,
    mcnemar,
    paired_difference,
    rows_to_show,
)


def exact_mcnemar(b: int, c: int) -> float:
    """Two-sided binomial sum in whole numbers, doubled and cut at one."""
    n = b + c
    term = tail = 1
    for k in range(min(b, c)):
        term = term * (n - k) // (k + 1)
        tail += term
    return float(min(Fraction(1), Fraction(2 * tail, 2**n)))


labels = st.sampled_from(["cat", "dog", "owl"])


@given(st.lists(st.tuples(labels, labels, labels, st.floats(0.1, 10)), min_size=1, max_size=30))
def test_flips_count_every_kind_of_change(rows) -> None:
    before, after, truth, weight = (list(column) for column in zip(*rows, strict=True))
    result = flips(before, after, truth, weight)
    assert result.n == len(rows)
    assert result.b == sum(o != y and a == y for o, a, y, _ in rows)
    assert result.c == sum(o == y and a != y for o, a, y, _ in rows)
    assert result.d == sum(o != y and a != y and o != a for o, a, y, _ in rows)
    change = sum(w * ((a == y) - (o == y)) for o, a, y, w in rows) / sum(weight)
    assert result.accuracy_change == pytest.approx(change, abs=1e-12)
    plain = flips(before, after, truth)
    assert plain.accuracy_change == pytest.approx((plain.b - plain.c) / plain.n, abs=1e-15)


@pytest.mark.parametrize(
    ("b", "c", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 1, 1.0),
        (0, 5, 2 / 32),
        (0, 6, 2 / 64),
        (1, 9, 22 / 1024),  # 2 * (1 + 10) / 2**10
        (2, 8, 112 / 1024),  # 2 * (1 + 10 + 45) / 2**10
    ],
)
def test_mcnemar_by_hand(b: int, c: int, p: float) -> None:
    assert mcnemar(b, c) == pytest.approx(p, rel=1e-14)
    assert mcnemar(c, b) == mcnemar(b, c)


@pytest.mark.parametrize(
    ("b", "c"), [(7, 12), (40, 60), (480, 520), (300, 700), (2400, 2600), (9000, 9300)]
)
def test_mcnemar_is_the_exact_sum_at_any_size(b: int, c: int) -> None:
    assert mcnemar(b, c) == pytest.approx(exact_mcnemar(b, c), rel=1e-9)


def test_paired_difference_is_the_mean_of_differences() -> None:
    rng = np.random.default_rng(0)
    hard = rng.exponential(5.0, size=100)
    before, after = hard + rng.normal(size=100), hard - 0.5 + rng.normal(size=100)
    weight = rng.uniform(1, 2, size=100)
    estimate = paired_difference(before, after, weight, confidence=0.9)
    assert estimate == mean_interval(after - before, weight, confidence=0.9)
    assert estimate.value == pytest.approx(
        np.average(after, weights=weight) - np.average(before, weights=weight)
    )
    apart = np.hypot(mean_interval(before).standard_error, mean_interval(after).standard_error)
    assert estimate.standard_error < apart / 3  # what the two share is taken out


def test_one_model_against_many() -> None:
    rng = np.random.default_rng(1)
    before, after = rng.random(20), rng.random((4, 20))
    estimate = paired_difference(before, after)
    for model in range(4):
        single = paired_difference(before, after[model])
        assert estimate.low[model] == pytest.approx(single.low)


def test_two_infinite_losses_have_no_difference() -> None:
    estimate = paired_difference([np.inf, 1.0], [np.inf, 2.0])
    assert np.isnan(estimate.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: flips([0], [0, 1], [0, 1]), "one label a row"),
        (lambda: flips([], [], []), "one label a row"),
        (lambda: flips([0], [0], [0], [-1.0]), "sample_weight is -1.0"),
        (lambda: mcnemar(-1, 2), "b is -1"),
        (lambda: paired_difference([1.0], [1.0, 2.0]), "same rows"),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_the_paired_t_test_is_scipys() -> None:
    rng = np.random.default_rng(3)
    before, after = rng.exponential(size=(2, 40))
    found = paired_difference(before, after)
    theirs = stats.ttest_rel(after, before)
    assert difference_p(found) == pytest.approx(theirs.pvalue, rel=1e-10)
    interval = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-10)


def test_mcnemar_is_scipys_binomial_test() -> None:
    for b, c in ((3, 11), (0, 4), (120, 90)):
        assert mcnemar(b, c) == pytest.approx(stats.binomtest(b, b + c).pvalue, rel=1e-9)


@pytest.mark.peer
def test_mcnemar_is_that_of_statsmodels() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables", reason="needs statsmodels")
    for b, c in ((3, 11), (0, 4), (120, 90)):
        theirs = tables.mcnemar([[50, c], [b, 20]], exact=True)
        assert mcnemar(b, c) == pytest.approx(theirs.pvalue, rel=1e-9)


def test_no_difference_at_all_has_p_one_and_no_rows_to_show_it() -> None:
    nothing = paired_difference([1.0, 2.0], [1.0, 2.0])
    assert difference_p(nothing) == 1.0
    assert rows_to_show(nothing, 2) is None
    assert np.isnan(difference_p(paired_difference([1.0], [2.0])))


def exact_coverage(n: int, up: float, down: float) -> float:
    """Probability that Bonett and Price's interval holds the truth, over every outcome."""
    total = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            found = flip_difference(b / n, c / n, n)
            if found.low - 1e-12 <= up - down <= found.high + 1e-12:
                total += stats.multinomial.pmf([b, c, n - b - c], n, [up, down, 1 - up - down])
    return total


@pytest.mark.parametrize(("up", "down"), [(0.02, 0.02), (0.1, 0.05), (0.3, 0.3), (0.4, 0.0)])
def test_the_interval_of_flips_covers(up: float, down: float) -> None:
    """Bonett and Price (2012) report a least coverage a little under the nominal one."""
    assert exact_coverage(30, up, down) > 0.935


def test_rows_to_show_have_the_power_that_is_claimed() -> None:
    """Power of the two-sided normal test at that many rows, from its formula."""
    rng = np.random.default_rng(4)
    found = paired_difference(np.zeros(300), 0.1 + rng.normal(size=300))
    rows = rows_to_show(found, 300)
    error = float(found.standard_error) * np.sqrt(300 / rows)
    power = stats.norm.sf(1.959964 - abs(float(found.value)) / error)
    assert power == pytest.approx(0.8, abs=0.005)
    assert least_shown(found) == pytest.approx(2.8016 * float(found.standard_error), rel=1e-3)


def test_the_interval_of_flips_by_hand() -> None:
    """Of 30 rows 12 are gained and none lost: 13 and 1 of 32."""
    found = flip_difference(0.4, 0.0, 30)
    half = 1.959964 * np.sqrt((14 / 32 - (12 / 32) ** 2) / 32)
    assert (found.low, found.high) == pytest.approx((0.375 - half, 0.375 + half), abs=1e-6)
    all_lost = flip_difference(0.0, 1.0, 50, confidence=0.3)
    assert all_lost.low == all_lost.value == -1.0


def test_one_row_has_no_p_value_even_where_nothing_moved() -> None:
    assert np.isnan(difference_p(paired_difference([1.0], [1.0])))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holms_adjustment_is_the_closure_of_bonferronis(p) -> None:
    """A test holds where every set that it is in has a p below the level over the set's size."""
    sets = [s for size in range(1, len(p) + 1) for s in combinations(range(len(p)), size)]
    for i, adjusted in enumerate(holm(p)):
        worst = max(min(1.0, len(s) * min(p[j] for j in s)) for s in sets if i in s)
        assert adjusted == pytest.approx(worst, rel=1e-12)


def test_a_p_that_is_none_is_no_test() -> None:
    assert holm([0.02, math.nan, 0.04])[::2] == [0.04, 0.04]
    assert holm([]) == []
