from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

import counterpoint as cp
from counterpoint.findings import choice, choose, grid_coarse, grid_edge
from counterpoint.fit.result import SweepFit


def fold_error(fit: SweepFit, index: int) -> float:
    held = fit.held_out
    means = [held.log_loss[index][held.fold == f].mean() for f in np.unique(held.fold)]
    return float(stats.sem(means))


@pytest.mark.parametrize("name", ["breast", "digits", "breast_l1", "breast_squared", "healthy"])
def test_the_rule_worked_out_by_hand(name: str, request: pytest.FixtureRequest) -> None:
    fit = request.getfixturevalue(name)
    found = choose(fit)
    losses = fit.held_out.log_loss.mean(axis=1)
    best = int(losses.argmin())
    error = fold_error(fit, best)
    last = best
    while last + 1 < len(losses) and losses[last + 1] <= losses[best] + error:
        last += 1
    assert found.best.index == best
    assert found.standard_error == pytest.approx(error)
    assert found.one_se.index == last
    low = (
        stats.ttest_1samp(fit.held_out.log_loss[last] - fit.held_out.log_loss[best], 0.0)
        .confidence_interval()
        .low
    )
    assert found.recommended.index == (last if last > best and low <= 0 else best)
    assert found.best.log_loss == pytest.approx(losses[best])
    assert found.best.accuracy == pytest.approx(fit.held_out.correct[best].mean())
    assert found.best.brier == pytest.approx(fit.held_out.brier[best].mean())


def test_both_outcomes_of_the_recommendation_occur(
    breast: SweepFit, healthy: SweepFit, breast_squared: SweepFit, breast_l1: SweepFit
) -> None:
    picks = [choose(fit) for fit in (breast, healthy, breast_squared, breast_l1)]
    stronger = [pick for pick in picks if pick.recommended.index > pick.best.index]
    refused = [pick for pick in picks if pick.recommended.index < pick.one_se.index]
    assert stronger
    assert refused
    assert all("can't be told from nothing" in pick.reason for pick in stronger)
    assert all("leaves zero out" in pick.reason for pick in refused)


def test_the_scores_are_those_of_scikit_learn(breast: SweepFit) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    best, held = choose(breast).best, breast.held_out
    losses = np.empty(len(y))
    for f in np.unique(held.fold):
        out = held.row[held.fold == f]
        train = np.setdiff1d(np.arange(len(y)), out)
        scaler = StandardScaler().fit(x[train])
        model = LogisticRegression(C=1 / (best.alpha * len(train)), tol=1e-10, max_iter=10_000).fit(
            scaler.transform(x[train]), y[train]
        )
        p = model.predict_proba(scaler.transform(x[out]))
        losses[out] = [
            log_loss([label], [row], labels=[0, 1]) for label, row in zip(y[out], p, strict=True)
        ]
    assert best.log_loss == pytest.approx(losses.mean(), rel=1e-4)


def with_losses(fit: SweepFit, losses: Any) -> SweepFit:
    """The same fit with given held-out log loss in every row of each alpha."""
    rows = np.repeat(np.asarray(losses, dtype=float)[:, None], len(fit.held_out.row), axis=1)
    return replace(fit, held_out=replace(fit.held_out, log_loss=rows))


def test_the_strongest_of_equals_is_taken(healthy: SweepFit) -> None:
    losses = np.full(len(healthy.alphas), 0.5)
    losses[[3, 4, 5]] = 0.2
    assert choose(with_losses(healthy, losses)).best.index == 5


def test_a_hill_beyond_the_best_is_not_crossed(healthy: SweepFit) -> None:
    rng = np.random.default_rng(0)
    rows = 0.5 + rng.normal(size=(1, len(healthy.held_out.row)))
    lift = np.full(len(healthy.alphas), 9.0)
    lift[[4, 5, 8]] = 0.0, 0.001, 0.001
    fit = replace(healthy, held_out=replace(healthy.held_out, log_loss=rows + lift[:, None]))
    assert choose(fit).one_se.index == 5


def test_infinite_losses_are_never_chosen(healthy: SweepFit) -> None:
    losses = np.full(len(healthy.alphas), np.inf)
    losses[2] = 0.7
    found = choose(with_losses(healthy, losses))
    assert found.best.index == 2
    assert choice.find(with_losses(healthy, losses)) is not None


def test_gain_over_the_base_rates(breast: SweepFit) -> None:
    finding = choice.find(breast)
    assert finding is not None
    index, y = choose(breast).best.index, breast.held_out.label_index
    base = -np.log(np.bincount(y) / len(y))[y]
    gain = finding.evidence["gain_over_base_rates"]
    assert gain["value"] == pytest.approx((base - breast.held_out.log_loss[index]).mean())
    assert finding.level == "note"


def test_noise_is_not_sold_as_a_model(noise: SweepFit) -> None:
    finding = choice.find(noise)
    assert finding is not None
    assert finding.level == "caution"
    assert "base rates" in finding.title


