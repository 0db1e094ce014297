"""The psi-transform against closed forms, and the bound it gives against simulated rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import xlogy

from counterpoint.objective import LOSSES, loss_named
from counterpoint.theory.excess import excess_error_bound, least_of_any_rule, psi

#: Bartlett, Jordan and McAuliffe (2006), examples 1 to 5; squared error here is half of theirs, and
#: the modified Huber loss has the same H as the squared hinge.
CLOSED = {
    "log": lambda t: (xlogy(1 + t, 1 + t) + xlogy(1 - t, 1 - t)) / 2,
    "squared": lambda t: t * t / 2,
    "squared_hinge": lambda t: t * t,
    "modified_huber": lambda t: t * t,
}


@pytest.mark.parametrize("name", CLOSED)
@given(theta=st.floats(0, 1))
def test_psi_is_the_closed_form(name, theta):
    assert psi(loss_named(name), theta) == pytest.approx(CLOSED[name](theta), abs=1e-9)


@pytest.mark.parametrize("name", LOSSES)
@given(theta=st.floats(0, 1), q=st.floats(0, 1))
def test_psi_is_the_least_price_of_the_wrong_side(name, theta, q):
    loss = loss_named(name)
    # By its definition: what a rule pays at least that takes the side of probability (1 - t)/2.
    share = (1 + theta) / 2
    z = np.linspace(-4, 0, 2001)[None]
    target = np.ones_like(z)
    wrong_side = (share * loss.value(z, target) + (1 - share) * loss.value(z, -target)).min()
    right = loss.base_rate_guess(np.array([1 - share, share]))
    assert psi(loss, theta) == pytest.approx(wrong_side - right, abs=1e-6)
    # Convex, from psi(0) = 0.
    assert psi(loss, 0.0) == pytest.approx(0, abs=1e-12)
    assert psi(loss, q * theta) <= q * psi(loss, theta) + 1e-9


@pytest.mark.parametrize("name", LOSSES)
@given(theta=st.floats(0, 1))
def test_the_bound_is_the_inverse_of_psi(name, theta):
    loss = loss_named(name)
    assert psi(loss, excess_error_bound(loss, psi(loss, theta))) == pytest.approx(
        psi(loss, theta), abs=1e-9
    )
    assert excess_error_bound(loss, 0.0) == pytest.approx(0, abs=1e-6)
    assert excess_error_bound(loss, 1e9) == 1


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data())
def test_no_rule_breaks_the_bound(name, data):
    """Any raw scores on a few places with any class shares: excess error within the bound."""
    loss = loss_named(name)
    places = data.draw(st.integers(1, 5))
    weights = np.array(
        data.draw(st.lists(st.integers(1, 9), min_size=2 * places, max_size=2 * places))
    )
    z = np.array(data.draw(st.lists(st.floats(-5, 5), min_size=places, max_size=places)))
    x = np.repeat(np.arange(places, dtype=float), 2)[:, None]
    label = np.tile([0, 1], places)
    least = least_of_any_rule(x, label, weights.astype(float), loss)
    target = 2.0 * label - 1.0
    raw = np.repeat(z, 2)
    mean = np.average(loss.value(raw[None], target), weights=weights)
    error = np.average(target * raw <= 0, weights=weights)
    # A row on the boundary counts as wrong; the bound speaks of a side for each place.
    if np.all(z != 0):
        assert error - least.error <= excess_error_bound(loss, mean - least.loss) + 1e-6


@pytest.mark.parametrize("name", LOSSES)
def test_the_bound_is_attained(name):
    """Half a place of share (1 + t)/2 on the wrong side by as little as can be."""
    loss, theta = loss_named(name), 0.6
    share = np.array([1 - theta, 1 + theta]) / 2
    x, label = np.zeros((2, 1)), np.array([0, 1])
    least = least_of_any_rule(x, label, share, loss)
    z = np.full((1, 2), -1e-9)
    mean = np.average(loss.value(z, 2.0 * label - 1), weights=share)
    assert share[1] - least.error == pytest.approx(theta)
    assert excess_error_bound(loss, mean - least.loss) == pytest.approx(theta, abs=1e-4)


def test_rows_without_a_double_leave_a_rule_nothing_to_miss():
    x = np.arange(4.0)[:, None]
    least = least_of_any_rule(x, np.array([0, 1, 0, 1]), np.ones(4), loss_named("log"))
    assert (least.error, least.loss) == (0, 0)
