"""Penalties against brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.errors import InputError
from counterpoint.objective import PENALTIES, penalty_named

each_penalty = pytest.mark.parametrize("name", PENALTIES)
ratios = st.floats(0, 1)
numbers = st.floats(-5, 5)


@each_penalty
@given(w=st.lists(numbers, min_size=1, max_size=5), ratio=ratios)
def test_value_is_the_written_out_formula(name, w, ratio):
    penalty = penalty_named(name, ratio)
    rho = {"l1": 1.0, "l2": 0.0}.get(name, ratio)
    expected = sum(rho * abs(x) + (1 - rho) / 2 * x * x for x in w)
    assert float(penalty.value(np.array(w))) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@each_penalty
@given(w=numbers, dual=numbers, alpha=st.floats(1e-3, 10), ratio=ratios)
def test_fenchel_gap_by_brute_force(name, w, dual, alpha, ratio):
    """alpha Omega(w) + sup_x [dual x - alpha Omega(x)] - w dual, with the supremum by search."""
    penalty = penalty_named(name, ratio)
    gap = float(penalty.fenchel_gap(np.array([w]), np.array([dual]), alpha))
    assert gap >= 0
    x = np.linspace(-50, 50, 200_001)
    rho, ridge = penalty.l1_ratio, penalty.l2_ratio
    supremum = (dual * x - alpha * (rho * np.abs(x) + ridge / 2 * x**2)).max()
    expected = float(alpha * penalty.value(np.array([w]))) + supremum - w * dual
    if abs(dual) <= alpha * rho or (ridge > 0 and (abs(dual) - alpha * rho) / (alpha * ridge) < 49):
        assert gap == pytest.approx(expected, abs=1e-5 * (1 + alpha + abs(dual)) * 10)
    else:
        assert gap >= expected - 1e-6


@each_penalty
@given(w=st.floats(0.01, 5), alpha=st.floats(1e-3, 10), ratio=ratios)
def test_fenchel_gap_is_zero_at_a_subgradient(name, w, alpha, ratio):
    penalty = penalty_named(name, ratio)
    slope = alpha * (penalty.l1_ratio + penalty.l2_ratio * w)
    scale = alpha * (1 + w * w)
    assert float(penalty.fenchel_gap(np.array([w]), np.array([slope]), alpha)) <= 1e-12 * scale


def test_axes_leave_problems_apart():
    w = np.arange(24.0).reshape(2, 3, 4)
    values = penalty_named("elasticnet", 0.3).value(w, axes=(1, 2))
    assert values.shape == (2,)
    assert values[1] == pytest.approx(float(penalty_named("elasticnet", 0.3).value(w[1])))


def test_unknown_penalty_and_bad_ratio():
    with pytest.raises(InputError, match=r"'L3'.*l2, l1, elasticnet"):
        penalty_named("L3")
    for ratio in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="between 0"):
            penalty_named("elasticnet", ratio)
