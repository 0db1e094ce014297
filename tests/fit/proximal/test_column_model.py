"""The model by its columns: against finite differences, dense algebra and the dense solver."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from counterpoint.fit.folds import Folds
from counterpoint.fit.linear import fit_linear
from counterpoint.fit.proximal import model as models
from counterpoint.fit.proximal.column_model import ColumnModel
from counterpoint.fit.proximal.columns import descend
from counterpoint.fit.proximal.places import Places, row_weights
from counterpoint.fit.proximal.support import newton_steps
from counterpoint.fit.quadratic import minimise
from counterpoint.fit.scaling import make_design
from counterpoint.fit.threads import in_threads, shared_threads
from counterpoint.objective import loss_named, penalty_named
from reference import as_problem, make_data

NOTHING = np.zeros(0, dtype=np.int32)


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def example(seed, form="sparse", outputs=3, n=50, d=7, alike=0.0):
    """A model over about two thirds of the weights, and its Hessian by central differences."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) * (rng.random((n, d)) < 0.6)
    x += alike * rng.normal(size=(n, 1))
    chosen = rng.random((outputs, d)) < 0.7
    chosen[:, 0] = True
    output, column = np.nonzero(chosen)
    z, factor, size = rng.normal(size=(outputs, n)), 0.5 + rng.random(d), len(column)
    ridge, weight = 0.01 * rng.random(size), rng.random(n) / n
    p = softmax(z)

    def slopes(move):
        v = np.zeros((outputs, d))
        v[output, column] = move
        return (((softmax(z + v * factor @ x.T) * weight) @ x) * factor)[output, column]

    step = 1e-5 * np.eye(size)
    hessian = np.array([(slopes(s) - slopes(-s)) / 2e-5 for s in step]) + np.diag(ridge)
    csc = sparse.csc_array(x)
    columns = (csc.data, csc.indices, csc.indptr)
    if form == "dense":
        columns = (np.ascontiguousarray(x.T), NOTHING, NOTHING)
    slope, start = 0.05 * rng.normal(size=size), rng.normal(size=size) * (rng.random(size) < 0.6)
    threshold = 0.02 * rng.random(size) * (column > 0)
    own, share = p * (1 - p) * weight, p * np.sqrt(weight)
    weights = (own, share, slope, start, threshold, ridge)
    return ColumnModel(columns, column, output, factor[column], *weights), hessian, rng


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_products_and_blocks_are_the_hessians(form):
    model, hessian, rng = example(0, form)
    size = len(model.column)
    move, some = rng.normal(size=size), np.sort(rng.permutation(size)[:8])
    np.testing.assert_allclose(
        model.product(some, move[some]), hessian[np.ix_(some, some)] @ move[some], atol=1e-8
    )
    there = model.start + move
    np.testing.assert_allclose(model.slope_at(there), model.slope + hessian @ move, atol=1e-8)
    np.testing.assert_allclose(model.curvature, np.diag(hessian), atol=1e-8)
    first = np.flatnonzero(model.output == 0)
    block = model.block(first)
    np.testing.assert_allclose(block, hessian[np.ix_(first, first)], rtol=2e-6, atol=1e-8)
    factor = model.block_factor(first)
    np.testing.assert_allclose(factor @ factor.T, block, atol=1e-14)
    cost = model.threshold @ (np.abs(there) - np.abs(model.start))
    value = model.slope @ move + move @ hessian @ move / 2 + cost
    assert model.value(there, model.slope_at(there)) == pytest.approx(value, abs=1e-7)


def test_a_block_that_rounding_leaves_indefinite_gives_its_diagonal():
    """Columns all the same in single precision: the Gram matrix is of rank one, and inexact."""
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(1, 3000)).astype(np.float32), 200, axis=0)
    x *= (1 + 1e-3 * rng.normal(size=(200, 1))).astype(np.float32)
    own = rng.random((1, 3000)).astype(np.float32)
    zero, ones = np.zeros(200), np.ones(200)
    places = np.arange(200)
    model = ColumnModel(
        (x, NOTHING, NOTHING), places, 0 * places, ones, own, 0 * own, zero, zero, ones, zero
    )
    block = model.block(places)
    block[np.diag_indices(200)] *= 1 - 1e-4
    object.__setattr__(model, "block", lambda _: block)
    assert np.linalg.eigvalsh(block).min() < 0
    np.testing.assert_allclose(model.block_factor(places) ** 2, np.diag(model.curvature))


