"""The least 0-1 loss against every split that a linear program finds, and against its own proof."""

from __future__ import annotations

import itertools
import math
import signal
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

import counterpoint as cp
from counterpoint.progress import noted_interrupt
from counterpoint.theory.zero_one import least_zero_one, search
from counterpoint.theory.zero_one.cones import explore, whole_space


def separates(rows, target):
    """Whether some w has target · (w·row) > 0 for each row, by a linear program."""
    if not len(rows):
        return True
    found = linprog(
        np.zeros(rows.shape[1]),
        A_ub=-target[:, None] * rows,
        b_ub=-np.ones(len(rows)),
        bounds=[(None, None)] * rows.shape[1],
    )
    return found.status == 0


def by_all_subsets(rows, target, weight):
    """Least weight that has to be wrong: subsets of rows, the lightest first."""
    subsets = list(itertools.product([False, True], repeat=len(rows)))
    subsets.sort(key=lambda wrong: weight[list(wrong)].sum())
    for wrong in subsets:
        right = ~np.array(wrong)
        if separates(rows[right], target[right]):
            return weight[~right].sum()
    raise AssertionError("a subset of one row can be separated")


def wrong_weight(rows, target, weight, w):
    return weight[target * (rows @ w) <= 0].sum()


@st.composite
def problems(draw):
    """Few rows in up to four dimensions, on a grid: many lie in one plane, or in one place."""
    d = draw(st.integers(1, 4))
    n = draw(st.integers(1, 8))
    cells = st.integers(-2, 2) | st.sampled_from([0.1, 0.2, 0.3, 1e6])
    rows = draw(st.lists(st.lists(cells, min_size=d, max_size=d), min_size=n, max_size=n))
    target = draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=n, max_size=n))
    weight = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    return np.array(rows, dtype=float), np.array(target), np.array(weight, dtype=float)


@settings(max_examples=40)
@given(problems(), st.booleans(), st.booleans())
def test_no_split_is_better_than_the_one_found(problem, by_cones, helped):
    rows, target, weight = problem
    rows[rows == 1e6] = 1.0
    monkey = pytest.MonkeyPatch()
    monkey.setattr(search, "ENUMERATED", 0 if by_cones else 1000)
    if not helped:  # a good first guess would hide what enumeration and cones miss
        monkey.setattr(search, "improved", lambda vectors, weight, w, stop: w)
        monkey.setattr(search, "logistic_start", lambda vectors, _: -np.ones(vectors.shape[1]))
    with monkey.context():
        found = least_zero_one(rows, target, weight)
    monkey.undo()
    assert found.loss == wrong_weight(rows, target, weight, found.w)
    assert found.loss == by_all_subsets(rows, target, weight)
    assert found.lower_bound == found.loss


@given(st.integers(0, 10_000), st.sampled_from([2, 3]))
def test_cones_and_enumeration_agree_on_more_rows(seed, features):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(10, 60))
    x = rng.normal(size=(n, features)).round(int(rng.integers(0, 3)))
    target = np.where(x.sum(axis=1) + rng.normal(size=n) > 0, 1.0, -1.0)
    rows = np.hstack([x, np.ones((n, 1))])
    weight = rng.integers(1, 4, size=n).astype(float)
    vectors, noise = target[:, None] * rows, np.full(n, 1e-15)
    vectors /= np.abs(vectors).max(axis=1, keepdims=True)
    everything = search.least_over_flags(vectors, noise, weight, np.inf)[0]
    found = search._by_cones(vectors, weight, np.ones(features + 1), lambda: False)
    assert found.loss == found.lower_bound == everything


def test_the_lower_bound_holds_and_rises_while_the_search_runs():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 3))
    target = np.where(x.sum(axis=1) + 1.5 * rng.normal(size=100) > 0, 1.0, -1.0)
    vectors = target[:, None] * np.hstack([x, np.ones((100, 1))])
    weight = np.ones(100)
    best = search.least_loss(vectors, weight).loss
    f = whole_space(4)
    bounds = [f.least]
    while f.counts[2]:
        explore(vectors, weight, f.rays, f.cones, f.bound, f.heap, f.counts, best, 8, 1e4)
        bounds.append(f.least)
    assert len(bounds) > 10
    assert bounds[0] == 0
    assert bounds == sorted(bounds)
    assert best - 3 < max(bound for bound in bounds if np.isfinite(bound)) < best


def test_a_time_limit_returns_a_classifier_between_honest_bounds():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 8))
    y = (X.sum(axis=1) + 3 * rng.normal(size=300) > 0).astype(int)
    found = cp.zero_one(X, y, time_limit=0.2)
    assert not found.proven
    assert 0 <= found.lower_bound < found.loss < 0.4
    assert found.loss == np.mean(found.predict(X) != y)


def test_no_search_waits_for_the_compiler():
    search._compile()
    kernels = (search.least_on_arcs, search.explore, search.leaf, search.snapped)
    assert all(kernel.signatures for kernel in kernels)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("within", ["least_on_arcs", "explore"])
def test_ctrl_c_returns_what_there_is(monkeypatch, within):
    search._compile()
    kernel, calls = getattr(search, within), []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return kernel(*args)

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 6)), np.arange(200) % 2
    monkeypatch.setattr(search, within, interrupted)
    monkeypatch.setattr(search, "note_compiling", lambda *args: None)
    found = cp.zero_one(X, y)
    assert found.interrupted
    assert not found.proven
    assert found.loss == np.mean(found.predict(X) != y)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("ctrl_c")
def test_a_second_ctrl_c_is_raised():
    with noted_interrupt() as asked:
        assert not asked()
        signal.raise_signal(signal.SIGINT)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_thread_or_handler_keeps_its_ctrl_c():
    before = signal.signal(signal.SIGINT, lambda *args: None)
    try:
        with noted_interrupt() as asked:
            signal.raise_signal(signal.SIGINT)
            assert not asked()
    finally:
        signal.signal(signal.SIGINT, before)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), np.arange(50) % 2
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(cp.zero_one, X, y).result().proven


@pytest.mark.parametrize("features", [3, 5, 8, 12, 30])
def test_no_cone_takes_for_ever_to_enumerate(features):
    d = features + 1
    few = search._few(d)
    assert few >= 1
    assert math.comb(few + d, d - 2) <= search.SWEEPS
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(3 * d, features)), np.arange(3 * d) % 2
    found = cp.zero_one(X, y, time_limit=0.1)
    assert 0 <= found.lower_bound <= found.loss


@pytest.mark.slow
@pytest.mark.parametrize(("n", "features"), [(40, 2), (30, 3)])
def test_a_mixed_integer_program_finds_the_same(n, features):
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, features))
    y = (x.sum(axis=1) + 1.5 * rng.normal(size=n) > 0).astype(int)
    target = 2 * y - 1
    # Weights in [-1, 1], margins of at least 1e-4 for the right, any margin for the wrong.
    reach = 1 + np.abs(x).sum(axis=1)
    rows = target[:, None] * np.hstack([x, np.ones((n, 1))])
    model = np.hstack([rows, np.diag(reach + 1e-4)])
    solved = milp(
        np.r_[np.zeros(features + 1), np.ones(n)],
        constraints=LinearConstraint(model, lb=1e-4),
        integrality=np.r_[np.zeros(features + 1), np.ones(n)],
        bounds=Bounds(np.r_[-np.ones(features + 1), np.zeros(n)], 1.0),
    )
    assert solved.status == 0
    assert cp.zero_one(x, y).loss * n == pytest.approx(solved.fun)
