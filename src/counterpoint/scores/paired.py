"""Two models on the same observations: what flipped, and how far a score moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, ndtri, stdtr

from counterpoint.errors import InputError
from counterpoint.scores.inputs import checked_confidence, checked_weights
from counterpoint.scores.intervals import Estimate, mean_interval

POWER = 7.849
"""Squared sum of the normal quantiles for 5% two-sided and 80% power: (1.960 + 0.842)²."""
STUDENT = 1.921
"""Rows that a test with Student's quantile needs beyond one with the normal one: 1.960²/2."""


@dataclass(frozen=True)
class Flips:
    """How the predictions on n observations changed from one model to another.

    Attributes
    ----------
    b : int
        Wrong before, right after.
    c : int
        Right before, wrong after.
    d : int
        Wrong before and after, with another wrong label: accuracy can't see it.
    n : int
        Observations compared.
    accuracy_change : float
        Weighted accuracy after minus before; (b − c)/n where all weights are equal.
    """

    b: int
    c: int
    d: int
    n: int
    accuracy_change: float


def flips(
    before: ArrayLike,
    after: ArrayLike,
    y_true: ArrayLike,
    sample_weight: ArrayLike | None = None,
) -> Flips:
    """Count the predictions that changed, by kind.

    Parameters
    ----------
    before, after : array of shape (n,)
        Predicted labels of the two models.
    y_true : array of shape (n,)
        True labels, of the same kind as the predicted ones.
    sample_weight : array of shape (n,), optional
        Used for `accuracy_change` alone: b, c and d count rows.

    Returns
    -------
    Flips

    Raises
    ------
    InputError
        Arrays of different lengths or none, or unusable weights.

    Examples
    --------
    >>> flips([0, 1, 2, 1], [1, 1, 1, 0], [1, 1, 0, 1])
    Flips(b=1, c=1, d=1, n=4, accuracy_change=0.0)
    """
    old, new, truth = np.asarray(before), np.asarray(after), np.asarray(y_true)
    if truth.ndim != 1 or truth.size == 0 or not old.shape == new.shape == truth.shape:
        raise InputError(
            f"before, after and y_true have shapes {old.shape}, {new.shape} and {truth.shape}: "
            "pass one label a row in each."
        )
    weight = checked_weights(sample_weight, truth.size)
    was_right, is_right = old == truth, new == truth
    gained, lost = ~was_right & is_right, was_right & ~is_right
    moved = ~was_right & ~is_right & (old != new)
    change = (weight[gained].sum() - weight[lost].sum()) / weight.sum()
    return Flips(
        b=int(gained.sum()),
        c=int(lost.sum()),
        d=int(moved.sum()),
        n=int(truth.size),
        accuracy_change=float(change),
    )


def mcnemar(b: int, c: int) -> float:
    """Exact two-sided p-value of McNemar's test that two models are equally often right.

    If they are, each of the b + c rows on which just one is right is a fair coin, so
    p = min(1, 2·P(X ≤ min(b, c))) with X ~ Binomial(b + c, ½). The binomial's tail comes from the
    incomplete beta function at any size, so there is no need of the chi-square approximation.

    Parameters
    ----------
    b, c : int
        Rows that went from wrong to right and from right to wrong, as in `Flips`.

    Returns
    -------
    float
        1.0 where no row changed.

    Raises
    ------
    InputError
        A negative count.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996.

    Examples
    --------
    >>> mcnemar(1, 9)
    0.021484375
    """
    if min(b, c) < 0:
        raise InputError(f"b is {b} and c is {c}: a number of flipped rows can't be negative.")
    return min(1.0, 2.0 * float(bdtr(min(b, c), b + c, 0.5)))