def test_a_step_that_keeps_all_signs_solves_the_system():
    model, hessian, _ = example(3)
    far = np.where(model.start == 0, 0.0, model.start + 50 * np.sign(model.start))
    support = model.support(far)
    # Slopes such that the minimum on the support lies a tenth of the way back.
    goal = 0.9 * far - model.start
    goal[model.start == 0] = 0.0
    slope = -(hessian @ goal) - model.threshold * np.sign(far)
    known = ColumnModel(**{**vars_of(model), "slope": slope})
    found, there = newton_steps(known, far, known.slope_at(far), 1e-12)
    np.testing.assert_allclose(found[support], (model.start + goal)[support], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(there, known.slope_at(found), atol=1e-14)


def vars_of(model):
    names = "columns column output factor own share slope start threshold ridge"
    return {name: getattr(model, name) for name in names.split()}


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6), outputs=st.integers(2, 4), alike=st.sampled_from([0.0, 1.0, 30.0])
)
def test_steps_never_lead_uphill_nor_off_the_support(seed, outputs, alike):
    model, _, rng = example(seed, outputs=outputs, alike=alike)
    x = model.start * (rng.random(len(model.start)) < 0.8)
    found, slope = newton_steps(model, x, model.slope_at(x), 1e-9)
    before, after = model.value(x, model.slope_at(x)), model.value(found, slope)
    assert after <= before + 1e-12 * abs(before)
    penalised = model.threshold > 0
    assert (found[penalised] * x[penalised] >= 0).all() or after < before
    assert not found[penalised & (x == 0)].any()
    np.testing.assert_allclose(slope, model.slope_at(found), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("alike", [0.0, 3.0])
def test_descent_ends_where_the_dense_solver_does(alike):
    """Columns that are much alike: hundreds of sweeps, or a few steps on the support."""
    rng = np.random.default_rng(5)
    n, d, outputs = 80, 30, 4
    x = rng.normal(size=(n, d)) + alike * rng.normal(size=(n, 1))
    weight = np.full((1, n), 1 / n)
    design = make_design(sparse.csr_array(x), Folds(weight, weight == 0, ""), False)
    loss, p = loss_named("log", outputs), softmax(rng.normal(size=(outputs, n)))
    ones = np.concatenate([x, np.ones((n, 1))], axis=1)
    size = outputs * (d + 1)
    tied = np.einsum("cn,kn,ni,nj->cikj", p, p, ones, ones)
    own = np.einsum("cn,ck,ni,nj->cikj", p, np.eye(outputs), ones, ones)
    hessian = ((own - tied) / n).reshape(size, size)
    ridge = np.tile(np.append(np.full(d, 1e-4), 0.0), outputs)
    threshold = np.tile(np.append(np.full(d, 0.01), 0.0), outputs)
    slope, start = 0.05 * rng.normal(size=size), np.zeros(size)
    last = np.arange(d, size, d + 1)
    slope[last] -= slope[last].mean()
    places = Places(tuple(np.arange(d + 1) for _ in range(outputs)))
    found = descend(
        design, 0, row_weights(loss, p, weight[0]), places, slope, start, threshold, ridge, 1e-7
    )
    hessian[np.diag_indices(size)] += ridge + 1e-13
    expected = minimise(hessian, slope, start, threshold, 1e-10)

    def value(w):
        return slope @ w + w @ hessian @ w / 2 + threshold @ np.abs(w)

    assert value(found) == pytest.approx(value(expected), rel=1e-7)
    np.testing.assert_array_equal(
        np.delete(found, last) != 0, np.delete(np.abs(expected) > 1e-9, last)
    )


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_softmax_on_wide_data_is_optimal(form, monkeypatch):
    """The optimality conditions by hand, where no working set takes moments."""
    monkeypatch.setattr(models, "SPARSE_TIED_LIMIT", 0)
    monkeypatch.setattr(models, "DENSE_LIMIT", 0)
    data, alphas = make_data(80, 200, 4, seed=7, form=form), np.array([3e-2, 3e-3])
    fit = fit_linear(as_problem(data, 2), "log", penalty_named("l1"), alphas, 1e-9)
    assert fit.converged.all()
    x = data.X.toarray() if form == "sparse" else data.X
    for alpha, coef, intercept in zip(fit.alphas, fit.coef, fit.intercept, strict=True):
        residual = softmax(coef @ x.T + intercept[:, None]) - np.eye(4)[:, data.y]
        slope = residual @ x / len(x)
        assert np.abs(slope).max() <= alpha * (1 + 1e-4)
        used = coef != 0
        np.testing.assert_allclose(slope[used], -alpha * np.sign(coef[used]), rtol=1e-2)
        np.testing.assert_allclose(residual.sum(axis=1), 0, atol=1e-9)


def test_a_task_alone_may_share_the_threads():
    here = threading.get_ident()
    with shared_threads():
        (ident,) = in_threads(lambda _: threading.get_ident(), [0])
        assert ident == here
        assert list(in_threads(lambda v: v, iter(range(5)))) == [0, 1, 2, 3, 4]
        assert list(in_threads(abs, [])) == []
