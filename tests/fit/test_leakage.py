"""Nothing of a held-out fold reaches the fit that judges it.

In each test one fold holds out rows that are changed and probe rows that are not. If only the
training rows matter, the raw scores that its fits give the probes stay as they were.
"""

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import counterpoint as cp
from counterpoint.scores import cross_fitted_probabilities

N = 96
ALPHAS = [1e-4, 1e-2, 0.3]
FOLD = np.arange(N) % 3
CHANGED = np.flatnonzero(FOLD == 0)[:20]
PROBES = np.flatnonzero(FOLD == 0)[20:]
SPLITS = [(np.flatnonzero(f != FOLD), np.flatnonzero(f == FOLD)) for f in range(3)]
SCALES = ("none", "standard")
SLOW_CASES = [("log", 3), ("squared_hinge", 3)]


def problem(n_classes=2, d=5, seed=0):
    """Cells are multiples of 1/64, so that sums of them, and of large integers, are exact."""
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(N, d)) * rng.uniform(0.5, 3, d) * 64) / 64
    scores = X @ rng.normal(size=(d, n_classes)) / np.sqrt(d) + rng.gumbel(size=(N, n_classes))
    return X, scores.argmax(axis=1)


def probed(X, y, loss="log", penalty="l2", scale="none", tol=1e-14):
    """Raw scores of the probes by the fits that held out fold 0: (alphas, outputs, probes)."""
    fit = cp.sweep(X, y, loss, penalty, ALPHAS, cv=SPLITS, scale=scale, tol=tol).fit
    # These settle, whatever becomes of the folds that the changed rows train.
    assert (fit.fold_relative_gap[:, 0] <= 1e-12).all()
    return fit.held_out.raw[..., np.isin(fit.held_out.row, PROBES)]


@pytest.mark.slow
@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("penalty", "shift"), [("l2", 2.0**20), ("l1", 2.0**8)])
@pytest.mark.parametrize(
    ("loss", "n_classes"),
    [("log", 2), *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW_CASES)],
)
def test_huge_held_out_values_do_not_reach_a_fit(loss, n_classes, penalty, shift, scale, form):
    X, y = problem(n_classes)
    before = probed(form(X), y, loss, penalty, scale)
    # Up and down by as much: the columns' means, which dense data are centred by, stay exact.
    changed = X.copy()
    changed[CHANGED] += np.where(np.arange(len(CHANGED)) % 2, shift, -shift)[:, None]
    after = probed(form(changed), y, loss, penalty, scale)
    np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-13)
    # A change of one training row would show.
    X[PROBES[0] + 1] += 0.25
    assert np.abs(probed(form(X), y, loss, penalty, scale) - before).max() > 1e-4


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shape", [5, 150])
def test_held_out_values_reach_a_fit_by_rounding_alone(shape, scale):
    """Dense data are centred by the mean of all rows, which no fit's optimum depends on."""
    X, y = problem(d=shape)
    before = probed(X, y, scale=scale)
    X[CHANGED] = 1e3 * X[CHANGED] + 1e3
    # Wide data are turned into a basis that all folds share, in which large rows cost digits.
    close = 1e-9 if shape == 5 else 1e-7
    np.testing.assert_allclose(probed(X, y, scale=scale), before, rtol=close, atol=close)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("penalty", ["l2", "l1"])
@pytest.mark.parametrize(("loss", "n_classes"), [("log", 2), ("log", 3), ("squared", 3)])
def test_held_out_labels_do_not_reach_a_fit(loss, n_classes, penalty, scale):
    X, y = problem(n_classes)
    other = y.copy()
    other[CHANGED] = (y[CHANGED] + 1) % n_classes
    before, after = (probed(X, labels, loss, penalty, scale) for labels in (y, other))
    np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("penalty", ["l2", "l1"])
