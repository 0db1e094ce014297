"""Snap ML: sum of log losses + regularizer |w|_1, or regularizer/2 |w|^2; regularizer = n alpha.

It penalises the intercept and, under L1, keeps it to itself; so a high column stands for it here.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from contestants.base import (
    Contestant,
    Fit,
    column_major,
    one_by_one,
    row_major,
    two_classes_only,
    with_column,
)
from problem import Problem

#: Height of the intercept's column by l1_ratio: as high as still converges under L2.
HEIGHTS = {0.0: 100.0, 1.0: 10_000.0}


def _prepare(problem: Problem) -> Any:
    # Its coordinates run over columns for L1 and, in the dual, over rows for L2.
    x = column_major(problem) if problem.l1_ratio else row_major(problem)
    return with_column(x, HEIGHTS[problem.l1_ratio]).astype(np.float32)


def _solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    from snapml import LogisticRegression

    warnings.simplefilter("ignore")
    for fold, rows, label in one_by_one(x, problem):
        for a, alpha in enumerate(problem.alphas):
            model = LogisticRegression(
                regularizer=len(label) * alpha,
                penalty="l1" if problem.l1_ratio else "l2",
                dual=not problem.l1_ratio,
                fit_intercept=False,
                n_jobs=int(os.environ.get("OMP_NUM_THREADS", "1")),
                tol=tolerance,
                max_iter=100_000,
                random_state=0,
            )
            model.fit(rows, label.astype(np.float64))
            w = np.ravel(model.coef_)
            yield Fit(a, fold, w[None, :-1], HEIGHTS[problem.l1_ratio] * w[-1:])


def _refuses(facts: dict[str, Any]) -> str | None:
    if facts["l1_ratio"] not in HEIGHTS:
        return "has no elastic net"
    return two_classes_only(facts)


CONTESTANTS = (
    Contestant(
        name="snapml",
        label="Snap ML",
        environment="snapml",
        packages=("snapml", "numpy", "scikit-learn"),
        ladder=(1e-3, 1e-4, 1e-5, 1e-6),
        refuses=_refuses,
        prepare=_prepare,
        solve=_solve,
        note="float32; a high column stands for the intercept; no warm starts",
    ),
)
