"""Data that once made a fit, a certificate or a fact wrong."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import counterpoint as cp
from counterpoint.data import schema
from counterpoint.fit.certificate import certify
from counterpoint.fit.linear import fit_linear
from counterpoint.objective import loss_named, penalty_named
from reference import Data, as_problem


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e7])
@pytest.mark.parametrize("loss_name", ["log", "squared_hinge"])
def test_wide_fits_are_certified_for_the_data_as_they_are(unit, loss_name):
    """One column in another unit: a rotation that squares it loses all the others."""
    rng = np.random.default_rng(0)
    X = 0.1 * rng.normal(size=(20, 60))
    X[:, 0] = unit * rng.normal(size=20)
    y = (X[:, 1] + X[:, 2] + 0.05 * rng.normal(size=20) > 0).astype(int)
    problem = as_problem(Data(X, y, np.ones(20)), 2)
    alphas, penalty = np.array([1e-6, 1e-4, 1e-3]), penalty_named("l2")
    fit = fit_linear(problem, loss_name, penalty, alphas, tol=1e-6)
    loss = loss_named(loss_name, 2)
    design = problem.design
    coef = fit.coef * design.scale[0]
    mean = design.fill(0)
    v = np.concatenate([coef, (fit.intercept + fit.coef @ mean)[..., None]], axis=-1)
    target = loss.encode(problem.label_index, 2)[None]
    _, again = certify(design, loss, penalty, target, alphas, np.zeros(3, np.intp), v)
    assert fit.converged.all()
    assert (again.relative <= 2e-6).all()
    np.testing.assert_allclose(again.objective, fit.objective, rtol=1e-6)


def test_the_default_grid_of_indicator_columns():
    """Indicators of one column cancel against each other: so may a careless power iteration."""
    frame = pl.DataFrame({"c": (["a"] * 10 + ["b"] * 10) * 2})
    alphas = cp.sweep(frame, [0, 1] * 20).alphas
    assert 1e-3 < alphas[-1] < 1e3


@pytest.mark.parametrize("value", [1e14, 1e20, 1e100])
@pytest.mark.parametrize("scale", ["none", "standard"])
def test_a_huge_row_that_does_not_train_changes_nothing(value, scale):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = (X[:, 0] + 0.5 * rng.normal(size=40) > 0).astype(int)
    expected = cp.sweep(X, y, alphas=[1e-2], scale=scale).coef
    weight = np.append(np.ones(40), 0.0)
    huge = np.vstack([X, [[value, 0, 0]]])
    weightless = cp.sweep(
        huge, np.append(y, 0), alphas=[1e-2], sample_weight=weight, scale=scale
    ).coef
    np.testing.assert_allclose(weightless, expected, rtol=1e-12)
    judged = (np.array([[value, 0, 0], [1, 1, 1.0]]), [0, 1])
    tested = cp.sweep(X, y, alphas=[1e-2], scale=scale, test=judged).coef
    np.testing.assert_allclose(tested, expected, rtol=1e-12)


def test_a_sparse_table_with_missing_cells_is_the_dense_one(monkeypatch):
    frame = pl.DataFrame(
        {
            "t": [f"l{i % 20}" for i in range(60)],
            "k": [1.0] * 60,
            "x": [None, None] + [float(i % 7) for i in range(58)],
        }
    )
    y = [i % 2 for i in range(60)]
    alphas = [1e-2, 1.0]
    dense = cp.sweep(frame, y, alphas=alphas)
    monkeypatch.setattr(schema, "_DENSE_BYTES", 100)
    thin = cp.sweep(frame, y, alphas=alphas)
    assert thin.schema.sparse
    assert not dense.schema.sparse
    np.testing.assert_allclose(thin.predict_proba(frame), dense.predict_proba(frame), rtol=1e-6)
    assert thin.fit.facts.missing_cells == dense.fit.facts.missing_cells == 2
    assert thin.fit.facts.constant == dense.fit.facts.constant == ("k",)
    np.testing.assert_allclose(thin.objective, dense.objective, rtol=1e-6)


def test_columns_with_a_common_mean_are_no_duplicates():
    rng = np.random.default_rng(0)
    X = sparse.csr_array(100 + rng.normal(size=(60, 3)))
    assert cp.sweep(X, np.arange(60) % 2, alphas=[1.0]).fit.facts.duplicates == ()


def test_every_interval_holds_its_value():
    """Also where a fold never trained on a class, and its log loss is as great as one can be."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 20)
    splits = [(np.arange(40), np.arange(40, 60)), (np.arange(20, 60), np.arange(20))]
    scores = cp.sweep(rng.normal(size=(60, 2)), y, alphas=[1e-2, 1.0], cv=splits).scores
    held = scores.filter(pl.col("low").is_not_null() & (pl.col("quantity") != "loss"))
    assert len(held)
    assert (held["low"] <= held["value"]).all()
    assert (held["value"] <= held["high"]).all()


def test_l1_with_missing_cells_and_held_out_rows_far_away():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(96, 4))
    y = (X.sum(axis=1) + np.random.default_rng(1).gumbel(size=96) > 0).astype(int)
    held = np.arange(96) % 3 == 0
    X[held] = 100.0
    X[~held & (np.random.default_rng(2).random(96) < 0.3), 0] = np.nan
    splits = [(np.flatnonzero(~held), np.flatnonzero(held))]
    frame = pl.DataFrame(X, list("abcd"))
    fit = cp.sweep(frame, y, penalty="l1", alphas=[1e-4, 1e-2], cv=splits).fit
    assert fit.converged.all()


@pytest.mark.parametrize("l1_ratio", [1e-9, 1e-3, 0.5, 1.0])
def test_the_default_grid_of_an_elastic_net(l1_ratio):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    y = (X[:, 0] > 0).astype(int)
    alphas = cp.sweep(X, y, penalty="elasticnet", l1_ratio=l1_ratio).alphas
    assert 1e-2 <= alphas[-1] <= 1e2