def test_missing_held_out_cells_do_not_move_what_fills_the_others(penalty, scale):
    X, y = problem()
    rng = np.random.default_rng(1)
    X[rng.random(X.shape) < 0.2] = np.nan
    names = [f"x{j}" for j in range(X.shape[1])]
    before = probed(pl.DataFrame(X, names), y, penalty=penalty, scale=scale)
    X[CHANGED] = np.where(rng.random((len(CHANGED), X.shape[1])) < 0.7, np.nan, 100.0)
    after = probed(pl.DataFrame(X, names), y, penalty=penalty, scale=scale)
    np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("penalty", ["l2", "l1"])
def test_levels_that_only_held_out_rows_have_carry_no_weight(penalty, scale):
    X, y = problem()
    kind = np.random.default_rng(2).choice(["red", "green"], N).tolist()
    frame = pl.DataFrame({"x": X[:, 0], "kind": kind})
    before = probed(frame, y, penalty=penalty, scale=scale)
    for row, new in zip(CHANGED, ["violet", "blue", None] * 7, strict=False):
        kind[row] = new
    after = probed(frame.with_columns(kind=pl.Series(kind)), y, penalty=penalty, scale=scale)
    np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_folds_own_rows_do_not_calibrate_it(n_classes):
    X, y = problem(n_classes)
    fit = cp.sweep(X, y, "squared_hinge", alphas=ALPHAS, cv=SPLITS).fit
    held = fit.held_out
    first = held.fold == held.fold[0]
    other = held.label_index.copy()
    other[first] = (other[first] + 1) % n_classes
    for raw, log_loss in zip(held.raw, held.log_loss, strict=True):
        own = cross_fitted_probabilities(raw, held.label_index, held.fold, n_classes, held.weight)
        changed = cross_fitted_probabilities(
            np.where(first & (np.arange(N) % 2 == 0), 1e6, raw), other, held.fold, n_classes
        )
        same = first & (np.arange(N) % 2 == 1)
        np.testing.assert_array_equal(changed[same], own[same])
        # These are the probabilities that the sweep scores.
        p = own[np.arange(N), held.label_index]
        np.testing.assert_allclose(log_loss, -np.log(p), rtol=1e-12)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_fold_scores_are_those_of_a_scikit_learn_pipeline(n_classes, scale):
    """Imputer, scaler and model fitted on each fold's training rows alone, one after another."""
    X, y = problem(n_classes, d=6, seed=3)
    X[np.random.default_rng(4).random(X.shape) < 0.15] = np.nan
    frame = pl.DataFrame(X, [f"x{j}" for j in range(X.shape[1])])
    result = cp.sweep(frame, y, alphas=ALPHAS, cv=SPLITS, scale=scale, tol=1e-13)
    for alpha in ALPHAS:
        pooled = []
        for f, (train, test) in enumerate(SPLITS, start=1):
            scaler = [StandardScaler()] if scale == "standard" else []
            strength = cp.strength.from_alpha(alpha, "sklearn.LogisticRegression", n=len(train))
            model = LogisticRegression(C=strength, tol=1e-12, max_iter=10_000)
            if n_classes == 2:
                model.set_params(solver="newton-cholesky")
            pipeline = make_pipeline(SimpleImputer(), *scaler, model).fit(X[train], y[train])
            p = pipeline.predict_proba(X[test])
            own = p[np.arange(len(test)), y[test]]
            expected = {
                "accuracy": (p.argmax(axis=1) == y[test]).mean(),
                "log_loss": -np.log(own).mean(),
                "brier": ((p - np.eye(n_classes)[y[test]]) ** 2).sum(axis=1).mean(),
            }
            scores = result.scores.filter(alpha=alpha, split="validation", fold=f)
            ours = dict(scores.select("quantity", "value").iter_rows())
            for quantity, value in expected.items():
                assert ours[quantity] == pytest.approx(value, abs=1e-6), (alpha, f, quantity)
            pooled.append(-np.log(own))
        ours = result.scores.filter(alpha=alpha, split="validation", quantity="log_loss")
        ours = ours.filter(pl.col("fold").is_null())["value"].item()
        assert ours == pytest.approx(np.concatenate(pooled).mean(), abs=1e-6)
