"""A score parted into miscalibration, discrimination and uncertainty, each with an interval.

    mean score = miscalibration − discrimination + uncertainty

in losses: with S the mean score of the forecasts, S(q) that of the same forecasts recalibrated and
S(base) that of giving every row the classes' shares, miscalibration is S − S(q), discrimination
S(base) − S(q) and uncertainty S(base). The sum is exact, whatever the recalibration.

**Recalibration.** Two classes: isotonic regression, the best monotone one for every proper score
at once (CORP; Dimitriadis, Gneiting and Jordan 2021, doi:10.1073/pnas.2016191118). More classes:
the Brier score is a sum over classes of one against the rest, and each is parted by its own
isotonic fit, so that the parts add up over classes too. Log loss and the error rate are no such
sums: they are recalibrated by `softmax(scale·ln p + offset)`, and what that family can't mend
counts as lack of discrimination.

**Intervals.** A recalibration fitted to the rows it is judged on looks better than it is, and one
fitted to other rows is worse than the best there is. So the first gives the upper end of a part and
the second the lower end, each with the limit of its mean over the rows (Student's; for the error
rate that of flips, which keeps its width where no row flips): the interval covers
the part that the best recalibration would give, at the level stated or above. Neither end hangs
on smoothness, and none needs rows to be drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.intervals import Estimate, mean_interval, proportion_interval
from counterpoint.scores.isotonic import recalibrate
from counterpoint.scores.paired import flip_difference
from counterpoint.scores.proper import SCORES, Score
from counterpoint.scores.recalibration import recalibrate_classes

Interval = Callable[..., Estimate]
"""From values a row, their weights and a confidence."""

FOLDS = 10
"""Parts that rows are dealt into; each is recalibrated by what the other nine say."""


@dataclass(frozen=True)
class Parts:
    """A mean loss, = miscalibration − discrimination + uncertainty.

    Attributes
    ----------
    miscalibration : Estimate
        What the best recalibration would take off.
    discrimination : Estimate
        What the recalibrated forecasts take off the base rates' loss.
    uncertainty : Estimate
        Loss of giving every row the classes' shares.
    """

    miscalibration: Estimate
    discrimination: Estimate
    uncertainty: Estimate


@dataclass(frozen=True)
class PartChanges:
    """How the parts differ between two models, after minus before; uncertainty is shared."""

    miscalibration: Estimate
    discrimination: Estimate


@dataclass(frozen=True)
class LossRows:
    """One score's loss of every row, under the forecasts and under what they are compared with.

    Attributes
    ----------
    score : Score
        Whose losses they are.
    forecast, in_sample, cross_fitted, base : array of shape (n,)
        Under the forecasts; recalibrated on all rows; recalibrated on the rows of other folds;
        under the classes' shares.
    """

    score: Score
    forecast: FloatArray
    in_sample: FloatArray
    cross_fitted: FloatArray
    base: FloatArray

    @property
    def interval_of_difference(self) -> Interval:
        """Interval of the mean of differences of such losses."""
        return _flips_interval if self.score.zero_one else mean_interval

    @property
    def interval(self) -> Interval:
        """Interval of the mean of such losses."""
        return proportion_interval if self.score.zero_one else mean_interval


def loss_rows(
    probability: FloatArray, label_index: IntArray, weight: FloatArray, seed: int = 0
) -> Mapping[str, LossRows]:
    """Losses of every row that the parts are means of, for each score of `SCORES`.

    Parameters
    ----------
    probability : array of shape (n, K)
    label_index : array of int, shape (n,)
    weight : array of shape (n,)
        Above 0.
    seed : int
        Deals the rows into folds.
    """
    n, n_classes = probability.shape
    fold = dealt_folds(n, seed)
    share = np.bincount(label_index, weight, minlength=n_classes) / weight.sum()
    base = np.broadcast_to(share, (n, n_classes))
    if n_classes == 2:
        event = (label_index == 1).astype(float)
        second = recalibrate(probability[:, 1], event, weight, fold)
        together = tuple(np.stack([1.0 - q, q], axis=1) for q in second)
    else:
        together = recalibrate_classes(probability, label_index, weight, fold)
    rows = {}
    for name, score in SCORES.items():
        recalibrated = tuple(_loss(score, q, label_index) for q in together)
        if name == "brier" and n_classes > 2:
            recalibrated = _brier_by_class(probability, label_index, weight, fold)
        rows[name] = LossRows(
            score=score,
            forecast=_loss(score, probability, label_index),
            in_sample=recalibrated[0],
            cross_fitted=recalibrated[1],
            base=_loss(score, base, label_index),
        )
    return rows


def parts_of(rows: LossRows, weight: FloatArray, confidence: float = 0.95) -> Parts:
    """Part the mean of a score.

    Parameters
    ----------
    rows
        Of one score; see `loss_rows`.
    weight : array of shape (n,)
    confidence : float
        Least probability that an interval covers its part.

    Examples
    --------
    >>> forecast = np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> label = np.r_[np.zeros(40, int), np.ones(50, int), np.zeros(10, int)]
    >>> parts = parts_of(loss_rows(forecast, label, np.ones(100))["brier"], np.ones(100))
    >>> print(f"{parts.miscalibration.value:.3f} {parts.discrimination.value:.3f}")
    0.020 0.180
    """
    mended, missed = rows.forecast - rows.in_sample, rows.forecast - rows.cross_fitted
    told, held = rows.base - rows.in_sample, rows.base - rows.cross_fitted
    of = partial(rows.interval_of_difference, sample_weight=weight, confidence=confidence)
    return Parts(
        miscalibration=_bracket(of, missed, mended, mended, bound=0.0),
        discrimination=_bracket(of, held, told, told, bound=0.0),
        uncertainty=rows.interval(rows.base, weight, confidence),
    )


def part_changes(
    before: LossRows, after: LossRows, weight: FloatArray, confidence: float = 0.95
) -> PartChanges:
    """How the parts of a score differ between two models of the same rows, paired by row.

    Parameters as in `parts_of`.
    """
    # Discrimination grows by as much as the recalibrated loss falls; the base rates drop out.
    told = before.in_sample - after.in_sample
    least, most = before.in_sample - after.cross_fitted, before.cross_fitted - after.in_sample
    change = after.forecast - before.forecast
    of = partial(mean_interval, sample_weight=weight, confidence=confidence)
    return PartChanges(
        miscalibration=_bracket(of, change + least, change + most, change + told),
        discrimination=_bracket(of, least, most, told),
    )


def dealt_folds(n: int, seed: int = 0) -> IntArray:
    """Fold of each of n rows, dealt out at random, `FOLDS` in all.

    Whatever the labels: were each fold given its share of every class, the other folds would tell
    how often each class comes in it, and a map fitted to them would look better than it is.

    Examples
    --------
    >>> np.bincount(dealt_folds(12)).tolist()
    [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    fold = np.empty(n, dtype=np.int64)
    fold[np.random.default_rng(seed).permutation(n)] = np.arange(n) % FOLDS
    return fold


def _loss(score: Score, probability: FloatArray, label_index: IntArray) -> FloatArray:
    """Score of each row with less the better: for accuracy the error, 1 for a miss."""
    value = score.per_observation(probability, label_index)
    return 1.0 - value if score.greater_is_better else value


def _brier_by_class(
    probability: FloatArray, label_index: IntArray, weight: FloatArray, fold: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Sum over classes of (q_k − 1[y = k])², each class recalibrated by itself."""
    totals = np.zeros(label_index.size), np.zeros(label_index.size)
    for k in range(probability.shape[1]):
        event = (label_index == k).astype(float)
        forecast = np.ascontiguousarray(probability[:, k])
        for total, q in zip(totals, recalibrate(forecast, event, weight, fold), strict=True):
            total += (q - event) ** 2
    return totals


def _flips_interval(
    change: FloatArray, sample_weight: FloatArray, confidence: float = 0.95
) -> Estimate:
    """Interval of a mean of changes that are -1, 0 or 1, of shape (n,)."""
    share = sample_weight / sample_weight.sum()
    gained, lost = (float(share @ (change == side)) for side in (1.0, -1.0))
    return flip_difference(gained, lost, float(1.0 / (share @ share)), confidence)


def _bracket(
    interval: Callable[[FloatArray], Estimate],
    least: FloatArray,
    most: FloatArray,
    value: FloatArray,
    bound: float = -np.inf,
) -> Estimate:
    """An estimate whose ends come from rows that err to either side, no end below `bound`."""
    middle, low, high = interval(value), interval(least).low, interval(most).high
    return Estimate(
        value=middle.value,
        low=np.minimum(np.maximum(low, bound), middle.value),
        high=np.maximum(high, middle.value),
        standard_error=middle.standard_error,
        n_effective=middle.n_effective,
    )
