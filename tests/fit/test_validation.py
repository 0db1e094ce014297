"""Scores over held-out rows, alpha by alpha and fold by fold, against sums written out."""

from __future__ import annotations

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.fit.result import HeldOut
from counterpoint.fit.validation import score_rows
from reference import make_data

#: What the scores call a quantity, and where its values row by row are.
PER_ROW = {
    "accuracy": "correct",
    "log_loss": "log_loss",
    "brier": "brier",
    "loss": "own_loss",
}


def judged(n_alphas=3, folds=(5, 2, 9, 2)):
    """Held-out rows of folds of unlike sizes, every value another one."""
    rng = np.random.default_rng(4)
    fold = rng.permutation(np.repeat(np.arange(1, len(folds) + 1), folds))
    n = len(fold)
    values = rng.uniform(0.1, 2.0, (3, n_alphas, n))
    return HeldOut(
        row=np.arange(n),
        label_index=rng.integers(0, 2, n),
        fold=fold,
        weight=rng.uniform(0.5, 2.0, n),
        raw=rng.normal(size=(n_alphas, 1, n)),
        predicted=rng.integers(0, 2, (n_alphas, n)),
        log_loss=values[0],
        brier=values[1],
        own_loss=values[2],
        calibrated=False,
    )


@pytest.mark.parametrize("quantity", PER_ROW)
def test_each_row_of_scores_is_the_mean_of_its_alpha_and_fold(quantity):
    held_out = judged()
    alphas = np.array([1e-3, 0.1, 10.0])
    per_row = getattr(held_out, PER_ROW[quantity])
    found = {
        (row["alpha"], row["fold"]): row["value"]
        for row in score_rows(held_out, alphas).iter_rows(named=True)
        if row["quantity"] == quantity
    }
    everyone = np.ones(len(held_out.fold), dtype=bool)
    expected = {
        (alpha, f): np.average(of_alpha[mine], weights=held_out.weight[mine])
        for alpha, of_alpha in zip(alphas, per_row, strict=True)
        for f, mine in [(None, everyone), *((f, held_out.fold == f) for f in range(1, 5))]
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_scores_of_each_fold_are_those_of_a_fit_without_its_rows():
    """From end to end: every fold's accuracy, by models fitted to the other rows alone."""
    data = make_data(90, 3, 2, seed=5)
    alphas, fold = [1e-2, 1.0], np.repeat([1, 2, 3], [40, 30, 20])
    splits = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in (1, 2, 3)]
    rows = cp.sweep(data.X, data.y, alphas=alphas, cv=splits, scale="none", tol=1e-10).fit.scores
    for (train, held_out), (a, alpha) in [(s, b) for s in splits for b in enumerate(alphas)]:
        alone = cp.sweep(
            data.X[train], data.y[train], alphas=alphas, cv=3, scale="none", tol=1e-10
        ).fit
        score = data.X[held_out] @ alone.coef[a].ravel() + alone.intercept[a].ravel()
        [found] = rows.filter(
            (rows["alpha"] == alpha)
            & (rows["fold"] == fold[held_out[0]])
            & (rows["quantity"] == "accuracy")
        )["value"]
        assert found == np.mean((score > 0) == (data.y[held_out] == 1))
