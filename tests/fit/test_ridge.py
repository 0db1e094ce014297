"""Ridge fits in closed form against other solvers, and the cases where a closed form fails."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import Ridge

from counterpoint.fit import moments, ridge
from counterpoint.fit.certificate import relative_gap
from counterpoint.fit.certified import certified
from counterpoint.fit.folds import cross_validation, given_splits
from counterpoint.fit.path import smooth_path
from counterpoint.fit.ridge import has_closed_form, ridge_path
from counterpoint.fit.task import PathTask
from counterpoint.objective import loss_named, penalty_named
from reference import Data, as_problem, make_data

ALPHAS = np.array([10.0, 0.3, 1e-2, 1e-5])
TOL = 1e-8


def task_of(data, n_folds=3, scale="none", alphas=ALPHAS, folds=None, tol=TOL) -> PathTask:
    problem = as_problem(data, n_folds, scale, folds=folds)
    n_classes = len(data.classes)
    loss = loss_named("squared", n_classes)
    targets = loss.encode(problem.label_index, n_classes)
    return PathTask(problem.design, loss, penalty_named("l2"), targets, alphas, tol)


def fitted(task):
    return ridge_path(task, lambda path: None)


def relative(path):
    return relative_gap(path.gap, path.data_loss + path.penalty)


def assert_is_scikit_learns(task, path, X, solver):
    """Weights and intercepts of every alpha, fold and output, on the data as they came."""
    X = X.toarray() if sparse.issparse(X) else X
    for a in range(len(task.alphas)):
        weights, intercept = task.design.original(path.v[a], task.group_fold)
        for g, fold in enumerate(task.group_fold):
            w = task.design.train_weight[fold]
            target = task.targets[g % len(task.targets)]
            scale, used = task.design.scale[fold], w > 0
            theirs = Ridge(task.alphas[a], solver=solver, tol=1e-12)
            theirs.fit(X[used] / scale, target[used], sample_weight=w[used])
            size = np.abs(theirs.coef_ / scale).max()
            np.testing.assert_allclose(weights[g, 0], theirs.coef_ / scale, atol=1e-8 * size)
            np.testing.assert_allclose(intercept[g, 0], theirs.intercept_, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("solver", ["cholesky", "svd"])
@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("shape", [(80, 6), (20, 45)])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_every_fold_is_scikit_learns_ridge(n_classes, shape, scale, solver):
    data = make_data(*shape, n_classes, seed=3, weighted=True)
    task = task_of(data, scale=scale)
    path = fitted(task)
    assert_is_scikit_learns(task, path, data.X, solver)
    assert (relative(path) <= TOL).all()


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("shape", [(80, 6), (20, 45)])
def test_sparse_data_are_fitted_like_dense(shape, scale):
    data = make_data(*shape, 3, seed=4, form="sparse")
    task = task_of(data, scale=scale)
    assert has_closed_form(task)
    assert_is_scikit_learns(task, fitted(task), data.X, "cholesky")


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("shape", [(80, 6), (20, 45)])
def test_missing_cells_stand_at_their_folds_mean(shape, form):
    data = make_data(*shape, 2, seed=5)
    rng = np.random.default_rng(0)
    X = np.where(rng.random(data.X.shape) < 0.4, 0.0, data.X)
    gaps = (X != 0) & (rng.random(X.shape) < 0.2)
    X[gaps] = np.nan
    given_x = sparse.csr_array(X) if form == "sparse" else X
    task = task_of(Data(given_x, data.y, data.weight))
    path = fitted(task)
    assert (relative(path) <= TOL).all()
    coef, intercept = task.design.original(path.v[2], task.group_fold)
    for fold, w in enumerate(task.design.train_weight):
        used = w > 0
        filled = np.where(gaps, np.nanmean(X[used], axis=0), X)
        theirs = Ridge(ALPHAS[2], solver="svd").fit(filled[used], task.targets[0, used], w[used])
        np.testing.assert_allclose(coef[fold, 0], theirs.coef_, atol=1e-8)
        np.testing.assert_allclose(intercept[fold, 0], theirs.intercept_, atol=1e-8)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(12, 40),
    d=st.integers(1, 50),
    n_classes=st.integers(2, 4),
    oddity=st.sampled_from(["none", "constant", "duplicate", "zero weights", "far", "units"]),
    form=st.sampled_from(["dense", "sparse"]),
    scale=st.sampled_from(["none", "standard"]),
)
def test_agrees_with_the_solver_for_any_smooth_loss(seed, n, d, n_classes, oddity, form, scale):
    data = make_data(n, d, n_classes, seed, weighted=True, form=form)
    X = data.X.toarray() if form == "sparse" else data.X
    if oddity == "constant":
        X[:, 0] = 7.0
    if oddity == "duplicate":
        X[:, -1] = X[:, 0]
    if oddity == "zero weights":
        data.weight[2 * n_classes :: 3] = 0.0
    if oddity == "far":
        X += 1e3
    if oddity == "units":
        X *= 10.0 ** np.random.default_rng(seed).integers(-2, 3, d)
    data = Data(sparse.csr_array(X) if form == "sparse" else X, data.y, data.weight)
    task = task_of(data, 2, scale, alphas=ALPHAS[:3])
    path, other = fitted(task), smooth_path(task, lambda path: None)
    assert (relative(path) <= TOL).all()
    ours, theirs = (p.data_loss + p.penalty for p in (path, other))
    # Far columns that nothing centres leave scores, and so objectives, fewer digits.
    rounding = (1e-10 if oddity == "far" else 1e-13) * ours
    assert (ours - theirs <= path.gap + rounding).all()
    assert (theirs - ours <= other.gap + rounding).all()


@pytest.mark.parametrize("size", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("shape", [(60, 8), (20, 45)])
def test_next_to_no_penalty_in_any_unit(size, shape):
    data = make_data(*shape, 2, seed=6)
    task = task_of(replace(data, X=data.X * size), alphas=np.array([1e-3, 1e-12]) * size**2)
    path = fitted(task)
    assert (relative(path) <= TOL).all() or shape == (20, 45)
    # Twenty rows are interpolated at next to no penalty: the objective is all penalty.
    assert (relative(path)[0] <= TOL).all()
    assert (path.data_loss + path.penalty >= 0).all()


@pytest.mark.parametrize("shape", [(60, 8), (20, 45)])
def test_columns_in_units_far_apart(shape, monkeypatch):
    """Squared, the small columns are lost beside the large; what follows must find them."""
    data = make_data(*shape, 2, seed=7)
    X = data.X * np.where(np.arange(shape[1]) % (shape[1] // 3) == 1, 1e4, 1e-4)
    y = (data.X[:, 0] > np.median(data.X[:, 0])).astype(int)
    task = task_of(Data(X, y, data.weight), alphas=np.array([1e-10, 2e-11]), tol=1e-6)
    assert (relative(fitted(task)) <= 1e-6).all()
    monkeypatch.setattr(ridge, "REFINEMENTS", 0)
    monkeypatch.setattr(ridge, "_by_singular_vectors", lambda task, fold, rows, targets: 0.0)
    monkeypatch.setattr(ridge, "_rescue", lambda *_: None)
    assert (relative(fitted(task)) > 1e-6).any()


def test_certificates_from_moments_are_those_of_the_data():
    data = make_data(200, 10, 3, seed=8, weighted=True)
    task = task_of(data)
    path, outputs = fitted(task), len(task.targets)
    for fold in range(4):
        groups = np.arange(fold * outputs, (fold + 1) * outputs)
        again = certified(task, groups, path.v[:, groups])
        np.testing.assert_allclose(path.data_loss[:, groups], again.data_loss, rtol=1e-11)
        np.testing.assert_allclose(path.penalty[:, groups], again.penalty, rtol=1e-11)
        assert (path.gap[:, groups] >= again.gap).all()


def test_a_class_missing_from_a_fold_costs_nothing():
    data = make_data(60, 4, 3, seed=9)
    y = np.sort(data.y)
    splits = [(np.flatnonzero(y < 2), np.flatnonzero(y == 2))]
    folds = given_splits(y, data.weight, splits, np.arange(3))
    task = task_of(replace(data, y=y), folds=folds)
    path = fitted(task)
    missing = 3 + 2
    assert (path.v[:, missing, 0, :-1] == 0).all()
    assert (path.v[:, missing, 0, -1] == -1).all()
    assert (path.data_loss[:, missing] + path.gap[:, missing] == 0).all()


def split_folds(data, kind):
    n, index = len(data.y), data.y
    if kind == "folds":
        return cross_validation(index, data.weight, 4, 0, data.classes)
    rng = np.random.default_rng(1)
    held = np.array_split(rng.permutation(n), 9)[:4]
    train = [rng.choice(np.setdiff1d(np.arange(n), h), n // 2, replace=False) for h in held]
    return given_splits(index, data.weight, list(zip(train, held, strict=True)), data.classes)


@pytest.mark.parametrize("kind", ["folds", "splits"])
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("scale", ["none", "standard"])
def test_moments_of_every_fold_are_those_of_its_rows(scale, form, kind, monkeypatch):
    """Summed by shared blocks where training sets overlap as folds do, else one by one."""
    data = make_data(70, 5, 2, seed=10, weighted=True, form=form)
    task = task_of(data, scale=scale, folds=split_folds(data, kind))
    monkeypatch.setattr(moments, "TASK_CELLS", 40)
    shared = moments._shared_blocks(task.design)
    assert (shared is None) == (kind == "splits")
    moments_of = moments.fold_moments(task.design)
    X = data.X.toarray() if form == "sparse" else data.X
    for fold, weight in enumerate(task.design.train_weight):
        expected = np.cov(X / task.design.scale[fold], rowvar=False, aweights=weight, ddof=0)
        np.testing.assert_allclose(moments_of(fold).gram, expected, rtol=1e-11, atol=1e-13)


def test_every_fold_is_shown_as_it_finishes():
    done = []
    task = task_of(make_data(40, 3, 3, seed=11))
    ridge_path(task, lambda path: done.append(int(path.finished.sum())))
    assert done == [len(ALPHAS) * 3 * (fold + 1) for fold in range(4)]


def test_what_is_known_is_not_fitted_again():
    task = task_of(make_data(40, 3, 3, seed=11))
    path = fitted(task)
    path.gap[:, 3:] = np.nan
    shown = []
    again = ridge_path(replace(task, known=path), shown.append)
    assert len(shown) == 3
    np.testing.assert_allclose(again.v, fitted(task).v)


def test_large_problems_and_other_losses_are_left_to_the_general_solver(monkeypatch):
    task = task_of(make_data(40, 3, 2, seed=12))
    assert has_closed_form(task)
    assert not has_closed_form(replace(task, loss=loss_named("huber")))
    assert not has_closed_form(replace(task, penalty=penalty_named("elasticnet", 0.1)))
    monkeypatch.setattr(ridge, "ORDER_LIMIT", 2)
    assert not has_closed_form(task)
