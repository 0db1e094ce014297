"""Mean data losses of outputs: the candidates that a reported cost is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DataLoss:
    """A loss of outputs, and the multiples of it that have a name of their own.

    Attributes
    ----------
    label
        Name for people.
    mean
        Mean over rows, of outputs (n, K) or, for two classes, (n, 1), and labels.
    fits
        Whether outputs like these can have it.
    multiples
        What it is called when multiplied, by the number of outputs: name → factor.
    """

    label: str
    mean: Callable[[Array, Labels], float]
    fits: Callable[[Array], bool]
    multiples: Callable[[int], Mapping[str, float]]


def one_hot(y: Labels, n_outputs: int) -> Array:
    """Targets: one column a class, or one column that is 1 for class 1."""
    if n_outputs == 1:
        return y[:, None].astype(np.float64)
    return np.asarray(y[:, None] == np.arange(n_outputs), dtype=np.float64)


def _quadratic(a: Array, y: Labels) -> float:
    return float(((a - one_hot(y, a.shape[1])) ** 2).sum(axis=1).mean() / 2.0)


def _bce(a: Array, y: Labels) -> float:
    target = one_hot(y, a.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = -np.where(target > 0, np.log(a), np.log1p(-a))
    return float(cost.sum(axis=1).mean())


def _log(a: Array, y: Labels) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(-np.log(a[np.arange(len(y)), y]).mean())


def _log_of_scores(z: Array, y: Labels) -> float:
    if z.shape[1] == 1:
        return float(np.logaddexp(0.0, np.where(y > 0, -z[:, 0], z[:, 0])).mean())
    return float((logsumexp(z, axis=1) - z[np.arange(len(y)), y]).mean())


def _shares(a: Array) -> bool:
    return bool(np.all((a >= 0.0) & (a <= 1.0)))


def _distributions(a: Array) -> bool:
    return a.shape[1] > 1 and _shares(a) and bool(np.allclose(a.sum(axis=1), 1.0, atol=1e-5))


DATA_LOSSES: Mapping[str, DataLoss] = MappingProxyType(
    {
        "log": DataLoss("log loss", _log, _distributions, lambda k: {"log loss": 1.0}),
        "bce": DataLoss(
            "binary cross-entropy summed over outputs",
            _bce,
            _shares,
            lambda k: {
                "binary cross-entropy summed over outputs": 1.0,
                "binary cross-entropy averaged over outputs": 1.0 / k,
            },
        ),
        "quadratic": DataLoss(
            "quadratic cost",
            _quadratic,
            lambda a: True,
            lambda k: {
                "quadratic cost": 1.0,
                "Brier score": 2.0,
                "mean squared error over outputs": 2.0 / k,
                "half the mean squared error over outputs": 1.0 / k,
            },
        ),
        "logits": DataLoss(
            "log loss of raw scores",
            _log_of_scores,
            lambda a: not _shares(a),
            lambda k: {"log loss of raw scores": 1.0},
        ),
    }
)
"""Losses by the name they are declared with, the most likely first."""
