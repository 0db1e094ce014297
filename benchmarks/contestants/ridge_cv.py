"""scikit-learn's RidgeClassifierCV: targets of -1 and 1, its alpha = n times ours.

It minimises sum of squares + a |w|^2, which is 2n times mean squares/2 + (a/n)/2 |w|^2. It keeps
the weights of the best alpha on every row and no others, so these are what is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from contestants.base import Contestant, Fit, row_major
from problem import Problem


def _fit(x: Any, problem: Problem, cv: Any) -> Iterator[Fit]:
    from sklearn.linear_model import RidgeClassifierCV

    model = RidgeClassifierCV(alphas=len(problem.label) * problem.alphas, cv=cv)
    model.fit(x, problem.label)
    best = int(np.argmin(np.abs(problem.alphas - model.alpha_ / len(problem.label))))
    yield Fit(best, 0, model.coef_, np.atleast_1d(model.intercept_))


def _folds(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    splits = [(np.flatnonzero(train), np.flatnonzero(~train)) for train in problem.train[1:]]
    return _fit(x, problem, splits)


def _leave_one_out(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    return _fit(x, problem, None)


def _refuses(facts: dict[str, Any]) -> str | None:
    if facts["loss"] != "squared" or facts["l1_ratio"]:
        return "fits the squared loss under L2 alone"
    return None if facts["folds"] else "needs folds"


_PACKAGES = ("scikit-learn", "numpy", "scipy")

CONTESTANTS = (
    Contestant(
        name="ridge-classifier-cv",
        label="RidgeClassifierCV, same folds",
        environment=None,
        packages=_PACKAGES,
        ladder=(0.0,),
        refuses=_refuses,
        prepare=row_major,
        solve=_folds,
        best_alpha_only=True,
        note="exact; gives the best alpha's weights on every row and no others",
    ),
    Contestant(
        name="ridge-classifier-gcv",
        label="RidgeClassifierCV, leave-one-out",
        environment=None,
        packages=_PACKAGES,
        ladder=(0.0,),
        refuses=_refuses,
        prepare=row_major,
        solve=_leave_one_out,
        best_alpha_only=True,
        note="exact; its default: leave-one-out in place of the folds, from one decomposition; "
        "gives the best alpha's weights on every row and no others",
    ),
)
