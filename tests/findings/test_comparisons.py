from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from counterpoint.findings import best_combination, choose, compare_all, side_by_side
from counterpoint.fit.result import SweepFit


@pytest.fixture(scope="module")
def four(
    breast: SweepFit, breast_l1: SweepFit, breast_squared: SweepFit, breast_squared_l1: SweepFit
) -> list[SweepFit]:
    return [breast_squared_l1, breast, breast_l1, breast_squared]


def test_one_fit_has_nothing_beside_it(breast: SweepFit) -> None:
    assert compare_all([breast]) == ()
    assert compare_all([]) == ()


def test_the_ranking_and_its_intervals(four: list[SweepFit]) -> None:
    finding = best_combination.find(four)
    assert finding is not None
    ranking: Any = finding.evidence["ranking"]
    picks = [(fit, choose(fit).recommended.index) for fit in four]
    picks.sort(key=lambda pick: pick[0].held_out.log_loss[pick[1]].mean())
    assert [(row["loss"], row["penalty"]) for row in ranking] == [
        (fit.loss, fit.penalty_name) for fit, _ in picks
    ]
    leader, at = picks[0]
    apart = []
    for row, (fit, k) in zip(ranking[1:], picks[1:], strict=True):
        difference = fit.held_out.log_loss[k] - leader.held_out.log_loss[at]
        low, high = stats.ttest_1samp(difference, 0.0).confidence_interval(1 - 0.05 / 3)
        assert (row["behind"]["low"], row["behind"]["high"]) == pytest.approx((low, high))
        apart.append(low > 0)
    assert len(finding.evidence["cannot_be_told_apart"]) == apart.count(False)
    second, k = picks[1]
    right, other = leader.held_out.correct[at], second.held_out.correct[k]
    duel: Any = finding.evidence["against_runner_up"]
    assert (duel["b"], duel["c"]) == ((~right & other).sum(), (right & ~other).sum())


def test_a_clear_winner_is_called_one(breast: SweepFit, breast_l1: SweepFit) -> None:
    worse = replace(
        breast_l1, held_out=replace(breast_l1.held_out, log_loss=breast_l1.held_out.log_loss + 1.0)
    )
    finding = best_combination.find([worse, breast])
    assert finding is not None
    assert finding.title == "Log loss with L2 does best"
    assert finding.evidence["cannot_be_told_apart"] == []


def test_equal_models_cannot_be_told_apart(breast: SweepFit) -> None:
    finding = best_combination.find([breast, breast])
    assert finding is not None
    assert finding.title == "No combination can be told from the best"


def test_zeros_are_counted_on_the_weights(four: list[SweepFit]) -> None:
    finding = side_by_side.find(four)
    assert finding is not None
    assert finding.title == "L1 sets weights to exactly zero under every loss"
    for row, fit in zip(finding.evidence["fits"], four, strict=True):
        assert row["weights"] == 30
        for place in row["at_multiples_of_recommended"]:
            k = int(np.flatnonzero(fit.alphas == place["alpha"])[0])
            assert place["nonzero"] == (fit.coef[k] != 0).sum()
            assert place["alpha"] == pytest.approx(
                place["factor"] * choose(fit).recommended.alpha, rel=0.8
            )


def test_l1_that_zeroes_nothing_is_not_said_to(four: list[SweepFit]) -> None:
    weak = [
        replace(fit, nonzero=np.full_like(fit.nonzero, 30)) if fit.loss == "squared" else fit
        for fit in four
    ]
    finding = side_by_side.find(weak)
    assert finding is not None
    assert "zero" not in finding.title


def test_half_of_the_gain_is_lost_at_half_alpha(breast: SweepFit, fitted: Any) -> None:
    """Found again by solving for it, fit by fit."""
    from sklearn.datasets import load_breast_cancer

    half = side_by_side.half_alpha(breast)
    assert half is not None
    least, base = breast.data_loss.min(), breast.base_rate_loss

    def excess(log_alpha: float) -> float:
        fit = fitted(*load_breast_cancer(return_X_y=True), alphas=[10.0**log_alpha], folds=2)
        return float((fit.data_loss[0] - least) / (base - least) - 0.5)

    exact = 10.0 ** optimize.brentq(excess, -1, 2, xtol=1e-3)
    assert half == pytest.approx(exact, rel=0.15)  # linear between decades


def test_half_alpha_beyond_the_grid_is_unknown(healthy: SweepFit) -> None:
    low = replace(healthy, base_rate_loss=100.0)
    assert side_by_side.half_alpha(low) is None
