"""skglm: mean log loss + alpha (l1_ratio |w|_1 + (1 - l1_ratio)/2 |w|^2), as ours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from contestants.base import Contestant, Fit, column_major, one_by_one, two_classes_only
from problem import Problem


def _solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    from skglm.datafits import Logistic
    from skglm.penalties import L1_plus_L2
    from skglm.solvers import ProxNewton

    warnings.simplefilter("ignore")
    solver = ProxNewton(tol=tolerance, max_iter=1000, fit_intercept=True)
    for fold, rows, label in one_by_one(x, problem):
        rows = rows if problem.is_sparse else np.asfortranarray(rows)
        signs = np.where(label == 1, 1.0, -1.0)
        w, scores = np.zeros(rows.shape[1] + 1), np.zeros(len(label))
        for a, alpha in enumerate(problem.alphas):
            penalty = L1_plus_L2(alpha, problem.l1_ratio)
            # The solver changes w and the scores in place: each alpha starts from the last.
            w = solver.solve(rows, signs, Logistic(), penalty, w, scores)[0]
            yield Fit(a, fold, w[None, :-1].copy(), w[-1:].copy())


def _refuses(facts: dict[str, Any]) -> str | None:
    if not facts["l1_ratio"]:
        return "its solvers are made for sparse weights"
    return two_classes_only(facts)


CONTESTANTS = (
    Contestant(
        name="skglm",
        label="skglm",
        environment="skglm",
        packages=("skglm", "numpy", "numba"),
        ladder=(1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 1e-7, 1e-8),
        refuses=_refuses,
        prepare=column_major,
        solve=_solve,
    ),
)
