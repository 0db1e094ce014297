"""Small real sweeps that the findings are tested on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from counterpoint.fit.folds import cross_validation, held_out_fraction, hold_out
from counterpoint.fit.linear import fit_linear, make_problem
from counterpoint.fit.result import SweepFit
from counterpoint.objective import penalty_named

DECADES = tuple(10.0**k for k in range(-8, 4))

Fitter = Callable[..., SweepFit]


def fit_sweep(
    x: Any,
    y: Any,
    *,
    loss: str = "log",
    penalty: str = "l2",
    alphas: Any = DECADES,
    folds: int = 5,
    held_out: float | None = None,
    scale: str = "standard",
) -> SweepFit:
    x, alphas = np.asarray(x, dtype=float), np.asarray(alphas, dtype=float)
    classes, label = np.unique(y, return_inverse=True)
    weight = np.ones(len(label))
    if held_out is None:
        split = cross_validation(label, weight, folds, 0, classes)
    else:
        split = hold_out(label, weight, held_out_fraction(label, weight, held_out, 0), classes)
    names = tuple(f"x{j}" for j in range(x.shape[1]))
    problem = make_problem(x, label, classes, names, weight, split, scale, 0, ())
    return fit_linear(problem, loss, penalty_named(penalty), alphas, 1e-6)


@pytest.fixture(scope="session")
def fitted() -> Fitter:
    return fit_sweep


@pytest.fixture(scope="session")
def breast() -> SweepFit:
    """Two classes, separable in training: the log loss explodes where accuracy stands still."""
    return fit_sweep(*load_breast_cancer(return_X_y=True), alphas=np.logspace(-10, 3, 14))


@pytest.fixture(scope="session")
def breast_l1() -> SweepFit:
    data = load_breast_cancer(return_X_y=True)
    return fit_sweep(*data, penalty="l1", alphas=np.logspace(-5, 1, 13))


@pytest.fixture(scope="session")
def breast_squared() -> SweepFit:
    data = load_breast_cancer(return_X_y=True)
    return fit_sweep(*data, loss="squared", alphas=np.logspace(-10, 3, 14))


@pytest.fixture(scope="session")
def breast_hinge() -> SweepFit:
    data = load_breast_cancer(return_X_y=True)
    return fit_sweep(*data, loss="squared_hinge", alphas=np.logspace(-8, 2, 11))


@pytest.fixture(scope="session")
def breast_squared_l1() -> SweepFit:
    data = load_breast_cancer(return_X_y=True)
    return fit_sweep(*data, loss="squared", penalty="l1", alphas=np.logspace(-5, 1, 13))


@pytest.fixture(scope="session")
def digits() -> SweepFit:
    """Ten classes, 600 rows: all three kinds of flip occur."""
    x, y = load_digits(return_X_y=True)
    return fit_sweep(x[:600], y[:600], alphas=np.logspace(-8, 2, 11))


@pytest.fixture(scope="session")
def healthy() -> SweepFit:
    """Overlapping classes, distinct columns, and a grid around the best strength."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 12))
    y = x @ np.linspace(1.0, -1.0, 12) + 2.5 * rng.normal(size=400) > 0
    return fit_sweep(x, y, alphas=np.logspace(-2.5, -0.5, 9))


@pytest.fixture(scope="session")
def noise() -> SweepFit:
    """Labels that have nothing to do with the columns."""
    rng = np.random.default_rng(0)
    return fit_sweep(rng.normal(size=(400, 3)), rng.integers(0, 2, 400))
