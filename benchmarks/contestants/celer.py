"""celer: sum of log losses + a |w|_1, so a = n alpha. It has no intercept: a high column serves."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from contestants.base import (
    Contestant,
    Fit,
    column_major,
    one_by_one,
    two_classes_only,
    with_column,
)
from problem import Problem

#: Height of the intercept's column: its weight is penalised a ten-thousandth as much.
HEIGHT = 10_000.0


def _prepare(problem: Problem) -> Any:
    return with_column(column_major(problem), HEIGHT)


def _solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    from celer.homotopy import celer_path

    warnings.simplefilter("ignore")
    for fold, rows, label in one_by_one(x, problem):
        rows = rows if problem.is_sparse else np.asfortranarray(rows)
        signs = np.where(label == 1, 1.0, -1.0)
        w = None
        for a, alpha in enumerate(problem.alphas):
            w = celer_path(
                rows,
                signs,
                "logreg",
                alphas=np.array([len(label) * alpha]),
                coef_init=w,
                max_iter=1000,
                tol=tolerance,
                use_PN=True,
            )[1][:, 0]
            yield Fit(a, fold, w[None, :-1], HEIGHT * w[-1:])


def _refuses(facts: dict[str, Any]) -> str | None:
    return two_classes_only(facts) if facts["l1_ratio"] == 1 else "fits L1 alone"


CONTESTANTS = (
    Contestant(
        name="celer",
        label="celer",
        environment="celer",
        packages=("celer", "numpy", "scikit-learn"),
        ladder=(1e-4, 1e-5, 1e-6, 1e-7, 1e-8),
        refuses=_refuses,
        prepare=_prepare,
        solve=_solve,
        note=f"has no intercept: a column of {HEIGHT:g} stands for it",
    ),
)
