"""The neutral judge: every contestant's objective by the same plain float64 formulas."""

from __future__ import annotations

import numpy as np

from problem import Problem

#: Raw scores held at once, 8 bytes each.
SCORES_AT_ONCE = 16_000_000


def objectives(problem: Problem, coef: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """Objective of each fit on its own training rows.

    Parameters
    ----------
    coef : array (alphas, folds, outputs, features)
    intercept : array (alphas, folds, outputs)
        NaN where a fit was not delivered.

    Returns
    -------
    array (alphas, folds), NaN where a fit was not delivered
    """
    result = np.full(problem.shape, np.nan)
    delivered = np.argwhere(np.isfinite(intercept).all(axis=-1))
    n = problem.x.shape[0]
    rows = min(n, 8192)
    at_once = max(1, SCORES_AT_ONCE // (rows * problem.outputs))
    for first in range(0, len(delivered), at_once):
        a, f = delivered[first : first + at_once].T
        w, b = np.asarray(coef[a, f], dtype=np.float64), intercept[a, f]
        total = np.zeros(len(a))
        for start in range(0, n, rows):
            block = slice(start, min(start + rows, n))
            x = problem.x[block].astype(np.float64)
            z = (x @ w.reshape(-1, w.shape[-1]).T).reshape(-1, *b.shape) + b
            per_row = row_losses(problem.loss, z, problem.label[block])
            total += np.where(problem.train[f, block], per_row.T, 0.0).sum(axis=1)
        result[a, f] = total / problem.train[f].sum(axis=1) + problem.alphas[a] * penalty(
            w, problem.l1_ratio
        )
    return result


def row_losses(loss: str, z: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Loss of each row, (rows, fits), for raw scores (rows, fits, outputs)."""
    if loss == "log" and z.shape[-1] > 1:
        greatest = z.max(axis=-1)
        of_label = np.take_along_axis(z, label[:, None, None], axis=-1)[..., 0]
        return greatest - of_label + np.log(np.exp(z - greatest[..., None]).sum(axis=-1))
    positive = [1] if z.shape[-1] == 1 else np.arange(z.shape[-1])
    sign = np.where(label[:, None] == positive, 1.0, -1.0)
    margin = sign[:, None, :] * z
    # logaddexp(0, -margin) is log(1 + exp(-margin)) without overflow.
    cell = np.logaddexp(0.0, -margin) if loss == "log" else 0.5 * (1.0 - margin) ** 2
    return cell.sum(axis=-1)


def penalty(coef: np.ndarray, l1_ratio: float) -> np.ndarray:
    """Penalty of each fit, (fits,), for weights (fits, outputs, features)."""
    axes = (1, 2)
    return l1_ratio * np.abs(coef).sum(axis=axes) + (1 - l1_ratio) / 2 * (coef**2).sum(axis=axes)
