"""A weighted mean over observations, with its interval.

Weights count as importance, not as copies: n observations with weights w tell as much as
n_effective = (Σw)² / Σw² with equal weights (Kish 1965, Survey Sampling, section 8.2).
Everything runs over the last axis, so that (models, n) gives one interval a model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from counterpoint.errors import InputError
from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.inputs import checked_confidence, checked_fold, checked_weights
from counterpoint.scores.moments import Moments, moments_of
from counterpoint.scores.wilson import wilson_ends


@dataclass(frozen=True)
class Estimate:
    """A mean and how well it is known; arrays hold one entry a model (shape () for one model).

    Attributes
    ----------
    value : array of shape (...)
        Weighted mean.
    low, high : array of shape (...)
        Ends of the confidence interval; NaN where there is none to give.
    standard_error : array of shape (...)
        Standard error of `value`; NaN where there is none to give.
    n_effective : float
        Number of equally weighted observations that would tell as much.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    n_effective: float


def mean_interval(
    per_observation: ArrayLike,
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Weighted mean with Student's t interval.

    value = Σwv/Σw; its squared standard error is Σw(v − value)²/Σw / (n_effective − 1), which for
    equal weights is the usual s²/n. The observations count as independent: held-out predictions
    of one cross-validation share training rows, so their interval is a little too narrow. Where a
    few rows hold most of the weight it is wider than it need be.

    Parameters
    ----------
    per_observation : array of shape (..., n)
    sample_weight : array of shape (n,), optional
        Rows of weight zero are left out, whatever their value.
    confidence : float
        Probability that the interval covers the true mean.

    Returns
    -------
    Estimate
        Where a value is infinite or NaN the mean says so, and interval and standard error are
        NaN, as they are with fewer than two effective observations.

    Raises
    ------
    InputError
        No observation, unusable weights, or a confidence outside (0, 1).

    Examples
    --------
    >>> estimate = mean_interval([1.0, 2.0, 3.0, 4.0])
    >>> print(f"{estimate.value:.2f} from {estimate.low:.3f} to {estimate.high:.3f}")
    2.50 from 0.446 to 4.554
    """
    return mean_estimate(moments_of(*_weighted_rows(per_observation, sample_weight)), confidence)


def mean_estimate(moments: Moments, confidence: float = 0.95) -> Estimate:
    """`mean_interval` from sums over the observations.

    Examples
    --------
    >>> estimate = mean_estimate(moments_of(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)))
    >>> print(f"{estimate.value:.2f} from {estimate.low:.3f} to {estimate.high:.3f}")
    2.50 from 0.446 to 4.554
    """
    level, n = checked_confidence(confidence), moments.n_effective
    degrees = max(n - 1.0, 1.0)
    usable = np.isfinite(moments.mean) & (n >= 2.0)
    with np.errstate(invalid="ignore", over="ignore"):
        variance = moments.spread / moments.weight
        error = np.where(usable, np.sqrt(variance / degrees), np.nan)
        half = stdtrit(degrees, 0.5 + level / 2) * error
        return Estimate(moments.mean, moments.mean - half, moments.mean + half, error, n)


def proportion_interval(
    success: ArrayLike,
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Share of successes with Wilson's score interval.

    Wilson (1927), doi:10.1080/01621459.1927.10502953, with n_effective in the place of n. Unlike
    the mean's interval it stays inside [0, 1] and keeps its width where every row succeeds.

    Parameters
    ----------
    success : array of shape (..., n)
        1 (or True) for a success, 0 for a failure.
    sample_weight : array of shape (n,), optional
    confidence : float

    Returns
    -------
    Estimate
        `standard_error` is √(p(1−p)/n_effective).

    Raises
    ------
    InputError
        A value that is neither 0 nor 1, or as in `mean_interval`.

    Examples
    --------
    >>> estimate = proportion_interval([1] * 9 + [0])
    >>> print(f"{estimate.value:.2f} from {estimate.low:.4f} to {estimate.high:.4f}")
    0.90 from 0.5958 to 0.9821
    """
    values, weight = _weighted_rows(success, sample_weight)
    if not ((values == 0) | (values == 1)).all():
        raise InputError("a success is neither 0 nor 1: pass 1 for a hit and 0 for a miss.")
    return proportion_estimate(moments_of(values, weight), confidence)


def proportion_estimate(moments: Moments, confidence: float = 0.95) -> Estimate:
    """`proportion_interval` from sums over the observations.

    Examples
    --------
    >>> estimate = proportion_estimate(moments_of(np.repeat([1.0, 0.0], [9, 1]), np.ones(10)))
    >>> print(f"{estimate.value:.2f} from {estimate.low:.4f} to {estimate.high:.4f}")
    0.90 from 0.5958 to 0.9821
    """
    quantile = float(ndtri(0.5 + checked_confidence(confidence) / 2))
    n, share = moments.n_effective, np.clip(moments.mean, 0.0, 1.0)
    low, high = wilson_ends(share, n, quantile)
    return Estimate(share, low, high, np.sqrt(share * (1.0 - share) / n), n)


def fold_standard_error(
    per_observation: ArrayLike,
    fold: IntArray,
    sample_weight: ArrayLike | None = None,
) -> FloatArray:
    """Standard error of a cross-validated score, from its spread over the folds.

    sd(fold means)/√F, the figure of the one-standard-error rule (Breiman, Friedman, Olshen and
    Stone 1984, section 3.4.3; Hastie, Tibshirani and Friedman 2009, section 7.10). It takes in
    what the training sets add to the spread, which `mean_interval` does not; with five folds it
    is itself known to within about a third.

    Parameters
    ----------
    per_observation : array of shape (..., n)
    fold : array of int, shape (n,)
        The fold in which each observation was held out.
    sample_weight : array of shape (n,), optional
        Weighs rows within a fold; a fold whose rows all weigh zero is left out.

    Returns
    -------
    array of shape (...)

    Raises
    ------
    InputError
        Fewer than two folds, or as in `mean_interval`.

    Examples
    --------
    >>> import numpy as np
    >>> error = fold_standard_error([1.0, 3.0, 4.0, 6.0], np.array([0, 0, 1, 1]))
    >>> print(f"{error:.2f}")
    1.50
    """
    values = _observations(per_observation)
    weight = checked_weights(sample_weight, values.shape[-1])
    folds = np.unique(checked_fold(fold, weight.size)[weight > 0])
    if folds.size < 2:
        raise InputError("there is one fold only: a spread over folds needs at least two.")
    means = np.stack(
        [mean_interval(values[..., fold == f], weight[fold == f]).value for f in folds], axis=-1
    )
    with np.errstate(invalid="ignore"):  # an infinite score has no spread: NaN
        error: FloatArray = np.asarray(np.std(means, axis=-1, ddof=1) / np.sqrt(folds.size))
    return error


def _observations(per_observation: ArrayLike) -> FloatArray:
    values = np.asarray(per_observation, dtype=np.float64)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise InputError("there is no observation to average: pass at least one.")
    return values


def _weighted_rows(
    per_observation: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    """Values and weights of the rows that count, the largest weight scaled to 1."""
    values = _observations(per_observation)
    weight = checked_weights(sample_weight, values.shape[-1])
    kept = weight > 0
    if not kept.all():
        values, weight = values[..., kept], weight[kept]
    return values, weight / weight.max()
