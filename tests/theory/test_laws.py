"""Laws of one prediction's loss against predictions drawn and scored by the definition."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from counterpoint.errors import InputError
from counterpoint.theory.dirichlet_losses import LAWFUL, loss_envelope, loss_law

each_loss = pytest.mark.parametrize("loss", LAWFUL)
truths = st.floats(0.0, 0.999)


def cost(loss, p, label):
    """Cost of each prediction, shape (n,), by the definition."""
    if loss == "log":
        return -np.log(p[:, label])
    brier = ((p - np.eye(p.shape[1])[label]) ** 2).sum(axis=1)
    return brier / p.shape[1] if loss == "squared" else brier


def given_truth(p, t, label):
    """The same predictions with the true class's probability made t, the others' shares kept."""
    others = np.delete(p, label, axis=1)
    others *= (1.0 - t) / others.sum(axis=1, keepdims=True)
    return np.insert(others, label, t, axis=1)


def assert_law_of(law, draws):
    """Mean within five standard errors; distribution function within chance of one in a million."""
    n = len(draws)
    assert abs(draws.mean() - law.mean()) < 5.0 * law.std() / math.sqrt(n) + 1e-12
    draws = np.sort(draws)
    value = law.cdf(draws)
    above = (np.arange(1, n + 1) / n - value).max()
    below = (value - np.arange(n) / n).max()
    assert max(above, below) < math.sqrt(math.log(2e6) / (2.0 * n))


CASES = [
    ((1.0, 1.0), 0),
    ((1.0, 1.0, 1.0), 2),
    ((1.0,) * 10, 0),
    ((0.1,) * 10, 0),
    ((0.3, 2.0, 0.5), 1),
    ((20.0, 1.0, 1.0, 1.0), 0),
    ((0.05, 3.0, 1.0, 0.05), 0),
    ((0.5,) * 130, 3),
]


@each_loss
@pytest.mark.parametrize(("a", "label"), CASES, ids=lambda value: str(value)[:20])
def test_drawn_predictions(loss, a, label):
    p = np.random.default_rng(11).dirichlet(a, 4000)
    law = loss_law(loss, a, label=label)
    draws = cost(loss, p, label)
    assert_law_of(law, draws)
    assert draws.var() == pytest.approx(law.var(), rel=0.25)
    assert_law_of(law, law.sample(4000, seed=5))


@pytest.mark.parametrize("t", [0.0, 0.3, 0.95])
@pytest.mark.parametrize(("a", "label"), CASES[1:], ids=lambda value: str(value)[:20])
def test_drawn_predictions_given_the_truth(a, label, t):
    p = given_truth(np.random.default_rng(12).dirichlet(a, 4000), t, label)
    law = loss_law("brier", a, t, label)
    assert_law_of(law, cost("brier", p, label))
    assert_law_of(law, law.sample(4000, seed=6))


def test_truth_and_the_rest_are_independent():
    """Among drawn predictions whose t is near a value, the loss has that value's law."""
    a = (2.0, 1.0, 1.0, 3.0)
    p = np.random.default_rng(13).dirichlet(a, 200_000)
    near = p[np.abs(p[:, 0] - 0.4) < 0.002]
    assert len(near) > 1000
    divided = cost("brier", near, 0) / (1.0 - near[:, 0]) ** 2
    assert_law_of(loss_law("brier", a, 0.0), divided)


@given(truths)
def test_two_classes_leave_no_choice(t):
    law = loss_law("brier", [0.7, 3.0], t)
    assert law.mean() == pytest.approx(2.0 * (1.0 - t) ** 2)
    assert law.std() == 0.0
    assert law.cdf([law.mean() - 1e-9, law.mean()]).tolist() == [0.0, 1.0]
    assert law.quantile([0.0, 0.5, 1.0]).tolist() == [law.mean()] * 3


@given(truths, st.floats(0.0, 1.0))
def test_three_classes_equally_likely(t, p):
    """P(S <= s) = √(2s - 1), so the quantile of the score is (1 - t)²(3 + p²)/2."""
    law = loss_law("brier", [1.0, 1.0, 1.0], t)
    exact = (1.0 - t) ** 2 * (3.0 + p * p) / 2.0
    assert law.quantile(p) == pytest.approx(exact, rel=1e-9)
    assert law.mean() == pytest.approx((1.0 - t) ** 2 * 5.0 / 3.0)
    assert law.var() == pytest.approx((1.0 - t) ** 4 / 45.0)


