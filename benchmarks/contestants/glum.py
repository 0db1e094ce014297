"""glum: half the mean unit deviance, which is the mean log loss, + alpha times our penalty."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from contestants.base import Contestant, Fit, column_major, one_by_one, two_classes_only
from problem import Problem


def _solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    from glum import GeneralizedLinearRegressor

    warnings.simplefilter("ignore")
    for fold, rows, label in one_by_one(x, problem):
        model = GeneralizedLinearRegressor(
            family="binomial",
            l1_ratio=problem.l1_ratio,
            alpha=problem.alphas.tolist(),
            alpha_search=True,  # the path, each alpha started from the last
            gradient_tol=tolerance,
            max_iter=10_000,
        )
        model.fit(rows, label.astype(np.float64))
        for a in range(len(problem.alphas)):
            yield Fit(a, fold, model.coef_path_[a][None], model.intercept_path_[a : a + 1])


CONTESTANTS = (
    Contestant(
        name="glum",
        label="glum",
        environment="glum",
        packages=("glum", "numpy", "scikit-learn"),
        ladder=(1e-4, 1e-5, 1e-6, 1e-7, 1e-8),
        refuses=two_classes_only,
        prepare=column_major,
        solve=_solve,
    ),
)
