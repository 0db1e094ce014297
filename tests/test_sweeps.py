"""The Sweep object: what it says of itself, and what it refuses."""

from __future__ import annotations

import tracemalloc

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import counterpoint as cp
from counterpoint.objective import PENALTIES

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = np.where(X[:, 0] + rng.normal(size=60) > 0, "yes", "no")
ALPHAS = [1e-2, 1e-1, 1.0]


@pytest.fixture(scope="module")
def swept():
    return cp.sweep(X, y, alphas=ALPHAS)


def test_it_says_what_it_is_in_a_line(swept):
    chosen = swept.choice.recommended.alpha
    assert repr(swept) == f"<Sweep of log with l2: 3 alphas from 0.01 to 1, take {chosen:g}>"


def test_predictions_follow_from_the_weights(swept):
    for i, alpha in enumerate(ALPHAS):
        raw = X @ swept.coef[i, 0] + swept.intercept[i, 0]
        np.testing.assert_allclose(swept.decision_function(X, alpha)[:, 0], raw, rtol=1e-12)
        np.testing.assert_allclose(
            swept.predict_proba(X, alpha)[:, 1], 1 / (1 + np.exp(-raw)), rtol=1e-12
        )
        np.testing.assert_array_equal(swept.predict(X, alpha), np.where(raw > 0, "yes", "no"))


def test_without_an_alpha_the_recommended_one_predicts(swept):
    chosen = swept.choice.recommended.alpha
    np.testing.assert_array_equal(swept.predict_proba(X), swept.predict_proba(X, chosen))


@pytest.mark.parametrize("alpha", [0.5, np.nan, "weak", [0.1]])
def test_an_alpha_that_was_not_fitted(swept, alpha):
    with pytest.raises(cp.InputError, match="fitted"):
        swept.predict_proba(X, alpha)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (X[:, :2], "2 columns"),
        (np.where(np.arange(3) == 1, np.nan, X), "is NaN"),
        (X[0], "two-dimensional"),
    ],
)
def test_rows_that_do_not_fit(swept, rows, said):
    with pytest.raises(cp.InputError, match=said):
        swept.predict(rows)


def test_a_missing_number_counts_as_the_training_mean():
    frame = pl.DataFrame(X, schema=["a", "b", "c"]).with_columns(
        a=pl.when(pl.arange(60) % 7 == 0).then(None).otherwise(pl.col("a"))
    )
    found = cp.sweep(frame, y, alphas=[0.1])
    filled = frame.with_columns(pl.col("a").fill_null(pl.col("a").mean()))
    np.testing.assert_allclose(
        found.decision_function(frame), found.decision_function(filled), rtol=1e-12
    )


def test_what_can_not_be_written(swept, tmp_path):
    (tmp_path / "file").write_text("")
    for write in (
        lambda: swept.save(tmp_path / "file"),
        lambda: swept.save(tmp_path / "file" / "folder"),
        lambda: swept.report(tmp_path / "file" / "report.html"),
    ):
        with pytest.raises(cp.InputError, match="file"):
            write()


@pytest.mark.parametrize("loss", ["log", "squared"])
@pytest.mark.parametrize("penalty", list(PENALTIES))
def test_a_sparse_array_that_would_take_gigabytes_dense_stays_sparse(loss, penalty):
    # Dense it would take 10 GB, a matrix of its columns' products as much.
    n = d = 36_000
    cells = rng.integers(0, [n, d], (5 * n, 2))
    vast = sparse.csr_array((np.ones(len(cells)), cells.T), shape=(n, d))
    labels = np.arange(n) % 2
    tracemalloc.start()
    try:
        found = cp.sweep(vast, labels, loss, penalty, alphas=[0.3], cv=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200e6
    assert found.coef.shape == (1, 1, d)
