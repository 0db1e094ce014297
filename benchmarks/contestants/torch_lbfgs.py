"""PyTorch: full-batch L-BFGS with the strong Wolfe search on our objective, warm along alpha."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from contestants.base import Contestant, Fit, one_by_one
from contestants.scikit_learn import smooth_only
from problem import Problem


def _prepare_as(dtype: str) -> Callable[[Problem], Any]:
    def prepare(problem: Problem) -> Any:
        import torch

        x = problem.x.toarray() if problem.is_sparse else problem.x
        return torch.as_tensor(np.ascontiguousarray(x), dtype=getattr(torch, dtype))

    return prepare


def _solve(x: Any, problem: Problem, tolerance: float) -> Iterator[Fit]:
    import torch

    for fold, rows, label in one_by_one(x, problem):
        target = torch.as_tensor(label)
        # Two outputs of which the first stays zero are the logistic model.
        free = problem.outputs
        w = torch.zeros(free, rows.shape[1], dtype=x.dtype, requires_grad=True)
        b = torch.zeros(free, dtype=x.dtype, requires_grad=True)
        for a, alpha in enumerate(problem.alphas):
            _minimise(rows, target, w, b, float(alpha), tolerance)
            yield Fit(a, fold, w.detach().double().numpy(), b.detach().double().numpy())


def _minimise(x: Any, target: Any, w: Any, b: Any, alpha: float, tolerance: float) -> None:
    import torch

    optimiser = torch.optim.LBFGS(
        [w, b],
        max_iter=100_000,
        max_eval=1_000_000,
        tolerance_grad=tolerance,
        tolerance_change=1e-14,  # in effect: when the objective stands still
        history_size=20,
        line_search_fn="strong_wolfe",
    )

    def objective() -> Any:
        optimiser.zero_grad()
        z = x @ w.T + b
        if len(b) == 1:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], target.to(x.dtype))
        else:
            loss = torch.nn.functional.cross_entropy(z, target)
        value = loss + alpha / 2 * (w * w).sum()
        value.backward()
        return value

    optimiser.step(objective)


def _refuses(facts: dict[str, Any]) -> str | None:
    return "its matrices are dense" if facts["nonzeros"] is not None else smooth_only(facts)


CONTESTANTS = tuple(
    Contestant(
        name=name,
        label=label,
        environment=None,
        packages=("torch", "numpy"),
        ladder=ladder,
        refuses=_refuses,
        prepare=_prepare_as(dtype),
        solve=_solve,
    )
    for name, label, dtype, ladder in (
        ("torch-float32", "PyTorch L-BFGS, float32", "float32", (1e-4, 1e-5, 1e-6)),
        ("torch-float64", "PyTorch L-BFGS, float64", "float64", (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)),
    )
)
