"""adelie: lambda = alpha for two classes; its softmax loss is divided by the number of classes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from contestants.base import Contestant, Fit, column_major, one_by_one, two_classes_only
from problem import Problem


def _solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    import adelie as ad

    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    several = problem.outputs > 1
    for fold, rows, label in one_by_one(x, problem):
        if several:
            glm = ad.glm.multinomial(np.eye(problem.outputs)[label], dtype=np.float64)
        else:
            glm = ad.glm.binomial(label.astype(np.float64), dtype=np.float64)
        form = ad.matrix.sparse if problem.is_sparse else ad.matrix.dense
        state = ad.grpnet(
            form(rows, method="naive", n_threads=threads),
            glm,
            alpha=problem.l1_ratio,
            penalty=np.ones(rows.shape[1]),
            lmda_path=problem.alphas / problem.outputs,
            tol=tolerance,
            irls_tol=tolerance,
            n_threads=threads,
            early_exit=False,
            progress_bar=False,
        )
        for a in range(len(state.lmdas)):
            # Weights run over classes first.
            coef = state.betas[a].toarray().reshape(-1, problem.outputs).T
            yield Fit(a, fold, coef, np.atleast_1d(state.intercepts[a]))


def _refuses(facts: dict[str, Any]) -> str | None:
    if facts["classes"] > 2 and facts["loss"] == "log":
        return "its softmax path groups a column's weights" if facts["l1_ratio"] else None
    return two_classes_only(facts)


CONTESTANTS = (
    Contestant(
        name="adelie",
        label="adelie",
        environment="adelie",
        packages=("adelie", "numpy"),
        ladder=(1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-13),
        refuses=_refuses,
        prepare=column_major,
        solve=_solve,
    ),
)
