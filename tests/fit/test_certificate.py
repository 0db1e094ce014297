"""The pieces of the certificate: intercepts at rest, balanced residuals, a bound that holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from counterpoint.fit.certificate import balance, best_intercept, certify
from counterpoint.fit.linear import fit_linear
from counterpoint.fit.rowwise import Rowwise
from counterpoint.objective import LOSSES, loss_named, penalty_named
from reference import as_problem, make_data

CASES = [(name, n_classes) for name in LOSSES for n_classes in (2, 4)]


def scores_and_targets(name, n_classes, seed, size=1.5):
    rng = np.random.default_rng(seed)
    loss = loss_named(name, n_classes)
    labels = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, 40)])
    target = loss.encode(labels, n_classes)
    z = size * rng.normal(size=(3, *target.shape))
    weight = rng.uniform(0.5, 2, size=(3, 1, len(labels)))
    return loss, z, target, weight / weight.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(("name", "n_classes"), CASES)
@given(seed=st.integers(0, 10**6))
def test_best_intercept_leaves_no_slope(name, n_classes, seed):
    loss, z, target, weight = scores_and_targets(name, n_classes, seed)
    shift = best_intercept(Rowwise(loss, z, target[None], weight[:, 0], np.arange(3)))
    residual = loss.gradient(z + shift[..., None], target) * weight
    assert np.abs(residual.sum(axis=-1)).max() <= 1e-10


@pytest.mark.parametrize(("name", "n_classes"), CASES)
@given(seed=st.integers(0, 10**6))
def test_balanced_residuals_sum_to_zero(name, n_classes, seed):
    """From scores whose intercepts are nowhere near their optimum."""
    loss, z, target, weight = scores_and_targets(name, n_classes, seed)
    everything = slice(None)
    rows = Rowwise(loss, z + 0.7, target[None], weight[:, 0], np.arange(3))
    balanced = balance(rows)
    scale = balanced.factors(everything, rows.residual(everything))
    assert (scale >= 0).all()
    assert (scale <= 1 + 1e-12).all()
    assert np.abs(balanced.residual(everything).sum(axis=-1)).max() <= 1e-10


@pytest.mark.parametrize("penalty_name", ["l2", "l1", "elasticnet"])
@pytest.mark.parametrize(("name", "n_classes"), CASES)
def test_the_gap_bounds_the_distance_at_arbitrary_weights(name, n_classes, penalty_name):
    data = make_data(60, 4, n_classes, seed=5)
    problem = as_problem(data, 2)
    penalty = penalty_named(penalty_name)
    alpha = np.array([0.05])
    optimum = fit_linear(problem, name, penalty, alpha, tol=1e-10).objective[0]
    loss = loss_named(name, n_classes)
    targets = loss.encode(problem.label_index, n_classes)
    rng = np.random.default_rng(0)
    # Outputs that are apart are certified one by one: add them up.
    groups = [targets[None]] if loss.joint else [t[None, None] for t in targets]
    for size in (0.0, 0.01, 0.3, 3.0):
        total, gap = 0.0, 0.0
        for target in groups:
            v = size * rng.normal(size=(1, target.shape[1], problem.design.width))
            _, certificate = certify(problem.design, loss, penalty, target, alpha, np.array([0]), v)
            total += certificate.objective[0]
            gap += certificate.gap[0]
        assert total - optimum <= gap * (1 + 1e-9) + 1e-12


def test_the_l2_gap_is_the_gradient_bound():
    data = make_data(80, 4, 2, seed=2)
    problem = as_problem(data, 2)
    loss, penalty = loss_named("log", 2), penalty_named("l2")
    target = loss.encode(problem.label_index, 2)[None]
    v = np.full((1, 1, 5), 0.1)
    moved, certificate = certify(
        problem.design, loss, penalty, target, np.array([0.1]), np.array([0]), v
    )
    weight = problem.design.train_weight[0]
    z = problem.design.scores(moved, np.array([0]))
    residual = loss.gradient(z, target) * weight
    gradient = problem.design.adjoint(residual, np.array([0]))[..., :-1] + 0.1 * moved[..., :-1]
    assert certificate.gap[0] == pytest.approx((gradient**2).sum() / 0.2, rel=1e-9)

    def cost(flat):
        at = problem.design.scores(flat[None, None], np.array([0]))
        return float(weight @ loss.value(at[0], target[0]) + 0.05 * (flat[:-1] ** 2).sum())

    least = optimize.minimize(cost, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).fun
    assert certificate.objective[0] - least <= certificate.gap[0]
