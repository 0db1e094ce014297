"""`zero_one` as a caller meets it: what it takes, what it refuses, and that its loss is real."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

import counterpoint as cp
from counterpoint.theory.zero_one.flags import least_over_flags


def cloud(n, features, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, features))
    return X, (X.sum(axis=1) + 1.5 * rng.normal(size=n) > 0).astype(int)


@given(st.integers(0, 10_000), st.integers(1, 3), st.booleans())
def test_the_loss_is_what_the_classifier_has_with_no_row_on_its_boundary(seed, features, free):
    X, y = cloud(40, features, seed)
    weight = np.random.default_rng(seed).integers(0, 3, size=40) + (np.arange(40) < 20)
    best = cp.zero_one(X, y, sample_weight=weight, intercept=free)
    z = X @ best.coef + best.intercept
    assert np.all(z[weight > 0] != 0)
    assert best.loss == pytest.approx(weight[(z > 0) != y].sum() / weight.sum(), abs=1e-15)
    assert best.proven
    assert best.gap == 0
    assert best.accuracy == 1 - best.loss
    assert np.linalg.norm(best.coef if best.coef.any() else best.intercept) == pytest.approx(1)
    if not free:
        assert best.intercept == 0
    assert np.mean((best.predict(X) == y)[weight > 0]) == np.mean(((z > 0) == y)[weight > 0])


@given(st.integers(0, 10_000), st.floats(-9, 9), st.floats(-9, 9), st.floats(-6, 6))
def test_no_unit_or_origin_changes_the_loss(seed, one, other, shift):
    X, y = cloud(30, 2, seed)
    moved = X * 10.0 ** np.array([one, other]) + shift * 10.0 ** np.array([one, other])
    assert cp.zero_one(moved, y).loss == cp.zero_one(X, y).loss


def test_one_far_row_and_units_far_apart_are_no_trouble():
    X, y = cloud(60, 3)
    errors = cp.zero_one(X, y).loss
    assert cp.zero_one(X * [1.0, 1e-200, 1e140], y).loss == errors
    far = X.copy()
    far[0] = [1e7, -1e7, 3.0]
    best = cp.zero_one(far, y)
    assert best.proven
    assert abs(best.loss - errors) * 60 < 1.5


def test_weights_count_as_rows_do():
    X, y = cloud(30, 2)
    times = np.random.default_rng(1).integers(1, 4, size=30)
    weighted = cp.zero_one(X, y, sample_weight=times)
    repeated = cp.zero_one(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert weighted.loss == pytest.approx(repeated.loss)


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        # Not 0: these two species are not linearly separable, as Fisher knew.
        ((load_iris, [0, 1, 2, 3], (1, 2)), 1),
        # What trying all planes through three rows gives, in the slow test below.
        ((load_wine, [0, 1, 2], (1, 2)), 13),
        ((load_breast_cancer, [0, 1, 4], (0, 1)), 33),
    ],
)
def test_real_tables_are_proven(rows, errors):
    load, columns, classes = rows
    X, y = load(return_X_y=True)
    kept = np.isin(y, classes)
    best = cp.zero_one(X[kept][:, columns], y[kept])
    assert best.proven
    assert best.loss * kept.sum() == pytest.approx(errors)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("load", "columns", "classes", "errors"),
    [(load_wine, [0, 1, 2], (1, 2), 13), (load_breast_cancer, [0, 1, 4], (0, 1), 33)],
)
def test_all_planes_through_three_rows_give_the_same(load, columns, classes, errors):
    X, y = load(return_X_y=True)
    kept = np.isin(y, classes)
    X, target = X[kept][:, columns], np.where(y[kept] == classes[1], 1.0, -1.0)
    rows = np.column_stack([(X - X.mean(axis=0)) / X.std(axis=0), np.ones(len(X))])
    vectors = target[:, None] * rows
    vectors /= np.abs(vectors).max(axis=1, keepdims=True)
    ones = np.ones(len(X))
    assert least_over_flags(vectors, 1e-15 * ones, ones, np.inf)[0] == errors


def test_the_same_class_everywhere_is_a_classifier_too():
    best = cp.zero_one([[1.0], [2.0], [3.0]], ["b", "a", "b"])
    assert best.loss == pytest.approx(1 / 3)
    # Cutting off the first row, or the last, is as good as cutting off none.
    assert len(best.cuts) == 3
    same = cp.zero_one([[0.0], [1.0], [2.0], [3.0]], list("baab"))
    assert same.loss == 0.25


def test_a_column_twice_or_constant_is_no_trouble():
    X, y = cloud(50, 2)
    more = np.column_stack([X, X[:, 0], np.full(50, 7.0), X.sum(axis=1)])
    assert cp.zero_one(more, y).loss == cp.zero_one(X, y).loss


def test_frames_and_labels_of_text_are_taken():
    frame = pl.DataFrame({"age": [20, 30, 40, 50], "sex": ["f", "m", "f", "m"]})
    best = cp.zero_one(frame, ["no", "no", "yes", "yes"])
    assert best.loss == 0
    assert best.classes.tolist() == ["no", "yes"]


@pytest.mark.parametrize(
    ("X", "y", "options", "said"),
    [
        ([[0], [1], [2]], [0, 1, 2], {}, "there are 3 classes"),
        ([[0], [1]], [1, 1], {}, "class"),
        ([[0.0], [np.nan]], [0, 1], {}, "NaN|nan|missing"),
        (pl.DataFrame({"a": [1.0, None, 2.0]}), [0, 1, 0], {}, "data row 2 has no value of 'a'"),
        ([[0], [1]], [0, 1], {"time_limit": 0}, "time_limit is 0"),
        ([[0], [1]], [0, 1], {"time_limit": float("nan")}, "time_limit is nan"),
        ([[0], [1]], [0, 1], {"time_limit": "long"}, "time_limit is 'long'"),
        ([[0], [1]], [0, 1], {"intercept": "yes"}, "intercept is 'yes'"),
        ([[0], [1]], [0, 1], {"sample_weight": [1, -1]}, "weight"),
    ],
)
def test_what_can_t_be_used_is_refused_in_a_sentence(X, y, options, said):
    with pytest.raises(cp.InputError, match=said):
        cp.zero_one(X, y, **options)


def test_rows_far_from_the_origin_keep_their_digits():
    X, y = cloud(60, 2)
    assert cp.zero_one(X + 1e12, y).loss == cp.zero_one(X, y).loss
