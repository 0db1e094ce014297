"""Counterpoint: the path by the engine, or cross-validation by `counterpoint.sweep` whole.

What is used of the engine's insides: `ENGINE`, `PathTask`, `make_design` and `Design.original`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from contestants.base import Contestant, Fit, row_major
from problem import Problem

#: Name in `counterpoint.fit.linear` of what takes (task, watch) and gives the path.
ENGINE = "fit_path"
#: The certified relative distance that is asked for: what every contestant is held to.
TOLERANCE = 1e-6


class _Prepared:
    """The data, and seconds that the engine itself took."""

    def __init__(self, problem: Problem) -> None:
        self.x = row_major(problem)
        self.engine_seconds = 0.0


def _solve(prepared: _Prepared, problem: Problem, tolerance: float) -> Iterator[Fit]:
    cross_validated = len(problem.train) > 1
    task, path = (_swept if cross_validated else _fitted)(prepared, problem, tolerance)
    folds = len(problem.train)
    objective = _over_outputs(path.data_loss + path.penalty, folds)
    floor = objective - _over_outputs(path.gap, folds)
    v = path.v.reshape(len(problem.alphas), folds, -1, path.v.shape[-1])
    for fold in range(folds):
        of_fold = np.full(len(problem.alphas), fold)
        coef, intercept = task.design.original(v[:, fold], of_fold)
        for a in range(len(problem.alphas)):
            yield Fit(a, fold, coef[a], intercept[a], floor[a, fold])


def _over_outputs(values: np.ndarray, folds: int) -> np.ndarray:
    return values.reshape(len(values), folds, -1).sum(axis=2)


def _fitted(prepared: _Prepared, problem: Problem, tolerance: float) -> tuple[Any, Any]:
    """A path alone: the design is made and the engine run."""
    from counterpoint.fit.folds import Folds
    from counterpoint.fit.scaling import make_design
    from counterpoint.fit.task import PathTask
    from counterpoint.fit.threads import shared_threads
    from counterpoint.objective import Penalty, loss_named

    n = len(problem.label)
    weight = np.full((1, n), 1.0 / n)
    folds = Folds(weight, np.zeros((1, n), dtype=bool), "every row")
    loss = loss_named(problem.loss, problem.n_classes)
    targets = loss.encode(problem.label, problem.n_classes)
    penalty = Penalty(problem.l1_ratio)
    with shared_threads(), _engine() as calls:
        design = make_design(prepared.x, folds, standardise=False)
        task = PathTask(design, loss, penalty, targets, problem.alphas, tolerance)
        getattr(_linear(), ENGINE)(task, lambda path: None)
    prepared.engine_seconds = calls[0][2]
    return calls[0][:2]


def _swept(prepared: _Prepared, problem: Problem, tolerance: float) -> tuple[Any, Any]:
    """Cross-validation as a user has it, with scores and findings."""
    from counterpoint import sweep

    splits = [(np.flatnonzero(train), np.flatnonzero(~train)) for train in problem.train[1:]]
    with _engine() as calls:
        sweep(
            prepared.x,
            problem.label,
            problem.loss,
            "elasticnet",
            alphas=problem.alphas,
            l1_ratio=problem.l1_ratio,
            cv=splits,
            tol=tolerance,
        )
    prepared.engine_seconds = calls[0][2]
    return calls[0][:2]


def _linear() -> ModuleType:
    from counterpoint.fit import linear

    return linear


@contextmanager
def _engine() -> Iterator[list[tuple[Any, Any, float]]]:
    """The task, path and seconds of each call of the engine within."""
    linear, calls = _linear(), []
    engine = getattr(linear, ENGINE)

    def kept(task: Any, watch: Any) -> Any:
        start = time.perf_counter()
        path = engine(task, watch)
        calls.append((task, path, time.perf_counter() - start))
        return path

    setattr(linear, ENGINE, kept)
    try:
        yield calls
    finally:
        setattr(linear, ENGINE, engine)


CONTESTANTS = (
    Contestant(
        name="counterpoint",
        label="Counterpoint",
        environment=None,
        packages=("counterpoint", "numpy", "scipy", "numba"),
        ladder=(TOLERANCE,),
        refuses=lambda facts: None,
        prepare=_Prepared,
        solve=_solve,
        facts=lambda prepared: {"engine_seconds": prepared.engine_seconds},
        note="asked for a certified relative distance of 1e-6; with folds, the time is that of "
        "counterpoint.sweep whole: fits, certificates, held-out scores and findings",
    ),
)
