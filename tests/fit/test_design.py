"""Products through the affine maps against explicit copies: scaled, imputed, fold by fold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from counterpoint.fit.folds import Folds
from counterpoint.fit.memory import Plan
from counterpoint.fit.scaling import make_design


def folds_of(n, rng, count=3):
    held_out = np.arange(count)[:, None] == rng.integers(0, count, n)
    weight = np.where(held_out, 0.0, rng.uniform(0.5, 2, n))
    return Folds(weight / weight.sum(axis=1, keepdims=True), held_out, "test")


def explicit(x, weight, standardise, centre):
    """The matrix one fold sees: imputed and scaled from its training rows, written out."""
    x = np.array(x.toarray() if sparse.issparse(x) else x, dtype=float)
    present = ~np.isnan(x)
    mean = np.array(
        [
            np.average(x[p, j], weights=weight[p]) if weight[p].sum() else 0.0
            for j, p in enumerate(present.T)
        ]
    )
    filled = np.where(present, x, mean)
    deviation = np.sqrt(np.average((filled - mean) ** 2, axis=0, weights=weight))
    scale = np.where(deviation > 1e-12, deviation, 1.0) if standardise else np.ones(x.shape[1])
    return (filled - (mean if centre else 0.0)) / scale


CASES = [
    ("dense", False),
    ("dense", True),
    ("sparse", False),
    ("sparse", True),
    ("missing", False),
    ("missing", True),
    ("sparse missing", False),
    ("sparse missing", True),
]


@pytest.mark.parametrize(("form", "standardise"), CASES)
@given(seed=st.integers(0, 10**6))
def test_products_are_those_of_the_explicit_matrix(form, standardise, seed):
    rng = np.random.default_rng(seed)
    n, d = 30, 4
    x = rng.normal(size=(n, d)) * 3 + 5
    if "sparse" in form:
        x[rng.random(x.shape) < 0.5] = 0.0
    if "missing" in form:
        x[rng.random(x.shape) < 0.2] = np.nan
        x[:4] = 1.0 + rng.random((4, d))
    if "sparse" in form:
        x = sparse.csr_array(x)
    folds = folds_of(n, rng)
    design = make_design(x, folds, standardise)
    centre = standardise or form != "sparse"
    matrices = [explicit(x, w, standardise, centre) for w in folds.train_weight]
    fold = np.array([2, 0, 1, 2])
    v = rng.normal(size=(4, 2, d + 1))
    z = design.scores(v, fold)
    r = rng.normal(size=(4, 2, n))
    g = design.adjoint(r, fold)
    for p, f in enumerate(fold):
        expected = v[p, :, :-1] @ matrices[f].T + v[p, :, -1:]
        np.testing.assert_allclose(z[p], expected, atol=1e-9)
        augmented = np.column_stack([matrices[f], np.ones(n)])
        np.testing.assert_allclose(g[p], r[p] @ augmented, atol=1e-9)
    moments = np.stack(
        [
            w @ np.column_stack([m, np.ones(n)]) ** 2
            for w, m in zip(folds.train_weight, matrices, strict=True)
        ]
    )
    if "missing" not in form:
        np.testing.assert_allclose(design.second_moments, moments, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("limit", [0, 10**9])
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("columns", [None, [0, 3], [1, 2, 3, 4]])
def test_grams_are_those_of_the_explicit_matrix(form, limit, columns):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 5)) + 2
    if form == "sparse":
        x[rng.random(x.shape) < 0.5] = 0.0
        x = sparse.csr_array(x)
    folds = folds_of(40, rng)
    design = make_design(x, folds, True, Plan(row_products=limit))
    weight = rng.random((3, 40))
    fold = np.array([1, 0, 2])
    chosen = None if columns is None else np.array(columns)
    grams = design.grams(weight, fold, chosen)
    for m, f in enumerate(fold):
        matrix = explicit(x, folds.train_weight[f], True, True)
        augmented = np.column_stack(
            [matrix if columns is None else matrix[:, columns], np.ones(40)]
        )
        np.testing.assert_allclose(grams[m], (augmented.T * weight[m]) @ augmented, atol=1e-9)


def test_coefficients_come_back_on_the_scale_of_the_data():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50, 3)) * [1e-3, 1.0, 1e4] + [5.0, -2.0, 1e5]
    folds = folds_of(50, rng)
    design = make_design(x, folds, True)
    v = rng.normal(size=(2, 1, 4))
    fold = np.array([0, 2])
    coef, intercept = design.original(v, fold)
    for p in range(2):
        z = x @ coef[p].T + intercept[p]
        np.testing.assert_allclose(z.T, design.scores(v, fold)[p], rtol=1e-9, atol=1e-9)


def test_a_constant_column_is_left_as_it_is():
    x = np.column_stack([np.full(20, 0.1), np.arange(20.0)])
    design = make_design(x, folds_of(20, np.random.default_rng(0)), True)
    np.testing.assert_array_equal(design.scale[:, 0], 1.0)
    assert np.abs(design.double.block(0)[:, 0] - design.shift[:, :1]).max() < 1e-15
