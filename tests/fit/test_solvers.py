"""Parts of the solvers, and the ways through them that large or wide data take."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from counterpoint.fit import linear, path, preconditioner
from counterpoint.fit.grid import check_alphas
from counterpoint.fit.line_search import exact_steps
from counterpoint.fit.linear import fit_linear
from counterpoint.fit.memory import UNLIMITED, Plan
from counterpoint.fit.quadratic import minimise
from counterpoint.objective import penalty_named
from reference import as_problem, make_data

ALPHAS = np.array([1e-5, 1e-3, 1e-1])


@given(seed=st.integers(0, 10**6), size=st.integers(1, 8), condition=st.floats(0, 6))
def test_quadratic_model_by_brute_force(seed, size, condition):
    """The optimality conditions of the model hold at what `minimise` returns."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size)) * 10 ** rng.uniform(-condition / 2, 0, size)
    hessian = root.T @ root + 1e-9 * np.eye(size)
    gradient, start = rng.normal(size=size), rng.normal(size=size) * (rng.random(size) < 0.5)
    threshold = rng.uniform(0.1, 1, size)
    threshold[-1] = 0.0
    x = minimise(hessian, gradient, start, threshold)
    slope = gradient + hessian @ (x - start)
    scale = np.abs(gradient).max() + np.abs(hessian @ start).max()
    on = (x != 0) | (threshold == 0)
    assert np.abs(slope + threshold * np.sign(x))[on].max(initial=0) <= 1e-6 * scale
    assert (np.abs(slope) - threshold)[~on].max(initial=0) <= 1e-6 * scale


@given(seed=st.integers(0, 10**6), power=st.integers(-9, 6))
def test_exact_steps_find_a_minimum_at_any_scale(seed, power):
    rng = np.random.default_rng(seed)
    at = rng.uniform(0.1, 1, 5) * 10.0**power
    kinks = np.sort(rng.uniform(0, 3, (20, 5)), axis=0) * at

    def value(i, t):
        return (np.maximum(t - kinks[:, i], 0) ** 2).sum(axis=0) - t * at[i]

    def slope(i, t):
        return 2 * np.maximum(t - kinks[:, i], 0).sum(axis=0) - at[i]

    steps = exact_steps(slope, value, -at)
    everything = np.arange(5)
    assert (np.abs(slope(everything, steps)) <= 0.1 * at * (1 + 1e-12)).all()
    assert (value(everything, steps) <= 0).all()


def test_a_steep_start_is_not_overrun():
    """A slope of 7 after one of -508 is small, and yet far beyond the minimum."""

    def value(i, t):
        return np.where(t < 1e-3, -508 * t, -0.508 + 7 * (t - 1e-3))

    def slope(i, t):
        return np.where(t < 1e-3, -508.0, 7.0)

    step = exact_steps(slope, value, np.array([-508.0]))
    assert value(0, step)[0] < 0


