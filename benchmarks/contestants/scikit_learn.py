"""scikit-learn's LogisticRegression: C = 1 / (n alpha), mean loss times n C plus the penalty."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from contestants.base import Contestant, Fit, one_by_one, row_major
from problem import Problem

#: Far more than any solver here is given time for.
ITERATIONS = 1_000_000


def loop(
    make: Callable[[], Any], x: Any, problem: Problem, settings: dict[str, Any]
) -> Iterator[Fit]:
    """Fold by fold, from the strongest alpha to the weakest, each started from the last."""
    warnings.simplefilter("ignore")  # stopping early is what the judge is there to see
    for fold, rows, label in one_by_one(x, problem):
        model = make().set_params(**settings)
        for a, alpha in enumerate(problem.alphas):
            model.set_params(C=1.0 / (len(label) * alpha)).fit(rows, label)
            yield Fit(a, fold, np.array(model.coef_), np.array(model.intercept_))


def settings_of(problem: Problem, solver: str, tolerance: float) -> dict[str, Any]:
    settings = {"solver": solver, "tol": tolerance, "max_iter": ITERATIONS}
    if problem.l1_ratio:
        settings["l1_ratio"] = problem.l1_ratio
    return settings | {"warm_start": solver != "newton-cholesky"}


def _make() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression()


def _solve_with(solver: str) -> Callable[[Any, Problem, float], Iterator[Fit]]:
    def solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
        return loop(_make, x, problem, settings_of(problem, solver, tolerance))

    return solve


def log_loss_only(facts: dict[str, Any]) -> str | None:
    return None if facts["loss"] == "log" else "LogisticRegression has no squared loss"


def smooth_only(facts: dict[str, Any]) -> str | None:
    if facts["l1_ratio"]:
        return "has no L1 part"
    return log_loss_only(facts)


def _newton_cholesky(facts: dict[str, Any]) -> str | None:
    weights = (facts["columns"] + 1) * (facts["classes"] if facts["classes"] > 2 else 1)
    if smooth_only(facts) is None and weights > 3000:
        return f"forms a Hessian of {weights:,} x {weights:,}"
    return smooth_only(facts)


def _saga(facts: dict[str, Any]) -> str | None:
    return log_loss_only(facts) if facts["l1_ratio"] else "lbfgs stands for scikit-learn with L2"


_PACKAGES = ("scikit-learn", "numpy", "scipy")

CONTESTANTS = (
    Contestant(
        name="scikit-learn",
        label="scikit-learn lbfgs",
        environment=None,
        packages=_PACKAGES,
        ladder=(1e-4, 1e-5, 1e-6, 1e-7, 1e-8),
        refuses=smooth_only,
        prepare=row_major,
        solve=_solve_with("lbfgs"),
    ),
    Contestant(
        name="scikit-learn-newton",
        label="scikit-learn newton-cholesky",
        environment=None,
        packages=_PACKAGES,
        ladder=(1e-4, 1e-6, 1e-8),
        refuses=_newton_cholesky,
        prepare=row_major,
        solve=_solve_with("newton-cholesky"),
    ),
    Contestant(
        name="scikit-learn-saga",
        label="scikit-learn saga",
        environment=None,
        packages=_PACKAGES,
        ladder=(1e-4, 1e-5, 1e-6, 1e-7),
        refuses=_saga,
        prepare=row_major,
        solve=_solve_with("saga"),
    ),
)
