"""Fits against a slow neutral reference: certificates bound the true distance, and are met."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from counterpoint.fit.linear import fit_linear
from counterpoint.objective import LOSSES, PENALTIES, penalty_named
from reference import as_problem, least_objective, make_data, written_out_objective

ALPHAS = np.array([1e-4, 1e-2, 0.3])


@pytest.mark.parametrize("penalty_name", PENALTIES)
@pytest.mark.parametrize("loss_name", LOSSES)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_objective_parts_and_certificate(loss_name, penalty_name, n_classes, form):
    data = make_data(90, 5, n_classes, weighted=True, form=form)
    penalty = penalty_named(penalty_name)
    fit = fit_linear(as_problem(data), loss_name, penalty, ALPHAS, tol=1e-8)
    assert fit.converged.all()
    for i, alpha in enumerate(ALPHAS):
        written_out = written_out_objective(
            loss_name, penalty, alpha, data.X, data.y, data.weight, fit.coef[i], fit.intercept[i]
        )
        assert fit.objective[i] == pytest.approx(written_out, rel=1e-11)
        rho = penalty.l1_ratio
        omega = rho * np.abs(fit.coef[i]).sum() + (1 - rho) / 2 * (fit.coef[i] ** 2).sum()
        assert fit.penalty[i] == pytest.approx(alpha * omega, rel=1e-10)
        least = least_objective(loss_name, penalty, alpha, data.X, data.y, data.weight)
        # The certificate bounds the true distance, and the reference can't be below the bound.
        assert written_out - least <= fit.gap[i] + 1e-13
        assert fit.gap[i] <= 1e-8 * fit.objective[i]
        assert least <= written_out + 1e-7


# Shrinking fits again and again: the first failing problem says enough.
@pytest.mark.slow
@settings(max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(12, 60),
    d=st.integers(1, 40),
    n_classes=st.integers(2, 4),
    loss_name=st.sampled_from(sorted(LOSSES)),
    penalty_name=st.sampled_from(sorted(PENALTIES)),
    size=st.sampled_from([1e-8, 1.0, 1e8]),
    oddity=st.sampled_from(
        ["none", "constant", "duplicate", "zero weights", "separable", "sparse"]
    ),
    scale=st.sampled_from(["none", "standard"]),
)
def test_random_problems_end_certified_or_say_so(
    seed, n, d, n_classes, loss_name, penalty_name, size, oddity, scale
):
    data = make_data(n, d, n_classes, seed, form="sparse" if oddity == "sparse" else "dense")
    X = data.X * size
    if oddity == "constant":
        X[:, 0] = 7.0 * size
    if oddity == "duplicate" and d > 1:
        X[:, -1] = X[:, 0]
    if oddity == "separable":
        X[:, 0] = (data.y * 3.0 + 0.1 * X[:, 0] / size) * size
    if oddity == "zero weights":
        data.weight[2 * n_classes :: 3] = 0.0
    data = type(data)(X, data.y, data.weight)
    penalty = penalty_named(penalty_name, 0.3)
    # Weights have the inverse of the data's unit; so an L2 penalty needs alpha in its square and
    # an L1 penalty in its unit to mean the same. A mix has no such scale: it keeps the unit 1.
    if penalty_name == "elasticnet" and scale == "none":
        X, size = X / size, 1.0
        data = type(data)(X, data.y, data.weight)
    unit = 1.0 if scale == "standard" else size if penalty_name == "l1" else size**2
    alphas = np.array([1e-7, 1e-3, 10.0]) * unit
    fit = fit_linear(as_problem(data, 2, scale), loss_name, penalty, alphas, tol=1e-6)
    # Asked of all: a true objective, a bound that is one, and held-out rows judged once.
    assert np.isfinite(fit.coef).all()
    assert np.isfinite(fit.intercept).all()
    assert (fit.gap >= 0).all()
    assert fit.converged.all(), (fit.relative_gap, fit.fold_relative_gap)
    if scale == "none":
        for i, alpha in enumerate(alphas):
            written_out = written_out_objective(
                loss_name, penalty, alpha, X, data.y, data.weight, fit.coef[i], fit.intercept[i]
            )
            assert fit.objective[i] == pytest.approx(written_out, rel=1e-6, abs=1e-12)
    np.testing.assert_array_equal(fit.held_out.row, np.flatnonzero(data.weight))


@pytest.mark.parametrize("penalty_name", PENALTIES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_loose_fits_certificate_bounds_its_true_distance(penalty_name, n_classes):
    """Against the same fit at 1e-12: the loose gap is no smaller than the true distance."""
    data = make_data(120, 8, n_classes, seed=4)
    penalty = penalty_named(penalty_name)
    tight = fit_linear(as_problem(data), "log", penalty, ALPHAS, tol=1e-12)
    assert tight.converged.all()
    for tol in (1e-1, 1e-2, 1e-4):
        loose = fit_linear(as_problem(data), "log", penalty, ALPHAS, tol=tol)
        true_distance = loose.objective - tight.objective
        assert (true_distance <= loose.gap + 1e-13).all()
        assert (loose.relative_gap <= tol).all()