def test_a_single_set_of_held_out_rows_uses_their_spread(fitted: Any) -> None:
    fit = fitted(*load_breast_cancer(return_X_y=True), held_out=0.3)
    found = choose(fit)
    assert found.standard_error_from == "rows"
    assert found.standard_error == pytest.approx(stats.sem(fit.held_out.log_loss[found.best.index]))


@pytest.mark.parametrize(("low", "high", "edge"), [(-1, 2, "weak"), (-9, -4, "strong")])
def test_a_choice_at_the_edge_is_said(fitted: Any, low: int, high: int, edge: str) -> None:
    fit = fitted(*load_breast_cancer(return_X_y=True), alphas=np.logspace(low, high, 13))
    finding = grid_edge.find(fit)
    assert finding is not None
    assert finding.level == "caution"
    assert finding.evidence["edge"] == edge == choose(fit).at_edge
    wider = finding.evidence["widen_to"]
    assert wider < fit.alphas[0] if edge == "weak" else wider > fit.alphas[-1]
    # And it was right: the wider grid holds a better strength.
    better = fitted(
        *load_breast_cancer(return_X_y=True), alphas=np.sort([fit.alphas[0], wider, 0.003])
    )
    assert choose(better).best.log_loss < choose(fit).best.log_loss


def test_no_penalty_at_all_may_be_the_best(fitted: Any) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3000, 2))
    y = rng.random(3000) < 1 / (1 + np.exp(-1.5 * x[:, 0]))
    fit = fitted(x, y, alphas=np.logspace(-9, 1, 11))
    fit = with_losses(fit, np.linspace(0.5, 0.5001, 11))
    finding = grid_edge.find(fit)
    assert finding is not None
    assert finding.level == "note"
    assert "can't be told apart" in finding.title


def test_a_healthy_grid_is_left_in_peace(healthy: SweepFit) -> None:
    assert grid_edge.find(healthy) is None
    assert grid_coarse.find(healthy) is None


@pytest.mark.parametrize(
    ("alphas", "title"),
    [
        ([0.01], "nothing was chosen"),
        ([0.003, 0.005, 0.01, 0.02], "narrow"),
        (np.logspace(-9, 3, 5), "coarse"),
        ([1e-3, 1e2], "coarse"),
    ],
)
def test_a_poor_grid_is_said(fitted: Any, alphas: Any, title: str) -> None:
    finding = grid_coarse.find(fitted(*load_breast_cancer(return_X_y=True), alphas=alphas))
    assert finding is not None
    assert title in finding.title
    low, high = finding.evidence["suggested_low"], finding.evidence["suggested_high"]
    assert low < high


def test_a_coarse_grid_hides_a_better_strength(fitted: Any) -> None:
    data = load_breast_cancer(return_X_y=True)
    coarse = fitted(*data, alphas=np.logspace(-9, 3, 5))
    finding = grid_coarse.find(coarse)
    assert finding is not None
    e = finding.evidence
    fine = fitted(*data, alphas=np.geomspace(e["suggested_low"], e["suggested_high"], 9))
    assert choose(fine).best.log_loss < choose(coarse).best.log_loss


def test_the_choice_is_plain_data(breast: SweepFit) -> None:
    found = choose(breast)
    assert found.alpha == breast.alphas[found.best.index]
    assert found.alpha_one_se == breast.alphas[found.one_se.index]
    assert type(asdict(found)["best"]["log_loss"]) is float


@pytest.mark.parametrize(("beside", "coarse"), [((0.9, 0.9), True), ((0.9, 0.501), False)])
def test_coarse_only_if_both_neighbours_are_far_worse(
    healthy: SweepFit, beside: tuple[float, float], coarse: bool
) -> None:
    noise = 0.1 * np.random.default_rng(0).normal(size=len(healthy.held_out.row))
    level = np.full(len(healthy.alphas), 0.9)
    level[3:6] = beside[0], 0.5, beside[1]
    fit = replace(healthy, held_out=replace(healthy.held_out, log_loss=level[:, None] + noise))
    assert (grid_coarse.find(fit) is not None) == coarse


def test_the_log_loss_is_parted_as_compare_parts_it() -> None:
    """One code for both: the held-out probabilities of a sweep, given to `compare`."""
    X, y = load_breast_cancer(return_X_y=True)
    result = cp.sweep(X, y, alphas=[1e-3, 1e-1], scale="standard")
    finding = next(f for f in result.findings if f.name == "choice")
    held = result.fit.held_out
    raw = held.raw[result.index_of(None)][0]
    told = cp.compare(1 / (1 + np.exp(-raw)), y_true=held.label_index).parts
    for part, estimate in finding.evidence["log_loss_parts"].items():
        row = told.row(
            by_predicate=(pl.col("quantity") == "log_loss") & (pl.col("part") == part), named=True
        )
        for name in ("value", "low", "high"):
            assert estimate[name] == pytest.approx(row[name], abs=1e-10)
    assert "is miscalibration" in finding.explanation
