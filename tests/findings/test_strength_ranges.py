"""Where the penalty is too weak to matter, where it is too strong, and what a tolerance hides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from counterpoint.findings import (
    collapse,
    grid_edge,
    separable,
    solver_tolerance,
    unsettled,
    weak_penalty,
)
from counterpoint.findings.collapse import lost_share
from counterpoint.fit.result import SweepFit


def standardised(x: Any) -> Any:
    spread = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


@pytest.fixture(scope="module")
def overlap(fitted: Any) -> SweepFit:
    """Two classes that overlap: without a penalty the weights stay finite."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(800, 3))
    y = rng.random(800) < 1 / (1 + np.exp(-(1.5 * x[:, 0] - x[:, 1])))
    fit: SweepFit = fitted(x, y)
    return fit


def test_weak_penalty_on_classes_that_overlap(overlap: SweepFit) -> None:
    finding = weak_penalty.find(overlap)
    assert finding is not None
    last = int(np.flatnonzero(overlap.alphas == finding.evidence["alpha_high"])[0])
    cost = overlap.alphas / 2 * overlap.weight_norm**2
    share = cost / (overlap.data_loss + cost)
    assert (share[: last + 1] < 0.01).all()
    assert finding.evidence["greatest_share"] == pytest.approx(share[: last + 1].max())
    assert share[last + 1] >= 0.01 or lost_share(overlap)[last + 1] >= 0.01
    assert "one model" in finding.explanation
    # One model indeed: scikit-learn without any penalty finds its weights.
    assert overlap.weight_norm[0] == pytest.approx(overlap.weight_norm[2], rel=1e-3)


def test_weak_penalty_that_still_moves_weights(breast_squared: SweepFit) -> None:
    finding = weak_penalty.find(breast_squared)
    assert finding is not None
    weakest, strongest = finding.evidence["weight_norm_at_ends"]
    assert weakest > 1.5 * strongest
    assert "one model" not in finding.explanation
    assert "single weights" in finding.remedy


def test_no_penalty_is_weak_on_separable_classes(digits: SweepFit) -> None:
    assert digits.train_margin[0] > 0
    assert weak_penalty.find(digits) is None


def test_a_vanishing_penalty_at_the_strong_end_is_not_weak(noise: SweepFit) -> None:
    assert weak_penalty.penalty_share(noise)[-1] < 0.01
    assert not weak_penalty.is_weak(noise)[-1]


def test_collapse_by_hand(breast: SweepFit) -> None:
    finding = collapse.find(breast)
    assert finding is not None
    share = np.bincount(load_breast_cancer().target) / 569
    base = -(share * np.log(share)).sum()
    least = breast.data_loss.min()
    lost = (breast.data_loss - least) / (base - least)
    begun = int(np.argmax(lost >= 0.5))
    complete = int(np.argmax(lost >= 0.95))
    e = finding.evidence
    assert e["base_rate_loss"] == pytest.approx(base)
    assert (e["alpha_half"], e["alpha_95"]) == (breast.alphas[begun], breast.alphas[complete])
    assert e["accuracy_half"] == pytest.approx(breast.held_out.correct[begun].mean())
    assert e["majority_share"] == pytest.approx(share.max())
    assert e["alpha_all_zero"] is None


def test_the_fall_begins_at_half_and_is_complete_at_95_per_cent(breast: SweepFit) -> None:
    lost = np.array([0.0] * 8 + [0.2, 0.49, 0.51, 0.94, 0.96, 1.0])
    finding = collapse.find(replace(breast, data_loss=lost * breast.base_rate_loss))
    assert finding is not None
    assert finding.evidence["alpha_half"] == breast.alphas[10]
    assert finding.evidence["alpha_95"] == breast.alphas[12]
    assert finding.evidence["lost_share"] == pytest.approx(lost)


def test_collapse_under_l1_names_the_alpha_of_all_zeros(breast_l1: SweepFit) -> None:
    finding = collapse.find(breast_l1)
    assert finding is not None
    alpha = finding.evidence["alpha_all_zero"]
    x, y = load_breast_cancer(return_X_y=True)
    # All weights are zero from the greatest slope of the base rates' loss on.
    slope = np.abs(standardised(x).T @ (y.mean() - y)).max() / len(y)
    assert breast_l1.alphas[breast_l1.alphas >= slope][0] == alpha


def test_no_collapse_on_a_grid_that_stays_below(breast: SweepFit, fitted: Any) -> None:
    fit = fitted(*load_breast_cancer(return_X_y=True), alphas=np.logspace(-6, -1, 6))
    assert collapse.find(fit) is None


def test_a_grid_collapsed_as_a_whole_blames_the_penalty(fitted: Any) -> None:
    fit = fitted(*load_breast_cancer(return_X_y=True), alphas=np.logspace(4, 7, 4))
    finding = collapse.find(fit)
    assert finding is not None
    assert finding.evidence["held_by_penalty"] is True
    assert grid_edge.find(fit) is None  # said once


def test_useless_features_are_blamed_where_the_penalty_is_weak(noise: SweepFit) -> None:
    finding = collapse.find(noise)
    assert finding is not None
    assert finding.evidence["held_by_penalty"] is False


