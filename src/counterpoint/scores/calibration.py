"""Probabilities for a loss that has no probability link, by calibration on held-out rows.

The raw scores z become softmax(a·z_k + b_k): one scale for all, one offset a class. For two
classes this is Platt's sigmoid(a·z + b).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from counterpoint.errors import InputError
from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.cross_entropy import minimise
from counterpoint.scores.inputs import (
    as_softmax_scores,
    checked_fold,
    checked_label_index,
    checked_weights,
)


@dataclass(frozen=True)
class Calibration:
    """Raw scores to probabilities: softmax(scale·z_k + offset_k).

    Attributes
    ----------
    scale : float
        Negative where the raw scores rank the classes the wrong way round.
    offset : array of shape (K,)
        The first is 0.
    """

    scale: float
    offset: FloatArray

    def probability(self, raw: FloatArray) -> FloatArray:
        """Probabilities of shape (n, K) for raw scores of shape (K, n), or (1, n) where K = 2."""
        logits = self.scale * as_softmax_scores(raw) + self.offset[:, np.newaxis]
        calibrated: FloatArray = softmax(logits, axis=0).T
        return calibrated


def fit_calibration(
    raw: FloatArray, label_index: IntArray, sample_weight: ArrayLike | None = None
) -> Calibration:
    """Fit the scale and the offsets on raw scores of rows the model was not trained on.

    Newton's method on a convex loss in K parameters. The targets are Platt's: a class with n_k
    rows aims at (n_k + 1)/(n_k + 2) and not at 1, which keeps the parameters finite on separable
    rows; for K > 2 the other classes share the rest equally.

    Parameters
    ----------
    raw : array of shape (K, n), or (1, n) for two classes
        A single row is the score of the second class.
    label_index : array of int, shape (n,)
    sample_weight : array of shape (n,), optional

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        Raw scores that are not finite or of another shape, a label out of range, or unusable
        weights.

    References
    ----------
    Platt (1999), Probabilistic Outputs for Support Vector Machines; Guo, Pleiss, Sun and
    Weinberger (2017), arXiv:1706.04599, for one scale shared by K classes.

    Examples
    --------
    A score of ±1 that is right on 98 rows of 100 either way; with targets 101/102 and 1/102,
    sigmoid(a) is (98·101/102 + 2/102)/100:

    >>> import numpy as np
    >>> raw = np.where(np.arange(200) < 100, -1.0, 1.0)[np.newaxis]
    >>> label = (np.arange(200) >= 100) ^ (np.arange(200) % 50 == 0)
    >>> fitted = fit_calibration(raw, label.astype(int))
    >>> print(f"{fitted.scale:.4f} {np.log(0.9705882353 / 0.0294117647):.4f}")
    3.4965 3.4965
    """
    return fit_calibrations([raw], label_index, sample_weight)[0]


def fit_calibrations(
    raw: Iterable[FloatArray], label_index: IntArray, sample_weight: ArrayLike | None = None
) -> list[Calibration]:
    """`fit_calibration` for several models of the same rows, each started from the one before.

    Parameters
    ----------
    raw : arrays of shape (K, n), or (1, n)
        Neighbours should be alike, as they are along a path of strengths: then three Newton steps
        do for each instead of a dozen.
    label_index, sample_weight
        As in `fit_calibration`.

    Returns
    -------
    list of Calibration

    Examples
    --------
    >>> import numpy as np
    >>> raw, label = np.array([[-1.0, 1.0, -2.0, 3.0]]), np.array([0, 1, 1, 1])
    >>> [round(c.scale, 3) for c in fit_calibrations([raw, 2 * raw], label)]
    [0.19, 0.095]
    """
    fitted: list[Calibration] = []
    parameters = target = weight = np.empty(0)
    for one in raw:
        scores = as_softmax_scores(one)
        if not fitted:
            label = checked_label_index(label_index, scores)
            weight = checked_weights(sample_weight, label.size)
            weight = weight / weight.sum()
            target = _platt_targets(label, weight * label.size, scores.shape[0])
            parameters = np.zeros(scores.shape[0])
        # Softmax ignores a row's mean and the offsets absorb a class's; the fit sees neither.
        centred = scores - scores.mean(axis=0)
        middle = centred.mean(axis=1)
        centred -= middle[:, np.newaxis]
        # In units of their spread neighbours are alike even where a penalty shrinks them all.
        spread = float(np.abs(centred).mean()) or 1.0
        centred /= spread
        parameters = minimise(centred, target, weight, parameters)
        scale = parameters[0] / spread
        offset = np.append(0.0, parameters[1:]) - scale * middle
        fitted.append(Calibration(scale=float(scale), offset=offset - offset[0]))
    return fitted


def cross_fitted_probabilities(
    raw: FloatArray,
    label_index: IntArray,
    fold: IntArray | None,
    n_classes: int,
    sample_weight: ArrayLike | None = None,
) -> FloatArray:
    """Calibrate held-out raw scores without letting a row's fold judge itself.

    Each fold's rows get the calibration fitted on all other folds' held-out raw scores.

    Parameters
    ----------
    raw : array of shape (K, n), or (1, n) for two classes
        Raw scores, each from a model that did not train on its row.
    label_index : array of int, shape (n,)
    fold : array of int, shape (n,), or None
        The fold in which each row was held out. With None or one fold only (a test set), the
        rows are split in two halves: each class's rows in turn, in the order given.
    n_classes : int
        K.
    sample_weight : array of shape (n,), optional

    Returns
    -------
    array of shape (n, K)

    Raises
    ------
    InputError
        As in `fit_calibration`; raw scores of another number of classes; or a single row.

    Examples
    --------
    >>> import numpy as np
    >>> raw = np.array([[-3.0, -2.0, -1.0, 1.0, 2.0, 3.0]])
    >>> probability = cross_fitted_probabilities(
    ...     raw, np.array([0, 0, 1, 0, 1, 1]), np.array([0, 1, 2, 0, 1, 2]), 2
    ... )
    >>> probability.shape, probability.sum(axis=1).round(12).tolist()
    ((6, 2), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    """
    scores = as_softmax_scores(raw)
    if scores.shape[0] != n_classes:
        raise InputError(
            f"the raw scores have {raw.shape[0]} rows for {n_classes} classes: "
            "pass one row a class, or a single row for two classes."
        )
    label = checked_label_index(label_index, scores)
    weight = checked_weights(sample_weight, label.size)
    fold = calibration_folds(label, fold)
    probability = np.empty((label.size, n_classes))
    for held_out in np.unique(fold):
        inside = fold == held_out
        if inside.all():
            raise InputError("there is one held-out row only: calibration needs at least two.")
        fitted = fit_calibration(scores[:, ~inside], label[~inside], weight[~inside])
        probability[inside] = fitted.probability(scores[:, inside])
    return probability


def calibration_folds(label_index: IntArray, fold: IntArray | None) -> IntArray:
    """Folds whose rows are calibrated on the rows of all others, shape (n,).

    Those given, or two halves where there are none or there is only one; see
    `cross_fitted_probabilities`.

    Examples
    --------
    >>> import numpy as np
    >>> calibration_folds(np.array([0, 0, 1, 1]), None)
    array([0, 1, 0, 1])
    """
    if fold is None or np.unique(checked_fold(fold, label_index.size)).size == 1:
        return _halves(label_index)
    return fold


def _halves(label: IntArray) -> IntArray:
    # By class, so that a class of two rows is in both. That each half then tells the other its
    # classes' shares is worth (K - 1)/n of the log loss or so: a class unseen would cost far more.
    half = np.empty(label.size, dtype=np.int64)
    half[np.argsort(label, kind="stable")] = np.arange(label.size) % 2
    return half


def _platt_targets(label: IntArray, weight: FloatArray, n_classes: int) -> FloatArray:
    """Target distributions, shape (K, n); `weight` sums to n."""
    count = np.bincount(label, weight, minlength=n_classes)[label]
    target = np.tile(1.0 / ((count + 2.0) * (n_classes - 1)), (n_classes, 1))
    target[label, np.arange(label.size)] = (count + 1.0) / (count + 2.0)
    return target