@given(
    st.lists(st.floats(0.0, 1.0), min_size=3, max_size=8).filter(lambda p: sum(p) > 0.1),
    st.sampled_from(LAWFUL),
)
def test_no_prediction_lies_outside_the_envelope(weights, loss):
    p = np.array([weights]) / sum(weights)
    t = float(p[0, 0])
    if t > 0.0:
        low, high = loss_envelope(loss, t, len(weights))
        assert low - 1e-12 <= cost(loss, p, 0)[0] <= high + 1e-12


@given(truths, st.integers(2, 50))
def test_the_envelope_is_reached(t, K):
    low, high = loss_envelope("brier", t, K)
    even, alone = np.full((2, K), (1.0 - t) / (K - 1))
    even[0] = alone[0] = t
    alone[1:] = 0.0
    alone[1] = 1.0 - t
    assert cost("brier", even[None], 0)[0] == pytest.approx(low, abs=1e-15)
    assert cost("brier", alone[None], 0)[0] == pytest.approx(high, abs=1e-15)
    assert loss_law("brier", np.ones(K), t).support() == pytest.approx((low, high))


@pytest.mark.parametrize("a", [(1.0, 1.0, 1.0), (0.4, 2.0, 1.3), (5.0, 0.5, 0.5, 0.5)])
def test_over_all_predictions_by_quadrature(a):
    """The mean over t ~ Beta of the distribution function given t, adaptively."""
    law = loss_law("brier", a)
    truth = stats.beta(a[0], sum(a[1:]))
    for x in (0.05, 0.4, 1.0, 1.6):
        # Below the least t the score is above x, above the greatest it is below, whatever S is.
        turns = [max(0.0, 1.0 - math.sqrt(x / (1.0 + s))) for s in (1.0 / (len(a) - 1), 0.5, 1.0)]
        exact = truth.sf(turns[-1])
        for pair in itertools.pairwise(turns):
            if pair[0] < pair[1]:
                part = quad(
                    lambda t, x=x: truth.pdf(t) * float(loss_law("brier", a, t).cdf(x)),
                    *pair,
                    epsabs=1e-9,
                )
                exact += part[0]
        assert law.cdf(x) == pytest.approx(exact, abs=1e-6)


@given(st.floats(0.05, 100.0), st.floats(0.05, 100.0), st.floats(1e-6, 1.999))
def test_two_classes_over_all_predictions(own, other, x):
    """B = 2(1 - t)² with 1 - t ~ Beta(other, own)."""
    exact = stats.beta(other, own).cdf(math.sqrt(x / 2.0))
    assert loss_law("brier", [own, other]).cdf(x) == pytest.approx(exact, abs=1e-9)


@given(st.floats(0.05, 100.0), st.floats(0.05, 100.0), st.floats(1e-3, 0.999))
def test_log_loss_over_all_predictions(own, others, p):
    law = loss_law("log", [own, others])
    x = float(law.quantile(p))
    assert law.cdf(x) == pytest.approx(p, rel=1e-6, abs=1e-9)
    # The one of t and 1 - t that is small keeps its digits.
    if x < 0.5:
        again = stats.beta(others, own).cdf(-math.expm1(-x))
    elif x < 600.0:
        again = stats.beta(own, others).sf(math.exp(-x))
    else:
        return
    assert again == pytest.approx(p, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("own", "others"), [(1.0, 9.0), (2.5, 0.5), (30.0, 4.0)])
def test_moments_of_log_loss(own, others):
    density = stats.beta(own, others).pdf
    first, second = (
        quad(lambda t, k=k: (-math.log(t)) ** k * density(t), 0.0, 1.0)[0] for k in (1, 2)
    )
    law = loss_law("log", [own, others])
    assert law.mean() == pytest.approx(first, rel=1e-6)
    assert law.var() == pytest.approx(second - first**2, rel=1e-5)


