"""Flips by brute force, McNemar's test by whole-number sums, differences by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.errors import InputError
from counterpoint.scores.intervals import mean_interval
from counterpoint.scores.paired import flips, mcnemar, paired_difference


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
