"""What a caller of `cp.sweep` can get wrong, and the forms that its arguments may take."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.model_selection import StratifiedKFold

import counterpoint as cp

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
FIRST, SECOND = np.arange(30), np.arange(30, 60)


def swept(**arguments):
    return cp.sweep(X, y, **{"alphas": [1e-2, 1.0], **arguments})


def spoilt(row, column, value):
    other = X.copy()
    other[row, column] = value
    return other


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("alphas", "weak", "'weak'"),
        ("alphas", 0.0, "alpha is 0.0"),
        ("alphas", [1.0, -1.0], "alpha is -1.0"),
        ("alphas", [np.nan], "alpha is nan"),
        ("alphas", [], "no alpha"),
        ("alphas", [None], "None"),
        ("alphas", [[1.0, 2.0], [3.0, 4.0]], "not a number"),
        ("alphas", object(), "not a number"),
        ("l1_ratio", 2, "l1_ratio is 2"),
        ("l1_ratio", np.nan, "l1_ratio is nan"),
        ("l1_ratio", None, "l1_ratio is None"),
        ("l1_ratio", "half", "l1_ratio is 'half'"),
        ("cv", 1, "at least 2"),
        ("cv", 61, "at most 60"),
        ("cv", None, "cv is None"),
        ("cv", True, "cv is True"),
        ("cv", "5", "cv is '5'"),
        ("cv", "loo", "'alo' for approximate leave-one-out"),
        ("cv", 2.0, "cv is 2.0"),
        ("cv", [], "no pair"),
        ("cv", [1, 2, 3], "split 1 of cv is not a pair"),
        ("cv", [(FIRST, SECOND), (FIRST,)], "split 2 of cv is not a pair"),
        ("cv", [(FIRST, [])], "holds no row out"),
        ("cv", [(FIRST, [99])], "does not fit 60 rows"),
        ("cv", [(FIRST, FIRST[:3])], "both trains on row 0"),
        ("scale", "minmax", "none, standard"),
        ("scale", None, "scale is None"),
        ("seed", -1, "seed is -1"),
        ("seed", None, "seed is None"),
        ("seed", 1.5, "seed is 1.5"),
        ("seed", True, "seed is True"),
        ("seed", np.random.default_rng(0), "whole number"),
        ("tol", 0, "tol is 0"),
        ("tol", np.nan, "tol is nan"),
        ("tol", "tight", "tol is 'tight'"),
        ("test", 0.0, "between 0 and 1"),
        ("test", 1, "between 0 and 1"),
        ("test", "test.csv", "test is a str"),
        ("test", X, "test is a ndarray"),
        ("test", (X,), "give a fraction"),
        ("test", (X, y, None, None), "give a fraction"),
        ("test", (X[:, :2], y), "2 columns"),
        ("test", (X, y[:5]), "60 rows and 5 labels"),
        ("test", (X, y + 5), "class 5"),
        ("test", (X, y.astype(str)), "class '0'"),
        ("test", (X, np.where(y == 1, np.nan, 0.0)), "missing values"),
        ("test", (spoilt(0, 0, np.nan), y), "X[0, 0] is NaN"),
        ("test", (X, y, -np.ones(60)), "-1 in data row 1"),
        ("test", (X, y, np.ones(3)), "3 weights for 60 rows"),
        ("loss", "hinge", "choose one of log, squared"),
        ("loss", ["log", "squared"], "sweep_all takes lists"),
        ("loss", None, "loss None is not a name"),
        ("penalty", "l3", "choose one of l2, l1, elasticnet"),
        ("penalty", ["l2"], "sweep_all takes lists"),
        ("sample_weight", np.ones(3), "3 weights for 60 rows"),
        ("sample_weight", -np.ones(60), "-1 in data row 1"),
        ("sample_weight", np.full(60, np.nan), "nan in data row 1"),
        ("sample_weight", np.zeros(60), "all zero"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else "",
)
def test_an_argument_that_can_not_be_used(name, value, said):
    with pytest.raises(cp.InputError) as error:
        swept(**{name: value})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("features", "labels", "said"),
    [
        (spoilt(3, 2, np.nan), y, "X[3, 2] is NaN"),
        (spoilt(1, 1, -np.inf), y, "X[1, 1] is -inf"),
        (np.ones((60, 4)), y, "constant"),
        (X, y * 0, "one class only"),
        (X, np.where(np.arange(60) == 4, np.nan, y), "1 missing value"),
        (X, np.r_[2, y[1:]], "class '2' has one row"),
        (X, y[:9], "60 rows and y has 9 labels"),
        (X[:2], [0, 1], "5 folds were asked of 2 rows"),
        (X, X[:, 0], "regression"),
        (X[:, 0], y, "two-dimensional"),
        (
            pl.DataFrame(X).with_columns(name=pl.arange(60).cast(pl.String) + "th"),
            y,
            "Text column 'name' has a different value in every row",
        ),
    ],
)
def test_data_that_nothing_can_be_learned_from(features, labels, said):
    with pytest.raises(cp.InputError) as error:
        cp.sweep(features, labels, alphas=[1.0])
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("losses", "penalties", "said"),
    [
        ([], ["l2"], "no loss"),
        (["log"], [], "no penalty"),
        ("log", ["l2"], "'log' is not a list"),
        (["log"], "l2", "'l2' is not a list"),
    ],
)
def test_sweep_all_takes_lists_of_names(losses, penalties, said):
    with pytest.raises(cp.InputError, match=said):
        cp.sweep_all(X, y, losses, penalties, alphas=[1.0])


def test_a_name_given_twice_is_swept_once():
    both = cp.sweep_all(X, y, ["log", "log"], ("l2", "l2"), alphas=[1.0])
    assert [(s.fit.loss, s.fit.penalty_name) for s in both.sweeps] == [("log", "l2")]


@pytest.mark.parametrize(
    "alphas", [[0.1], 0.1, np.float32(0.1), "0.1", (a for a in [0.1]), pl.Series([0.1])]
)
def test_forms_of_alphas(alphas):
    np.testing.assert_allclose(swept(alphas=alphas).alphas, [0.1], rtol=1e-7)


def test_forms_of_folds_are_judged_alike():
    splits = list(StratifiedKFold(3).split(X, y))
    expected = swept(cv=splits).scores
    for cv in (StratifiedKFold(3), iter(splits), [list(pair) for pair in splits]):
        assert swept(cv=cv).scores.equals(expected)


def test_rows_to_judge_on():
    found = swept(test=(X[40:], y[40:]), seed=np.int64(3))
    assert found.fit.held_out.row.tolist() == list(range(60, 80))
    np.testing.assert_array_equal(found.fit.held_out.label_index, y[40:])
    weighted = swept(test=(X[40:], y[40:], np.r_[np.ones(10), np.zeros(10)]))
    first = swept(test=(X[40:50], y[40:50]))
    one, other = (
        s.scores.filter(split="validation", quantity="log_loss")["value"] for s in (weighted, first)
    )
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_half_of_the_rows_held_out():
    found = swept(test=0.5)
    assert len(found.fit.held_out.row) == pytest.approx(30, abs=1)
    shares = np.bincount(found.fit.held_out.label_index) / len(found.fit.held_out.row)
    np.testing.assert_allclose(shares, np.bincount(y) / 60, atol=0.02)