def test_separable_is_proven_by_the_fit_itself(breast: SweepFit) -> None:
    finding = separable.find(breast)
    assert finding is not None
    x, y = load_breast_cancer(return_X_y=True)
    for alpha, margin in zip(finding.evidence["alphas"], finding.evidence["margin"], strict=True):
        k = int(np.flatnonzero(breast.alphas == alpha)[0])
        z = x @ breast.coef[k, 0] + breast.intercept[k, 0]
        assert ((z > 0) == (y == 1)).all()
        assert np.abs(z).min() == pytest.approx(margin, rel=1e-3)


def test_weights_grow_by_a_constant_a_decade(digits: SweepFit) -> None:
    finding = separable.find(digits)
    assert finding is not None
    steps = -np.diff(digits.weight_norm[:4])  # one decade each
    assert finding.evidence["norm_growth_per_decade"] == pytest.approx(steps[:2].mean())
    assert steps[2] == pytest.approx(steps[0], rel=0.15)


def test_overlapping_classes_are_not_called_separable(overlap: SweepFit) -> None:
    assert separable.find(overlap) is None


def test_a_solver_accepts_the_optimum_of_the_stronger_alpha(breast: SweepFit) -> None:
    """The gradient, written out, and scikit-learn itself, started there."""
    finding = solver_tolerance.find(breast)
    assert finding is not None
    x, y = load_breast_cancer(return_X_y=True)
    z, weakest = standardised(x), float(breast.alphas[0])
    for row in finding.evidence["tolerances"]:
        k = int(np.flatnonzero(breast.alphas == row["alpha"])[0])
        w = breast.coef[k, 0] * x.std(axis=0)
        b = breast.intercept[k, 0] + breast.coef[k, 0] @ x.mean(axis=0)
        residual = expit(z @ w + b) - y
        gradient = np.append(z.T @ residual / len(y) + weakest * w, residual.mean())
        assert np.abs(gradient).max() == pytest.approx(row["greatest_gradient"], rel=0.05, abs=1e-8)
        assert np.abs(gradient).max() <= 1.05 * row["tolerance"]
        if k + 1 < len(breast.alphas):
            beyond = (breast.alphas[k + 1] - weakest) * breast.greatest_weight[k + 1]
            assert beyond > row["tolerance"]
        model = LogisticRegression(C=1 / (weakest * len(y)), tol=1.06 * row["tolerance"])
        model.set_params(warm_start=True)
        model.coef_, model.intercept_ = w[None].copy(), np.array([b])
        model.fit(z, y)
        assert model.n_iter_[0] == 0
        np.testing.assert_array_equal(model.coef_[0], w)
        assert row["log_loss_at_alpha"] == pytest.approx(breast.held_out.log_loss[k].mean())


def test_the_gradient_bound_for_ten_classes(digits: SweepFit) -> None:
    finding = solver_tolerance.find(digits)
    assert finding is not None
    from sklearn.datasets import load_digits

    x, y = (part[:600] for part in load_digits(return_X_y=True))
    row = finding.evidence["tolerances"][0]
    k = int(np.flatnonzero(digits.alphas == row["alpha"])[0])
    raw = x @ digits.coef[k].T + digits.intercept[k]
    residual = softmax(raw, axis=1) - np.eye(10)[y]
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    w = digits.coef[k] * spread
    gradient = residual.T @ standardised(x) / len(y) + digits.alphas[0] * w
    assert np.abs(gradient).max() == pytest.approx(row["greatest_gradient"], rel=0.05)


def test_a_settled_grid_has_no_hidden_penalty(healthy: SweepFit, breast_squared: SweepFit) -> None:
    assert solver_tolerance.find(healthy) is None
    assert solver_tolerance.find(breast_squared) is None  # the scores don't move there


def test_certified_fits_raise_no_alarm(breast: SweepFit) -> None:
    assert unsettled.find(breast) is None


@pytest.mark.parametrize("where", ["fit", "fold"])
def test_an_uncertified_fit_is_a_problem(breast: SweepFit, where: str) -> None:
    gap, folds = breast.gap.copy(), breast.fold_relative_gap.copy()
    if where == "fit":
        gap[[1, 4]] = [0.02, 0.001] * breast.objective[[1, 4]]
    else:
        folds[[1, 4], 2] = [0.02, 0.001]
    finding = unsettled.find(replace(breast, gap=gap, fold_relative_gap=folds))
    assert finding is not None
    assert finding.level == "problem"
    assert finding.evidence["alphas"] == [breast.alphas[1], breast.alphas[4]]
    assert finding.evidence["relative_gap"] == pytest.approx([0.02, 0.001])
    assert "1e-9" in finding.explanation


def test_the_bound_on_the_weights_holds(fitted: Any) -> None:
    """A fit stopped early stays within the bound of the fit that was not."""
    x, y = load_breast_cancer(return_X_y=True)
    alpha, z = 0.01, standardised(x)
    fit = fitted(x, y, alphas=[alpha])
    with pytest.warns(ConvergenceWarning):
        early = LogisticRegression(C=1 / (alpha * len(y)), max_iter=4).fit(z, y)
    w = early.coef_[0]
    margin = np.where(y == 1, 1.0, -1.0) * (z @ w + early.intercept_[0])
    objective = np.logaddexp(0, -margin).mean() + alpha / 2 * w @ w
    stopped = replace(
        fit, gap=np.array([objective - fit.objective[0]]), weight_norm=np.array([np.linalg.norm(w)])
    )
    distance = np.linalg.norm(w - fit.coef[0, 0] * x.std(axis=0)) / np.linalg.norm(w)
    bound = unsettled.weight_error(stopped)[0]
    assert 0.01 < distance <= bound < 100 * distance
