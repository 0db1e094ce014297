"""The law of Σ q_j² against geometry, adaptive quadrature, its own moments, and random draws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.special import betainc, gamma

from counterpoint.errors import InputError
from counterpoint.theory.characteristic import characteristic_cdf
from counterpoint.theory.square_sum import SquareSum
from counterpoint.theory.stick_breaking import stick_breaking_cdf

#: What the docstrings promise.
STATED = 1e-6

concentrations = st.lists(st.floats(0.01, 50.0), min_size=2, max_size=7).map(np.array)


def square_sums(a, size, seed):
    return (np.random.default_rng(seed).dirichlet(a, size) ** 2).sum(axis=1)


def kolmogorov_distance(draws, cdf):
    """Greatest distance of the draws' distribution function to another."""
    draws = np.sort(draws)
    value, n = cdf(draws), len(draws)
    return max(
        (np.arange(1, n + 1) / n - value).max(),
        (value - np.arange(n) / n).max(),
    )


def chance_bound(n, risk=1e-6):
    """Exceeded with this risk at most: Dvoretzky, Kiefer and Wolfowitz with Massart's constant."""
    return math.sqrt(math.log(2.0 / risk) / (2.0 * n))


def ball_in_simplex(s, m):
    """P(S <= s) for a = 1: the volume of a ball less caps, for s up to 1/(m - 2)."""
    d = m - 1  # dimension
    radius, to_face = math.sqrt(s - 1.0 / m), math.sqrt(1.0 / (m - 1.0) - 1.0 / m)
    ball = math.pi ** (d / 2.0) / gamma(d / 2.0 + 1.0) * radius**d
    cap = 0.0
    if radius > to_face:
        height = 1.0 - (to_face / radius) ** 2
        cap = 0.5 * ball * betainc((d + 1.0) / 2.0, 0.5, height)
    return (ball - m * cap) / (math.sqrt(m) / gamma(m))


@pytest.mark.parametrize("m", range(2, 10))
def test_equally_likely_predictions_by_geometry(m):
    """Below S = 1/(m - 2) a sphere leaves the simplex through its faces alone."""
    law = SquareSum(np.ones(m))
    last = 1.0 if m == 2 else 1.0 / (m - 2.0)
    for s in np.linspace(1.0 / m, last, 23)[1:-1]:
        # For two classes there are two faces, the ends of a segment, and no caps.
        exact = math.sqrt(2.0 * s - 1.0) if m == 2 else ball_in_simplex(s, m)
        assert law.cdf(s) == pytest.approx(exact, abs=1e-8)


def test_three_classes_over_all_of_the_support():
    """A circle less three segments, which overlap once the corners are inside, at S = 1."""
    law = SquareSum(np.ones(3))
    s = np.linspace(0.335, 0.9999, 301)
    exact = [ball_in_simplex(value, 3) for value in s]
    assert np.abs(law.cdf(s) - exact).max() < 1e-8


@pytest.mark.parametrize("a", [(0.3, 2.0), (5.0, 5.0), (0.05, 0.05), (1e4, 1.0)])
def test_two_classes_by_the_beta_law(a):
    law = SquareSum(np.array(a))
    for s in (0.51, 0.6, 0.75, 0.9, 0.99):
        q = (1.0 + math.sqrt(2.0 * s - 1.0)) / 2.0
        exact = stats.beta(*a).cdf(q) - stats.beta(*a).cdf(1.0 - q)
        assert law.cdf(s) == pytest.approx(exact, abs=1e-12)


def three_by_quadrature(s, a):
    """P(S <= s) for three classes: adaptive quadrature over the first share."""
    density = stats.beta(a[0], a[1] + a[2]).pdf

    def inner(b):
        rest = (s - b * b) / (1.0 - b) ** 2
        if rest <= 0.5:
            return 0.0
        if rest >= 1.0:
            return 1.0
        q = (1.0 + math.sqrt(2.0 * rest - 1.0)) / 2.0
        return stats.beta.cdf(q, a[1], a[2]) - stats.beta.cdf(1.0 - q, a[1], a[2])

    root = math.sqrt(max(0.0, 1.0 - 3.0 * (1.0 - 2.0 * s)))
    ends = [max(0.0, (1.0 - root) / 3.0), (1.0 + root) / 3.0]
    if s > 0.5:
        turn = math.sqrt(2.0 * s - 1.0)
        ends += [(1.0 - turn) / 2.0, (1.0 + turn) / 2.0]
    ends.sort()
    pieces = [
        quad(lambda b: density(b) * inner(b), *pair, epsabs=1e-10, limit=200)[0]
        for pair in itertools.pairwise(ends)
    ]
    return sum(pieces)


@pytest.mark.parametrize("a", [(2.0, 0.7, 1.5), (1.0, 5.0, 0.4), (30.0, 3.0, 8.0)])
def test_unlike_classes_by_quadrature(a):
    law = SquareSum(np.array(a))
    for s in (0.36, 0.45, 0.5, 0.62, 0.8, 0.97):
        assert law.cdf(s) == pytest.approx(three_by_quadrature(s, a), abs=STATED / 5)


