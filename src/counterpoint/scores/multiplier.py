"""The best multiplier of raw scores: Newton's method on a convex loss of one number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from counterpoint.scores.arrays import FloatArray
from counterpoint.scores.cross_entropy import CELLS_AT_ONCE

FIRST_ROWS = 20_000
"""Rows that the search starts with where there are many more."""

FARTHEST = 2.0**60
"""Where the search for the best factor stops: gaps below 1/FARTHEST of the largest are rounding."""


def best_multiplier(gap: FloatArray, weight: FloatArray) -> tuple[float, float, float]:
    """The factor c ≥ 0 that makes the mean of logsumexp(c·gap) least, that mean, and c's error.

    Parameters
    ----------
    gap : array of shape (K, n)
        Raw scores less the true class's.
    weight : array of shape (n,)
        Above 0, summing to one.

    Returns
    -------
    factor, loss, standard_error : float
        As `BestScale` describes them.

    Examples
    --------
    >>> gap = np.array([[0.0, 0.0, 0.0], [-4.0, -4.0, 4.0]])
    >>> factor, loss, error = best_multiplier(gap, np.ones(3) / 3)
    >>> print(f"{factor:.4f} {loss:.4f} {error:.4f}")
    0.1733 0.6365 0.3062
    """
    highest, size = float(gap.max()), float(max(gap.max(), -gap.min()))
    if highest <= 0.0:
        factor = np.inf if size > 0.0 else 1.0
        return factor, float(weight @ losses_at(gap, factor)), np.nan
    gap = gap / size
    if _slope(gap, weight, 0.0)[0] >= 0.0:
        return 0.0, float(np.log(gap.shape[0])), np.nan
    every = 1 + gap.shape[1] // FIRST_ROWS
    start = 1.0
    if every > 1 and gap[:, ::every].max() > 0.0:
        start = _root_of_slope(np.ascontiguousarray(gap[:, ::every]), weight[::every], 1.0)
    factor = _root_of_slope(gap, weight, start)
    error = _standard_error(gap, weight, factor)
    return factor / size, float(weight @ losses_at(gap, factor)), error / size


def losses_at(gap: FloatArray, factor: float) -> FloatArray:
    """Log loss of every row, (n,), under the raw scores times a factor; its limit at infinity."""
    if np.isinf(factor):
        return np.asarray(np.log((gap == 0.0).sum(axis=0)))
    losses = np.empty(gap.shape[1])
    for part in _blocks(gap):
        logits = factor * gap[:, part]
        highest = logits.max(axis=0)
        logits -= highest
        losses[part] = np.log(np.exp(logits, out=logits).sum(axis=0)) + highest
    return losses


def _blocks(gap: FloatArray) -> Iterator[slice]:
    """Rows block by block: their temporary arrays stay near the core."""
    n_classes, n = gap.shape
    size = max(CELLS_AT_ONCE // n_classes, 1)
    return (slice(first, first + size) for first in range(0, n, size))


def _root_of_slope(gap: FloatArray, weight: FloatArray, start: float) -> float:
    """The c > 0 at which the mean of logsumexp(c·gap) is least; |gap| ≤ 1.

    Steps to either side of the start bracket the root, the next always twice as far, from
    1/`FARTHEST` to `FARTHEST`; then Newton's step is taken where it stays inside the bracket, else
    the bracket's middle. After a step of 1e-9 the error left is the square of that.
    """
    low = high = start
    ratio = 1.1 if start != 1.0 else 2.0
    if _slope(gap, weight, start)[0] < 0.0:
        while _slope(gap, weight, high)[0] < 0.0 and high < FARTHEST:
            low, high, ratio = high, ratio * high, 2.0
    else:
        while _slope(gap, weight, low)[0] >= 0.0 and low > 1.0 / FARTHEST:
            low, high, ratio = low / ratio, low, 2.0
    factor = 0.5 * (low + high)
    while high - low > 4e-16 * high:
        slope, curvature = _slope(gap, weight, factor)
        low, high = (factor, high) if slope < 0.0 else (low, factor)
        step = slope / curvature if curvature > 0.0 else np.inf
        inside = low < factor - step < high
        if inside and abs(step) <= 1e-9 * factor:
            return factor - step
        factor = factor - step if inside else 0.5 * (low + high)
    return factor


def _slope(gap: FloatArray, weight: FloatArray, factor: float) -> tuple[float, float]:
    """First and second derivative in c of the mean of logsumexp(c·gap)."""
    slope = curvature = 0.0
    for part, mean, variance in _derivatives(gap, factor):
        slope += float(weight[part] @ mean)
        curvature += float(weight[part] @ variance)
    return slope, curvature


def _standard_error(gap: FloatArray, weight: FloatArray, factor: float) -> float:
    """Of the factor at which the slope is zero: √(Σw²·slope²)/curvature (Huber's sandwich)."""
    squares = curvature = 0.0
    for part, mean, variance in _derivatives(gap, factor):
        squares += float(((weight[part] * mean) ** 2).sum())
        curvature += float(weight[part] @ variance)
    return float(np.sqrt(squares)) / curvature if curvature > 0.0 else np.nan


def _derivatives(gap: FloatArray, factor: float) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
    """First and second derivative in c of each row's logsumexp(c·gap), block by block."""
    for part in _blocks(gap):
        g = gap[:, part]
        probability = factor * g
        probability -= probability.max(axis=0)
        np.exp(probability, out=probability)
        probability /= probability.sum(axis=0)
        mean = np.einsum("kn,kn->n", probability, g)
        deviation = g - mean
        yield part, mean, np.einsum("kn,kn,kn->n", probability, deviation, deviation)