@pytest.mark.parametrize("loss_name", ["log", "squared_hinge"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_every_preconditioner_leads_to_the_same_fit(loss_name, n_classes, monkeypatch):
    data = make_data(120, 6, n_classes, seed=3)
    whole = fit_linear(as_problem(data), loss_name, penalty_named("l2"), ALPHAS, 1e-10)
    monkeypatch.setattr(preconditioner, "WHOLE_LIMIT", 0)
    by_output = fit_linear(as_problem(data), loss_name, penalty_named("l2"), ALPHAS, 1e-10)
    monkeypatch.setattr(preconditioner, "OUTPUT_LIMIT", 0)
    diagonal = fit_linear(as_problem(data), loss_name, penalty_named("l2"), ALPHAS, 1e-10)
    for other in (by_output, diagonal):
        assert other.converged.all()
        # Softmax weights are unique once they sum to zero over classes, which L2 sees to.
        np.testing.assert_allclose(other.coef, whole.coef, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(other.objective, whole.objective, rtol=1e-9)


def test_few_sampled_rows_make_a_factor_that_serves(monkeypatch):
    data = make_data(600, 5, 3, seed=1)
    monkeypatch.setattr(preconditioner, "WHOLE_LIMIT", 0)
    monkeypatch.setattr(preconditioner, "ROWS_PER_WEIGHT", 4)
    fit = fit_linear(as_problem(data), "log", penalty_named("l2"), ALPHAS, 1e-8)
    assert fit.converged.all()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("loss_name", ["log", "squared", "squared_hinge"])
def test_wide_data_in_the_rows_own_space(loss_name, scale, weighted, monkeypatch):
    data = make_data(25, 60, 3, seed=2, weighted=weighted)
    rotated = fit_linear(as_problem(data, 2, scale), loss_name, penalty_named("l2"), ALPHAS, 1e-10)
    monkeypatch.setattr(linear, "rotated_path", path.smooth_path)
    plain = fit_linear(as_problem(data, 2, scale), loss_name, penalty_named("l2"), ALPHAS, 1e-10)
    assert rotated.converged.all()
    assert plain.converged.all()
    np.testing.assert_allclose(rotated.objective, plain.objective, rtol=1e-9)
    np.testing.assert_allclose(rotated.coef, plain.coef, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(rotated.held_out.raw, plain.held_out.raw, rtol=1e-3, atol=1e-4)


def test_wide_data_with_missing_cells():
    data = make_data(25, 60, 2, seed=2)
    data.X[3, :20] = np.nan
    fit = fit_linear(as_problem(data, 2), "log", penalty_named("l2"), ALPHAS, 1e-8)
    assert fit.converged.all()
    filled = np.where(np.isnan(data.X), np.nanmean(data.X, axis=0), data.X)
    by_hand = fit_linear(
        as_problem(type(data)(filled, data.y, data.weight), 2),
        "log",
        penalty_named("l2"),
        ALPHAS,
        1e-8,
    )
    np.testing.assert_allclose(fit.objective, by_hand.objective, rtol=1e-7)


def test_large_working_sets_are_stepped_column_by_column():
    data = make_data(150, 8, 4, seed=3)
    problem = as_problem(data)
    whole = fit_linear(problem, "log", penalty_named("l1"), ALPHAS, 1e-6)
    no_moments = replace(problem.design, plan=replace(UNLIMITED, working_set=0))
    tight = replace(problem, design=no_moments)
    apart = fit_linear(tight, "log", penalty_named("l1"), ALPHAS[1:], 1e-6)
    assert apart.converged.all()
    np.testing.assert_allclose(apart.objective, whole.objective[1:], rtol=2e-6)


def test_weights_come_out_the_same_in_any_batch():
    """A batch of one problem after another ends where a batch of all of them does."""
    data = make_data(100, 5, 3, seed=6)
    problem = as_problem(data)
    together = fit_linear(problem, "log", penalty_named("l2"), ALPHAS, 1e-10)
    alone = replace(problem, design=replace(problem.design, plan=Plan(scores_at_once=1)))
    apart = fit_linear(alone, "log", penalty_named("l2"), ALPHAS, 1e-10)
    np.testing.assert_allclose(apart.coef, together.coef, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("penalty_name", ["l2", "l1"])
def test_separable_classes_from_1e_minus_12_to_1e6(penalty_name):
    """Weights want to run to infinity; each fit ends certified all the same."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int)
    X[:, 0] += np.where(y == 1, 0.5, -0.5)
    data = type(make_data(10, 1, 2))(X, y, np.ones(60))
    alphas = check_alphas(np.logspace(-12, 6, 10))
    fit = fit_linear(as_problem(data), "log", penalty_named(penalty_name), alphas, 1e-6)
    assert fit.converged.all()
    assert fit.train_margin[0] > 0
    norms = fit.weight_norm
    assert (np.diff(norms) <= 0).all()

    def cost(flat):
        z = X @ flat[:3] + flat[3]
        omega = np.abs(flat[:3]).sum() if penalty_name == "l1" else 0.5 * (flat[:3] ** 2).sum()
        return np.logaddexp(0, -np.where(y == 1, 1, -1) * z).mean() + 1e-4 * omega

    at = int(np.argmin(np.abs(alphas - 1e-4)))
    reference = optimize.minimize(
        cost,
        np.zeros(4),
        method="Nelder-Mead",
        options={"maxiter": 20000, "xatol": 1e-9, "fatol": 1e-14},
    )
    assert fit.objective[at] == pytest.approx(reference.fun, rel=1e-5)


def test_one_weak_alpha_alone_is_as_good_as_a_path():
    data = make_data(150, 6, 3, seed=9, signal=6)
    along = fit_linear(as_problem(data), "log", penalty_named("l2"), np.logspace(-10, 0, 21), 1e-8)
    alone = fit_linear(as_problem(data), "log", penalty_named("l2"), np.array([1e-10]), 1e-8)
    assert along.converged.all()
    assert alone.converged.all()
    assert alone.objective[0] == pytest.approx(along.objective[0], rel=2e-8)
    assert alone.weight_norm[0] == pytest.approx(along.weight_norm[0], rel=1e-3)


def test_a_class_that_a_fold_never_trains_on():
    """Its probability is zero there; nothing overflows and the fold still ends certified."""
    data = make_data(40, 3, 3, seed=1)
    data.weight[:] = 1.0
    held = np.flatnonzero(data.y == 2)
    others = np.flatnonzero(data.y != 2)
    folds = linear.Folds(
        np.stack([np.full(40, 1 / 40), np.isin(np.arange(40), others) / len(others)]),
        np.stack([np.zeros(40, bool), np.isin(np.arange(40), held)]),
        "by hand",
    )
    fit = fit_linear(as_problem(data, folds=folds), "log", penalty_named("l2"), ALPHAS, 1e-8)
    assert fit.converged.all()
    assert np.isfinite(fit.held_out.log_loss).all()
    assert (fit.held_out.predicted != 2).all()
