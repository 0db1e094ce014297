"""What a contestant is, and what most of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from problem import Problem


@dataclass(frozen=True)
class Fit:
    """Weights of one alpha and fold: coef (outputs, features), intercept (outputs,).

    Attributes
    ----------
    floor
        A proven lower bound of the least objective there, where the contestant has one.
    """

    alpha: int
    fold: int
    coef: np.ndarray
    intercept: np.ndarray
    floor: float = np.nan


def nothing_more(prepared: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Contestant:
    """How one solver is asked for all alphas and folds of a problem.

    Attributes
    ----------
    environment
        Name in environments.toml, or None for the interpreter that runs the benchmark.
    packages
        Distributions whose versions are recorded.
    ladder
        Tolerances to try, loosest first, in the solver's own measure.
    refuses
        Why it can't solve a problem with these facts (`Problem.facts`), or None.
    prepare
        Not timed: brings the data into the form that the solver likes best.
    solve
        Timed: yields each fit as it is found.
    facts
        Not timed: what else to record.
    best_alpha_only
        It gives the weights of one alpha of its own choice, and is judged on these.
    note
        What a reader should know of how it is used.
    """

    name: str
    label: str
    environment: str | None
    packages: tuple[str, ...]
    ladder: tuple[float, ...]
    refuses: Callable[[dict[str, Any]], str | None]
    prepare: Callable[[Problem], Any]
    solve: Callable[[Any, Problem, float], Iterator[Fit]]
    facts: Callable[[Any], dict[str, Any]] = field(default=nothing_more)
    best_alpha_only: bool = False
    note: str = ""


def one_by_one(x: Any, problem: Problem) -> Iterator[tuple[int, Any, np.ndarray]]:
    """Each fold with its training rows of x and their labels."""
    for fold, train in enumerate(problem.train):
        whole = bool(train.all())
        yield fold, x if whole else x[train], problem.label if whole else problem.label[train]


def row_major(problem: Problem) -> Any:
    """x in float64, by rows."""
    if problem.is_sparse:
        return problem.x.astype(np.float64)
    return np.ascontiguousarray(problem.x, dtype=np.float64)


def column_major(problem: Problem) -> Any:
    """x in float64, by columns."""
    if problem.is_sparse:
        return sparse.csc_matrix(problem.x, dtype=np.float64)
    return np.asfortranarray(problem.x, dtype=np.float64)


def with_column(x: Any, height: float) -> Any:
    """x and, after its columns, a constant one: an intercept for a solver that has none.

    Its weight b/height is penalised, by so little at a great height that it counts for nothing.
    """
    column = np.full((x.shape[0], 1), height)
    if sparse.issparse(x):
        return sparse.hstack([x, sparse.csc_matrix(column)], format=x.format)
    return np.asarray(np.hstack([x, column]), order="F" if x.flags.f_contiguous else "C")


def two_classes_only(facts: dict[str, Any]) -> str | None:
    if facts["loss"] != "log":
        return "has no squared-loss classifier"
    if facts["classes"] > 2:
        return "fits one class against the rest, not softmax"
    return None
