"""Predictions, and what they cost by each loss's definition, one at a time."""

from __future__ import annotations

import numpy as np

SEPARATE = ("bce", "quadratic")  # their outputs need not sum to one


def cost(loss: str, outputs: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Cost of each prediction, shape (n,), by the definition."""
    n, K = outputs.shape
    hot = np.eye(K)[label]
    of_label = outputs[np.arange(n), label]
    with np.errstate(divide="ignore"):
        if loss == "log":
            return -np.log(of_label)
        if loss == "bce":
            return -np.log(np.where(hot == 1, outputs, 1 - outputs)).sum(axis=1)
    whole = ((outputs - hot) ** 2).sum(axis=1)
    return whole * {"brier": 1.0, "squared": 1.0 / K, "quadratic": 0.5}[loss]


def expected(loss: str, outputs: np.ndarray) -> np.ndarray:
    """Mean cost of each prediction where the outputs are the true probabilities."""
    n, K = outputs.shape
    by_label = np.stack([cost(loss, outputs, np.full(n, y)) for y in range(K)], axis=1)
    return np.where(outputs > 0, outputs * np.where(outputs > 0, by_label, 0.0), 0.0).sum(axis=1)


def any_outputs(loss: str, K: int, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if loss in SEPARATE:
        return rng.beta(0.4, 0.4, size=(n, K)) * rng.random((n, 1)) ** 0.5
    return rng.dirichlet(np.full(K, rng.choice([0.1, 0.5, 1.0, 5.0])), size=n)


def equals(K: int, k: int) -> np.ndarray:
    """k classes equally likely, the rest impossible."""
    return np.where(np.arange(K) < k, 1.0 / k, 0.0)
