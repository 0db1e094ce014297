"""scikit-learn-intelex: scikit-learn's LogisticRegression on Intel's kernels; C = 1 / (n alpha)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contestants.base import Contestant, Fit, row_major
from contestants.scikit_learn import loop, settings_of, smooth_only
from problem import Problem


def _make() -> Any:
    from sklearnex.linear_model import LogisticRegression

    return LogisticRegression()


def _solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    return loop(_make, x, problem, settings_of(problem, "lbfgs", tolerance))


def _refuses(facts: dict[str, Any]) -> str | None:
    if facts["l1_ratio"]:
        return "its kernels serve L2 alone; it would hand over to scikit-learn"
    return smooth_only(facts)


CONTESTANTS = (
    Contestant(
        name="scikit-learn-intelex",
        label="scikit-learn-intelex",
        environment="scikit-learn-intelex",
        packages=("scikit-learn-intelex", "scikit-learn", "numpy"),
        ladder=(1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 1e-7, 1e-8),
        refuses=_refuses,
        prepare=row_major,
        solve=_solve,
    ),
)
