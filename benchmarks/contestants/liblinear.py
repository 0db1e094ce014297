"""liblinear, its own package: |w|_1 or |w|^2/2 plus C times the sum of losses; C = 1/(n alpha).

``-B 1 -R`` gives an intercept that is not penalised, which scikit-learn's wrapper doesn't offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from contestants.base import Contestant, Fit, one_by_one, row_major, two_classes_only
from problem import Problem

#: Solver of each l1_ratio: primal L2 (trust-region Newton), L1 (coordinate descent).
SOLVERS = {0.0: 0, 1.0: 6}


def _prepare(problem: Problem) -> sparse.csr_matrix:
    return sparse.csr_matrix(row_major(problem))


def _solve(x: sparse.csr_matrix, problem: Problem, tolerance: float) -> Iterator[Fit]:
    from liblinear.liblinear import problem as liblinear_problem
    from liblinear.liblinearutil import train

    for fold, rows, label in one_by_one(x, problem):
        signs = np.where(label == 1, 1.0, -1.0)
        data = liblinear_problem(signs, rows, bias=1)
        for a, alpha in enumerate(problem.alphas):
            settings = f"-s {SOLVERS[problem.l1_ratio]} -c {1 / (len(label) * alpha):.17g}"
            model = train(data, f"{settings} -e {tolerance:g} -B 1 -R -q")
            w, b = model.get_decfun()
            yield Fit(a, fold, np.array([w]), np.array([b]))


def _refuses(facts: dict[str, Any]) -> str | None:
    if facts["l1_ratio"] not in SOLVERS:
        return "has no elastic net"
    return two_classes_only(facts)


CONTESTANTS = (
    Contestant(
        name="liblinear",
        label="liblinear",
        environment="liblinear",
        packages=("liblinear-official", "numpy"),
        ladder=(1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7),
        refuses=_refuses,
        prepare=_prepare,
        solve=_solve,
        note="with -B 1 -R, an intercept that is not penalised; single-threaded, no warm starts",
    ),
)
