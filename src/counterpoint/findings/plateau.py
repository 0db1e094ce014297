"""Ranges of alpha over which held-out accuracy can't be told apart, by McNemar's test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.findings.held_out import mean_accuracy, mean_log_loss
from counterpoint.findings.once import once
from counterpoint.fit.result import SweepFit
from counterpoint.scores import mcnemar

Array = npt.NDArray[np.float64]

LEVEL = 0.05


@dataclass(frozen=True)
class Range:
    """Neighbouring alphas, by index, both ends included."""

    first: int
    last: int

    def decades(self, alphas: Array) -> float:
        """Width in powers of ten."""
        return float(np.log10(alphas[self.last] / alphas[self.first]))


@once
def pairwise_p(fit: SweepFit) -> Array:
    """McNemar's p of every two alphas, (m, m)."""
    correct = fit.held_out.correct[:, fit.held_out.weight > 0]
    # Single precision counts to 2^24 without rounding, at half the cost.
    exact: npt.NDArray[Any] = correct.astype("f4" if correct.shape[1] < 2**24 else "f8")
    both = np.rint(exact @ exact.T).astype(np.intp)
    gained = np.diagonal(both)[:, None] - both
    p = np.ones(gained.shape)
    for i, j in zip(*np.triu_indices(len(p), k=1), strict=True):
        p[i, j] = p[j, i] = mcnemar(int(gained[i, j]), int(gained[j, i]))
    return p


def flat_range(p: Array, alphas: Array, level: float = LEVEL) -> Range:
    """The widest range of alphas no two of which differ at that level.

    Every pair is tested on its own. To allow for the number of pairs would make the test
    blunter and the range wider; so the range claims less rather than more.

    Parameters
    ----------
    p : array (m, m)
        From `pairwise_p`.
    alphas : array (m,), ascending

    Examples
    --------
    >>> p = np.array([[1.0, 0.6, 0.01], [0.6, 1.0, 0.3], [0.01, 0.3, 1.0]])
    >>> flat_range(p, np.array([0.01, 0.1, 10.0]))
    Range(first=1, last=2)
    """
    widest, first = Range(0, 0), 0
    for last in range(len(alphas)):
        telling = np.flatnonzero(p[first : last + 1, last] < level)
        first += int(telling[-1]) + 1 if telling.size else 0
        if Range(first, last).decades(alphas) > widest.decades(alphas):
            widest = Range(first, last)
    return widest


def indifferent_range(fit: SweepFit) -> Range:
    """The alphas beside the most accurate one that accuracy can't tell from it.

    Each is tested on its own against the most accurate; of several most accurate, the one with
    the least log loss counts.
    """
    accuracy, p = mean_accuracy(fit), pairwise_p(fit)
    top = np.flatnonzero(accuracy >= accuracy.max() - 1e-12)
    best = int(top[np.argmin(mean_log_loss(fit)[top])])
    level = p[best] >= LEVEL
    below, above = np.flatnonzero(~level[:best]), np.flatnonzero(~level[best:])
    return Range(
        int(below[-1]) + 1 if below.size else 0,
        best + int(above[0]) - 1 if above.size else len(level) - 1,
    )