@settings(max_examples=10)
@given(
    st.lists(st.floats(0.2, 20.0), min_size=3, max_size=5),
    st.floats(0.01, 0.99),
    st.none() | truths,
)
def test_quantiles_undo_the_distribution_function(a, p, t):
    law = loss_law("brier", a, t)
    x = law.quantile(p)
    low, high = law.support()
    assert low <= x <= high
    if x < high * (1.0 - 1e-8):
        assert law.cdf(x) == pytest.approx(p, abs=1e-6)


def test_how_much_of_the_variance_the_truth_explains():
    """By the spread within narrow ranges of t, among drawn predictions' losses."""
    law = loss_law("brier", np.ones(10))
    p = np.random.default_rng(3).dirichlet(np.ones(10), 100_000)
    loss = cost("brier", p, 0)[np.argsort(p[:, 0])].reshape(1000, 100)
    within = loss.var(axis=1, ddof=1).mean()
    assert law.var_explained() == pytest.approx(1.0 - within / loss.var(), abs=0.004)


def test_the_spread_vanishes_as_classes_are_added():
    spread = []
    for K in (2, 3, 10, 100, 1000):
        law = loss_law("brier", np.ones(K), 0.0)
        spread.append(law.std() / law.mean())
    assert spread == pytest.approx([0.0, 0.0894, 0.0410, 0.00191, 6.29e-5], rel=2e-3)


def test_the_end_where_the_true_class_is_certain():
    law = loss_law("brier", [1.0, 1.0, 1.0], 1.0)
    assert (law.mean(), law.std(), law.support()) == (0.0, 0.0, (0.0, 0.0))
    assert loss_law("log", [1.0, 1.0], 0.0).mean() == math.inf


def test_the_same_seed_draws_the_same():
    for t in (None, 0.2):
        law = loss_law("brier", [1.0, 2.0, 3.0], t)
        assert law.sample(5, seed=1).tolist() == law.sample(5, seed=1).tolist()
        assert law.sample(5, seed=1).tolist() != law.sample(5, seed=2).tolist()
        assert law.sample(0, seed=1).shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("hinge", [1.0, 1.0]), "hinge"),
        (("quadratic", [1.0, 1.0]), "no law"),
        (("brier", [1.0]), "one a class"),
        (("brier", 1.0), "one a class"),
        (("brier", "abc"), "one a class"),
        (("brier", [1.0, math.nan]), "nan"),
        (("brier", [1.0, 0.0]), "0.01"),
        (("brier", [1.0, -1.0]), "-1"),
        (("brier", [1.0, math.inf]), "inf"),
        (("brier", [1.0, 1.0], 1.5), "1.5"),
        (("brier", [1.0, 1.0], math.nan), "nan"),
        (("brier", [1.0, 1.0], "half"), "half"),
        (("brier", [1.0, 1.0], 0.5, 2), "label is 2"),
        (("brier", [1.0, 1.0], 0.5, "a"), "label is 'a'"),
    ],
)
def test_what_is_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        loss_law(*arguments)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
@pytest.mark.parametrize(("loss", "t"), [("log", None), ("log", 0.5), ("brier", 0.5)])
def test_a_probability_that_is_none(loss, t, p):
    with pytest.raises(InputError, match="between 0 and 1"):
        loss_law(loss, [1.0, 1.0, 1.0], t).quantile(p)


@each_loss
@pytest.mark.parametrize("t", [None, 0.5])
@pytest.mark.parametrize("a", [[1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 2.0, 0.5, 1.0]])
def test_ends_of_the_distribution_function(loss, t, a):
    law = loss_law(loss, a, t)
    assert law.cdf([-1.0, 1e6, math.inf]).tolist() == [0.0, 1.0, 1.0]
    assert np.isnan(law.cdf(math.nan))
    assert law.cdf([[0.1, 0.2]]).shape == (1, 2)
    assert law.quantile([[0.1], [0.2]]).shape == (2, 1)
    assert (law.quantile(0.0), law.quantile(1.0)) == law.support()


def test_a_certain_true_class_costs_nothing():
    law = loss_law("brier", [1.0, 2.0, 1.0], t=1.0)
    assert law.mean() == law.var() == 0.0
    assert law.cdf([-1e-9, 0.0]).tolist() == [0.0, 1.0]
    assert law.quantile([0.0, 0.5, 1.0]).tolist() == [0.0, 0.0, 0.0]
