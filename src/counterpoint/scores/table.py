"""Every score of one prediction, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from counterpoint.scores.arrays import FloatArray
from counterpoint.scores.inputs import checked_probability, checked_weights, label_positions
from counterpoint.scores.intervals import (
    Estimate,
    mean_estimate,
    mean_interval,
    proportion_estimate,
    proportion_interval,
)
from counterpoint.scores.moments import Moments
from counterpoint.scores.proper import SCORES, Score


def score_interval(
    score: Score,
    per_observation: FloatArray,
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Mean of a score with the interval that suits it.

    Wilson's for a share of hits; Student's t for the others, cut to the range of the score.

    Parameters
    ----------
    score : Score
        A value of `SCORES`.
    per_observation : array of shape (..., n)
        What `score.per_observation` gave.
    sample_weight : array of shape (n,), optional
    confidence : float

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        As in `mean_interval` and `proportion_interval`.

    Examples
    --------
    >>> import numpy as np
    >>> estimate = score_interval(SCORES["brier"], np.array([0.1, 0.0, 0.5, 0.0]))
    >>> print(f"{estimate.value:.2f} from {estimate.low:.2f} to {estimate.high:.2f}")
    0.15 from 0.00 to 0.53
    """
    if score.zero_one:
        return proportion_interval(per_observation, sample_weight, confidence)
    return _within_range(score, mean_interval(per_observation, sample_weight, confidence))


def score_estimate(score: Score, moments: Moments, confidence: float = 0.95) -> Estimate:
    """`score_interval` from sums over the observations.

    Examples
    --------
    >>> from counterpoint.scores.moments import moments_of
    >>> estimate = score_estimate(SCORES["brier"], moments_of(np.array([0.0, 0.5]), np.ones(2)))
    >>> print(f"{estimate.value:.2f} from {estimate.low:.2f} to {estimate.high:.2f}")
    0.25 from 0.00 to 2.00
    """
    if score.zero_one:
        return proportion_estimate(moments, confidence)
    return _within_range(score, mean_estimate(moments, confidence))


def _within_range(score: Score, free: Estimate) -> Estimate:
    return Estimate(
        value=free.value,
        low=np.maximum(free.low, score.least),
        high=np.minimum(free.high, score.greatest),
        standard_error=free.standard_error,
        n_effective=free.n_effective,
    )


def score_table(
    y_true: ArrayLike,
    probability: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    classes: Sequence[object] | ArrayLike | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Accuracy, log loss and Brier score of one prediction, each with an interval.

    Also callable as `counterpoint.scores(...)`.

    Parameters
    ----------
    y_true : array of shape (n,)
        True labels: numbers, strings or booleans.
    probability : array of shape (n, K), or (n,)
        Predicted probabilities, one column a class; or those of the second of two classes.
    sample_weight : array of shape (n,), optional
        Not negative. Default: all ones.
    classes : sequence of length K, optional
        Label of each column. Default: the sorted distinct labels of `y_true`.
    confidence : float
        Level of the intervals.

    Returns
    -------
    polars.DataFrame
        One row a score: `quantity` (its name), `value` (weighted mean), `low` and `high` (ends of
        the interval; null where none can be given), `sum` (weighted sum).

    Raises
    ------
    InputError
        Rows that are no distribution, labels that are no class, lengths that differ, or weights
        that can't be used.

    Examples
    --------
    Two models that are right on the same two observations, and far apart in loss:

    >>> sure = score_table([0, 1], [0.01, 0.99])
    >>> unsure = score_table([0, 1], [0.49, 0.51])
    >>> sure["value"][0], unsure["value"][0]
    (1.0, 1.0)
    >>> sure["quantity"][1], round(sure["sum"][1], 4), round(unsure["sum"][1], 4)
    ('log_loss', 0.0201, 1.3467)
    """
    predicted = checked_probability(probability)
    n, n_classes = predicted.shape
    label_index = label_positions(y_true, n, n_classes, classes)
    weight = checked_weights(sample_weight, n)
    rows = []
    for score in SCORES.values():
        per_observation = score.per_observation(predicted, label_index)
        estimate = score_interval(score, per_observation, weight, confidence)
        rows.append(
            {
                "quantity": score.name,
                "value": float(estimate.value),
                "low": float(estimate.low),
                "high": float(estimate.high),
                "sum": float(per_observation @ weight),
            }
        )
    return pl.DataFrame(rows).with_columns(pl.col("low", "high").fill_nan(None))
