"""Probabilities of several classes recalibrated together: softmax(scale·ln p_k + offset_k).

One scale for how sure the forecasts are, one offset a class for how often it is named: temperature
scaling with a bias (Guo, Pleiss, Sun and Weinberger 2017, arXiv:1706.04599), as Berta, Holzmüller,
Jordan and Bach (2025, arXiv:2501.19195) use it to part a loss into calibration and refinement.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.cross_entropy import minimise

FLOOR = float(np.finfo(np.float64).eps)
"""Probabilities below this are recalibrated as this: the logarithm of 0 has no multiple."""

FIRST_ROWS = 20_000
"""Rows that the search starts with; all rows then need a step or two."""

MAP_ROWS = 100_000
"""Rows of other folds that a fold's map is fitted to, at most. Any map will do that has not seen
the fold; with so many rows it is within K/200,000 of the best in log loss."""

SLIGHT = 1e-4
"""Share of the loss's sampling error, about 1/n, that is not worth another pass over the rows."""


def log_scores(probability: FloatArray, floor: float = FLOOR) -> FloatArray:
    """Logits of forecasts, ln p, of shape (K, n) for probabilities of shape (n, K).

    Probabilities below `floor` count as it.

    Examples
    --------
    >>> log_scores(np.array([[0.5, 0.5], [1.0, 0.0]])).round(3)
    array([[ -0.693,   0.   ],
           [ -0.693, -36.044]])
    """
    return np.log(np.maximum(np.ascontiguousarray(probability.T), floor))


def recalibrate_classes(
    probability: FloatArray, label: IntArray, weight: FloatArray, fold: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Recalibrated probabilities of all classes, in sample and across folds.

    Parameters
    ----------
    probability : array of shape (n, K)
    label : array of int, shape (n,)
    weight : array of shape (n,)
        Above 0.
    fold : array of int, shape (n,)
        Numbered from 0.

    Returns
    -------
    in_sample, cross_fitted : array of shape (n, K)
        By parameters fitted to all rows; and by those fitted to other folds than the row's own.

    Examples
    --------
    Three rows of four are right, all equally sure; recalibrated they say so:

    >>> forecast = np.tile([[0.98, 0.01, 0.01], [0.01, 0.98, 0.01]], (400, 1))
    >>> label = np.tile([0, 1, 0, 1, 0, 1, 2, 2], 100)
    >>> q, _ = recalibrate_classes(forecast, label, np.ones(800), np.arange(800) % 5)
    >>> print(f"{q[0, 0]:.3f} {q[0, 2]:.3f}")
    0.750 0.250
    """
    # Folds side by side, so that a fold is a slice and the others two.
    order = np.argsort(fold, kind="stable")
    p, y, w = probability[order], label[order], weight[order]
    z, target = log_scores(p), _targets(p, y)
    unchanged = np.zeros(len(z))
    unchanged[0] = 1.0
    first = slice(None, None, max(1, y.size // FIRST_ROWS))
    start = _fit(z[:, first], target[:, first], w[first], unchanged)
    fitted = _fit(z, target, w, start)
    in_sample, cross_fitted = np.empty_like(probability), np.empty_like(probability)
    in_sample[order] = _recalibrated(z, fitted)
    ends = np.searchsorted(fold[order], np.arange(int(fold.max()) + 2))
    for begin, end in pairwise(ends):
        others = np.r_[0:begin, end : y.size]
        others = others[:: 1 + others.size // MAP_ROWS]
        parameters = unchanged  # a single row has no other to learn from
        if others.size:
            parameters = _fit(z[:, others], target[:, others], w[others], fitted)
        cross_fitted[order[begin:end]] = _recalibrated(z[:, begin:end], parameters)
    return in_sample, cross_fitted


def _fit(
    scores: FloatArray, target: FloatArray, weight: FloatArray, start: FloatArray
) -> FloatArray:
    share = weight / weight.sum()
    return minimise(scores, target, share, start, negligible=SLIGHT / share.size)


def _targets(probability: FloatArray, label: IntArray) -> FloatArray:
    """What the recalibrated probabilities aim at, (K, n): the label, and a little the forecast.

    The forecast's share, 1/(n + 1), is worth one row in all. It is least at the forecast itself: so
    the fit is never worse than that, and stays finite where no row is wrong.
    """
    n = label.size
    target: FloatArray = np.ascontiguousarray(probability.T) / (n + 1.0)
    target[label, np.arange(n)] += n / (n + 1.0)
    return target


def _recalibrated(scores: FloatArray, parameters: FloatArray) -> FloatArray:
    logits: FloatArray = parameters[0] * scores
    logits[1:] += parameters[1:, np.newaxis]
    logits -= logits.max(axis=0)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=0)
    return logits.T