def paired_difference(
    before: ArrayLike,
    after: ArrayLike,
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Mean of after − before, observation by observation, with its interval.

    Pairing takes out what makes an observation hard for both models, so that the interval is
    mostly far narrower than the two models' own intervals suggest.

    Parameters
    ----------
    before, after : array of shape (..., n)
        A score per observation of the two models; leading axes broadcast.
    sample_weight : array of shape (n,), optional
    confidence : float

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        Different numbers of observations, or as in `mean_interval`.

    Examples
    --------
    >>> estimate = paired_difference([0.2, 1.5, 3.0], [0.1, 1.3, 2.7])
    >>> print(f"{estimate.value:.2f} from {estimate.low:.3f} to {estimate.high:.3f}")
    -0.20 from -0.448 to 0.048
    """
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if old.shape[-1:] != new.shape[-1:]:
        raise InputError(
            f"before has {old.shape[-1:]} observations and after {new.shape[-1:]}: "
            "pass the same rows in the same order."
        )
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, and the mean says so
        difference = new - old
    return mean_interval(difference, sample_weight, confidence)


def flip_difference(gained: float, lost: float, n: float, confidence: float = 0.95) -> Estimate:
    """Change of accuracy with an interval that holds up where few predictions flip.

    Bonett and Price (2012), doi:10.3102/1076998611411915: Wald's interval with one row added that
    was gained and one that was lost. Where nothing flipped, Wald's has no width; this one has.

    Parameters
    ----------
    gained, lost : float
        Share of rows that went from wrong to right, and from right to wrong.
    n : float
        Rows; with weights, the number of equally weighted ones that tell as much.
    confidence : float

    Returns
    -------
    Estimate

    Examples
    --------
    >>> estimate = flip_difference(gained=0.0, lost=0.0, n=100)
    >>> print(f"{estimate.value:.2f} from {estimate.low:.4f} to {estimate.high:.4f}")
    0.00 from -0.0272 to 0.0272
    """
    quantile = float(ndtri(0.5 + checked_confidence(confidence) / 2))
    up, down = ((n * share + 1.0) / (n + 2.0) for share in (gained, lost))
    error = np.sqrt(max(up + down - (up - down) ** 2, 0.0) / (n + 2.0))
    value = gained - lost
    low = min(max(up - down - quantile * error, -1.0), value)
    high = max(min(up - down + quantile * error, 1.0), value)
    return Estimate(np.asarray(value), np.asarray(low), np.asarray(high), np.asarray(error), n)


def difference_p(difference: Estimate) -> float:
    """Two-sided p-value of Student's paired test that the mean difference is zero.

    1.0 where every difference is zero; NaN where there is no standard error.

    Examples
    --------
    >>> print(f"{difference_p(paired_difference([0.2, 1.5, 3.0], [0.1, 1.3, 2.7])):.4f}")
    0.0742
    """
    value, error = float(difference.value), float(difference.standard_error)
    if value == 0.0:
        return 1.0 if error == error else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(np.float64(value) / np.float64(error))
    return float(2.0 * stdtr(max(difference.n_effective - 1.0, 1.0), -statistic))


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted so that none of several tests is below 5% by chance in 95 samples of 100.

    Holm (1979, Scandinavian Journal of Statistics 6, 65-70): the k-th least of m is multiplied by
    m - k + 1, and is no less than those before it. NaN stays, and counts as no test.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [float("nan")] * len(p)
    known = sorted((i for i, each in enumerate(p) if each == each), key=lambda i: p[i])
    least = 0.0
    for rank, i in enumerate(known):
        least = max(least, min(1.0, (len(known) - rank) * p[i]))
        adjusted[i] = least
    return adjusted


def rows_to_show(difference: Estimate, n: float) -> int | None:
    """Rows at which a difference as large as this one would be shown, were it real.

    n·(z_0.975 + z_0.8)²·(standard error / difference)² + z_0.975²/2: a two-sided test at 5% then
    finds it in four samples of five; the last term is for Student's quantile in the place of the
    normal one (Guenther 1981, The American Statistician 35, 243–244). It takes the rows to come as
    the rows at hand, independent and equally spread, and the difference as it was seen, which is
    itself uncertain.

    Parameters
    ----------
    difference
        Of two models on the same rows.
    n
        Rows that it comes from.

    Returns
    -------
    int or None
        None where there is no difference, or no standard error.

    Examples
    --------
    >>> rows_to_show(paired_difference([0.0] * 50, [0.3, -0.2] * 25), 50)
    203
    """
    value, error = float(difference.value), float(difference.standard_error)
    if value == 0.0 or not np.isfinite(value) or not np.isfinite(error):
        return None
    return int(np.ceil(n * POWER * (error / value) ** 2 + STUDENT))


def least_shown(difference: Estimate) -> float:
    """The difference that these rows would show four times in five: 2.80 standard errors.

    Examples
    --------
    >>> print(f"{least_shown(paired_difference([0.0] * 50, [0.3, -0.2] * 25)):.3f}")
    0.100
    """
    return float(np.sqrt(POWER) * difference.standard_error)
