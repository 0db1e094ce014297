"""Small sweeps of every kind that a report must show."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from counterpoint.findings import Choice, Finding, choose, find_all
from counterpoint.fit.folds import cross_validation
from counterpoint.fit.linear import fit_linear, make_problem
from counterpoint.fit.result import SweepFit
from counterpoint.objective import penalty_named


@dataclass(frozen=True)
class Sample:
    """A sweep as a report takes it."""

    fit: SweepFit
    findings: tuple[Finding, ...]
    choice: Choice


def _fit(x, y, loss, penalty, alphas) -> SweepFit:
    classes, label_index = np.unique(y, return_inverse=True)
    weight = np.ones(len(y))
    folds = cross_validation(label_index, weight, 3, 0, classes)
    names = tuple(f"x{i}" for i in range(x.shape[1]))
    problem = make_problem(
        x, label_index, classes, names, weight, folds, "standard", 0, ("2 rows were dropped",)
    )
    return fit_linear(problem, loss, penalty_named(penalty), np.array(alphas), 1e-6)


@pytest.fixture(scope="session")
def fits() -> dict[str, SweepFit]:
    x, y = load_breast_cancer(return_X_y=True)
    x, y = x[:200, :12], np.where(y[:200] == 1, "benign", "malignant")
    digits, digit = load_digits(return_X_y=True)
    grid = np.logspace(-6, 2, 9)
    return {
        "binary": _fit(x, y, "log", "l2", grid),
        "ten classes": _fit(digits[:300], digit[:300], "log", "l2", grid),
        "one alpha": _fit(x, y, "log", "l2", [0.01]),
        "two alphas": _fit(x, y, "log", "l2", [0.01, 0.02]),
        "l1": _fit(x, y, "log", "l1", grid),
        "calibrated": _fit(x, y, "squared", "l2", grid),
        "calibrated l1": _fit(x, y, "squared", "l1", grid),
    }


@pytest.fixture(scope="session")
def infinite(fits) -> SweepFit:
    """A sweep whose weakest model gives a held-out row no chance at all."""
    fit = fits["binary"]
    weakest = (pl.col("alpha") == fit.alphas[0]) & (pl.col("quantity") == "log_loss")
    scores = fit.scores.with_columns(
        value=pl.when(weakest).then(float("inf")).otherwise("value"),
        low=pl.when(weakest).then(None).otherwise("low"),
        high=pl.when(weakest).then(None).otherwise("high"),
    )
    log_loss = fit.held_out.log_loss.copy()
    log_loss[0, 0] = np.inf
    return replace(fit, scores=scores, held_out=replace(fit.held_out, log_loss=log_loss))


@pytest.fixture(scope="session")
def samples(fits, infinite) -> dict[str, Sample]:
    return {
        name: Sample(fit, find_all(fit), choose(fit))
        for name, fit in {**fits, "infinite": infinite}.items()
    }


KINDS = (
    "binary",
    "ten classes",
    "one alpha",
    "two alphas",
    "l1",
    "calibrated",
    "infinite",
)


@pytest.fixture(params=KINDS)
def sample(request, samples) -> Sample:
    return samples[request.param]
