"""Split a change of log loss between two models into scale and direction.

Multiplying all raw scores by c > 0 flips no prediction, so it can move the loss and never the
accuracy. What the best such c would have put right is the scale's part of the loss; what is left
is the direction's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from counterpoint.errors import InputError
from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.inputs import as_softmax_scores, checked_label_index, checked_weights
from counterpoint.scores.intervals import Estimate, mean_interval
from counterpoint.scores.multiplier import best_multiplier, losses_at


@dataclass(frozen=True)
class BestScale:
    """The multiplier of all raw scores that makes the log loss least.

    Attributes
    ----------
    factor : float
        0 where the scores do worse than saying nothing; infinity where no row is wrong (then the
        loss falls for ever towards `loss`).
    loss : float
        Weighted mean log loss at that factor, or its limit there.
    standard_error : float
        Of the factor, with no trust in the scores as probabilities (Huber 1967, the sandwich);
        NaN where the factor is 0 or infinite.
    """

    factor: float
    loss: float
    standard_error: float


@dataclass(frozen=True)
class ScaleDirection:
    """A change of weighted mean log loss, total = scale + direction.

    Attributes
    ----------
    total : float
        Loss after minus loss before.
    scale : float
        The part that multiplying the raw scores by one number can undo.
    direction : float
        Best-scaled loss after minus best-scaled loss before.
    before, after : BestScale
        The best multiplier of each model's raw scores, and the loss there.
    scale_interval, direction_interval : Estimate
        Both parts with their 95% intervals, paired by row. At its minimum a loss hardly depends on
        the multiplier, so that the multiplier's own error adds nothing to first order.
    """

    total: float
    scale: float
    direction: float
    before: BestScale
    after: BestScale
    scale_interval: Estimate
    direction_interval: Estimate


@dataclass(frozen=True)
class ScaledLosses:
    """A model's log loss of every row that counts, as it is and at the best multiplier.

    Attributes
    ----------
    best : BestScale
    as_it_is, at_best : array of shape (n,)
    weight : array of shape (n,)
        Summing to one.
    """

    best: BestScale
    as_it_is: FloatArray
    at_best: FloatArray
    weight: FloatArray


def best_scale(
    raw: FloatArray, label_index: IntArray, sample_weight: ArrayLike | None = None
) -> BestScale:
    """Find the c ≥ 0 that minimises the log loss of c times the raw scores.

    The loss is convex in c: its slope is E[z̄ − z_y] and its curvature the mean variance of z,
    both under softmax(cz). Newton's method within a bracket finds the root of the slope. Fitted
    on the rows it is judged on, one parameter over n rows: a measure, not a calibration.

    Parameters
    ----------
    raw : array of shape (K, n), or (1, n) for two classes
        Raw scores, intercepts included; a single row is the second class's, as logistic
        regression gives it.
    label_index : array of int, shape (n,)
        Class of each observation.
    sample_weight : array of shape (n,), optional

    Returns
    -------
    BestScale

    Raises
    ------
    InputError
        Raw scores that are not finite or of another shape, a label out of range, or unusable
        weights.

    References
    ----------
    1/c is the temperature of Guo, Pleiss, Sun and Weinberger (2017), arXiv:1706.04599.

    Examples
    --------
    Two rows of three are right, all equally far from the cut; the best say is p = 2/3:

    >>> import numpy as np
    >>> best = best_scale(np.array([[-4.0, 4.0, 4.0]]), np.array([0, 1, 0]))
    >>> print(f"{best.factor:.4f} {best.loss:.4f}")
    0.1733 0.6365
    """
    gap, weight = _gaps(raw, label_index, sample_weight)
    return BestScale(*best_multiplier(gap, weight))


def split_change(
    raw_before: FloatArray,
    raw_after: FloatArray,
    label_index: IntArray,
    sample_weight: ArrayLike | None = None,
) -> ScaleDirection:
    """Split the change of log loss between two models into scale and direction.

    Parameters
    ----------
    raw_before, raw_after : array of shape (K, n), or (1, n) for two classes
        Raw scores of the two models on the same observations; see `best_scale`.
    label_index : array of int, shape (n,)
    sample_weight : array of shape (n,), optional

    Returns
    -------
    ScaleDirection

    Raises
    ------
    InputError
        As in `best_scale`, or raw scores of two shapes.

    Examples
    --------
    Doubling every raw score changes the loss and nothing else:

    >>> import numpy as np
    >>> raw = np.array([[-1.0, 0.5, 2.0, 1.0]])
    >>> split = split_change(raw, 2 * raw, np.array([0, 1, 1, 0]))
    >>> print(f"{split.total:.4f} {split.scale:.4f} {abs(split.direction):.4f}")
    0.0894 0.0894 0.0000
    """
    if raw_before.shape != raw_after.shape:
        raise InputError(
            f"the raw scores have shapes {raw_before.shape} before and {raw_after.shape} after: "
            "pass two models of the same classes on the same rows."
        )
    return parted_change(
        scaled_losses(raw_before, label_index, sample_weight),
        scaled_losses(raw_after, label_index, sample_weight),
    )


def scaled_losses(
    raw: FloatArray, label_index: IntArray, sample_weight: ArrayLike | None = None
) -> ScaledLosses:
    """Log loss of every row as it is and with the raw scores at their best multiplier.

    Parameters and errors as in `best_scale`.

    Examples
    --------
    >>> losses = scaled_losses(np.array([[-4.0, 4.0, 4.0]]), np.array([0, 1, 0]))
    >>> losses.as_it_is.round(3).tolist(), losses.at_best.round(3).tolist()
    ([0.018, 0.018, 4.018], [0.405, 0.405, 1.099])
    """
    gap, weight = _gaps(raw, label_index, sample_weight)
    best = BestScale(*best_multiplier(gap, weight))
    return ScaledLosses(best, losses_at(gap, 1.0), losses_at(gap, best.factor), weight)


def parted_change(before: ScaledLosses, after: ScaledLosses) -> ScaleDirection:
    """`split_change` of two models whose losses are at hand."""
    weight = after.weight
    total = after.as_it_is - before.as_it_is
    told = after.at_best - before.at_best
    change, direction = float(weight @ total), after.best.loss - before.best.loss
    # What both models' rounding amounts to is no direction.
    if abs(direction) < 1e-12 * max(abs(before.best.loss), abs(after.best.loss)):
        direction, told = 0.0, np.zeros_like(told)
    return ScaleDirection(
        total=change,
        scale=change - direction,
        direction=direction,
        before=before.best,
        after=after.best,
        scale_interval=mean_interval(total - told, weight),
        direction_interval=mean_interval(told, weight),
    )


def _gaps(
    raw: FloatArray, label_index: IntArray, sample_weight: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    """Raw scores less the true class's, (K, n), and weights that sum to 1; rows of weight 0 go.

    Measured so, the loss is logsumexp(c·gap), and gap_y is 0.
    """
    scores = as_softmax_scores(raw)
    label = checked_label_index(label_index, scores)
    weight = checked_weights(sample_weight, label.size)
    kept = weight > 0
    if not kept.all():
        scores, label, weight = scores[:, kept], label[kept], weight[kept]
    return scores - scores[label, np.arange(label.size)], weight / weight.sum()