@settings(max_examples=15)
@example(np.r_[np.full(5, 0.3), np.full(10, 0.01)])
@example(np.array([1e4, 0.01, 1.0]))
@given(concentrations)
def test_the_distribution_function_has_the_moments_of_the_law(a):
    """E[S] = 1 - ∫F and E[S²] = 1 - ∫2sF: two numbers that are known exactly."""
    law = SquareSum(a)
    low = law.support[0]
    # Where S is nearly 1 always, F leaps there: nodes as close to the end as float64 has them.
    x, weight = np.polynomial.legendre.leggauss(400)
    x = (x + 1.0) / 2.0
    s = low + (1.0 - low) * (1.0 - (1.0 - x) ** 3)
    weight = weight / 2.0 * (1.0 - low) * 3.0 * (1.0 - x) ** 2
    value = law.cdf(s)
    assert 1.0 - weight @ value == pytest.approx(law.mean, abs=1e-5)
    second = 1.0 - weight @ (2.0 * s * value)
    assert second - law.mean**2 == pytest.approx(law.variance, abs=3e-5)


@given(concentrations)
def test_moments_by_every_pair_of_classes(a):
    """Σ_i Σ_j E[q_i² q_j²], each from the Dirichlet's moments."""
    total = a.sum()

    def moment(powers):
        rising = [math.prod(x + i for i in range(k)) for x, k in zip(a, powers, strict=True)]
        return math.prod(rising) / math.prod(total + i for i in range(sum(powers)))

    unit = 2 * np.eye(len(a), dtype=int)
    mean = sum(moment(row) for row in unit)
    second = sum(moment(one + two) for one in unit for two in unit)
    law = SquareSum(a)
    assert law.mean == pytest.approx(mean, rel=1e-12)
    assert law.variance == pytest.approx(second - mean**2, rel=1e-6, abs=1e-13)


@given(st.integers(2, 10_000), st.floats(0.01, 1e5))
def test_the_published_form_for_like_classes(m, a):
    M = m * a
    law = SquareSum(np.full(m, a))
    assert law.mean == pytest.approx((a + 1.0) / (M + 1.0))
    # E[S²] - E[S]² of THEORY, worked out so that no digits cancel.
    exact = 2.0 * (m - 1.0) * a * (a + 1.0) / ((M + 1.0) ** 2 * (M + 2.0) * (M + 3.0))
    assert law.variance == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize(
    "a",
    [
        np.full(9, 0.1),
        np.full(9, 0.02),
        np.full(9, 1000.0),
        np.full(40, 0.2),
        np.array([0.3, 2.0, 0.4, 0.1, 5.0]),
        np.array([1e4, 0.01, 1.0]),
        np.full(100, 1.0),
        np.full(300, 0.5),
        np.r_[np.full(150, 0.3), np.full(50, 3.0)],
    ],
    ids=lambda a: f"{len(a)} of {a[0]:g}",
)
def test_random_predictions(a):
    law = SquareSum(a)
    n = 20_000
    draws = square_sums(a, n, seed=len(a))
    assert kolmogorov_distance(draws, law.cdf) < chance_bound(n)
    own = law.sample(n, np.random.default_rng(7))
    assert kolmogorov_distance(own, law.cdf) < chance_bound(n)


def test_very_many_classes():
    """S keeps to its mean within a spread of 2/m^1.5."""
    m = 100_000
    law = SquareSum(np.ones(m))
    assert law.variance**0.5 == pytest.approx(2.0 / m**1.5, rel=1e-3)
    assert law.cdf(law.mean) == pytest.approx(0.5, abs=0.01)
    z = (law.quantile([0.05, 0.95]) - law.mean) / law.variance**0.5
    assert z == pytest.approx([-1.645, 1.645], abs=0.02)


@pytest.mark.parametrize(("m", "a"), [(100, 1.0), (60, 10.0), (120, 0.6)])
def test_two_routes_meet(m, a):
    """Stick by stick, and by the characteristic function: nothing in common but the law."""
    law = SquareSum(np.full(m, a))
    sticks = stick_breaking_cdf(law.concentration)
    waves = characteristic_cdf(law.concentration, law.mean, law.variance**0.5)
    s = law.mean + law.variance**0.5 * np.linspace(-4.0, 10.0, 500)
    s = s[s > law.support[0]]
    assert np.abs(sticks(s) - waves(s)).max() < STATED


@pytest.mark.slow
@pytest.mark.parametrize("a", [np.full(9, 0.1), np.full(30, 1.0), np.array([3.0, 0.2, 0.2, 9.0])])
def test_finer_polynomials_change_nothing_that_was_promised(a):
    s = np.linspace(1.0 / len(a), 1.0 - 1e-8, 2000)
    fine = stick_breaking_cdf(a, tolerance=1e-10)(s)
    assert np.abs(SquareSum(a).cdf(s) - fine).max() < STATED


@settings(max_examples=12)
@given(concentrations, st.floats(0.001, 0.999))
def test_quantiles_undo_the_distribution_function(a, p):
    law = SquareSum(a)
    s = law.quantile(p)
    low, high = law.support
    assert low <= s <= high
    assert law.cdf(s) >= p - STATED
    if s < 1.0 - 1e-8:
        assert law.cdf(s) == pytest.approx(p, abs=1e-9)


def test_ends():
    law = SquareSum(np.ones(5))
    assert law.support == (0.2, 1.0)
    assert law.cdf([0.0, 0.2, 1.0, 2.0]).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert law.quantile([0.0, 1.0]).tolist() == [0.2, 1.0]
    alone = SquareSum(np.array([3.0]))
    assert (alone.mean, alone.variance, alone.support) == (1.0, 0.0, (1.0, 1.0))
    assert alone.cdf([0.99, 1.0]).tolist() == [0.0, 1.0]


def test_sparse_predictions_over_very_many_classes_are_refused():
    law = SquareSum(np.full(1000, 0.02))
    assert law.mean == pytest.approx(1.02 / 21.0)
    with pytest.raises(InputError, match="1,001 classes"):
        law.cdf(0.1)
