"""The scores of a probabilistic prediction, one tiny class each, and the registry of them.

A new score is one class here and one entry in `SCORES`; tables, intervals and the property tests
run over the registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np

from counterpoint.scores.arrays import FloatArray, IntArray

SMALLEST_PROBABILITY = float(np.finfo(np.float64).tiny)
"""Probabilities below this (2.2e-308) are scored by `LogLoss` as this: at most 708.4 a row."""


class Score(Protocol):
    """What a score knows of itself.

    Attributes
    ----------
    name : str
        Key in `SCORES` and in the column `quantity` of every table.
    label : str
        Name for people, as charts and sentences show it.
    greater_is_better : bool
        Direction of improvement.
    strictly_proper : bool
        Whether the expected score is best at the true probabilities and nowhere else.
    zero_one : bool
        Whether every observation scores 0 or 1, so that the mean is a proportion.
    least, greatest : float
        The range of the score of one observation.
    """

    name: str
    label: str
    greater_is_better: bool
    strictly_proper: bool
    zero_one: bool
    least: float
    greatest: float

    def per_observation(self, probability: FloatArray, label_index: IntArray) -> FloatArray:
        """Score each observation.

        Parameters
        ----------
        probability : array of shape (..., n, K)
            Predicted probabilities, one column a class; leading axes hold one model each.
        label_index : array of shape (n,)
            Column of the true class of each observation.

        Returns
        -------
        array of shape (..., n)
        """
        ...


class Accuracy:
    """Zero-one score: 1 where the most probable class is the true one, else 0.

    A tie goes to the first of the tied classes, as `numpy.argmax` and scikit-learn decide it.
    It is proper but not strictly: every prediction with the same most probable class is equal to
    it.

    References
    ----------
    Gneiting and Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation,
    doi:10.1198/016214506000001437, section 3.1 ("zero-one score").

    Examples
    --------
    >>> import numpy as np
    >>> probability = np.array([[0.51, 0.49], [0.9, 0.1]])
    >>> Accuracy().per_observation(probability, np.array([0, 1]))
    array([1., 0.])
    """

    name = "accuracy"
    label = "Accuracy"
    greater_is_better = True
    strictly_proper = False
    zero_one = True
    least = 0.0
    greatest = 1.0

    def per_observation(self, probability: FloatArray, label_index: IntArray) -> FloatArray:
        """Score each observation; see `Score.per_observation`."""
        hit: FloatArray = (np.argmax(probability, axis=-1) == label_index).astype(np.float64)
        return hit


class LogLoss:
    """Cross-entropy -ln p_y, natural logarithm; also logarithmic score, negative log-likelihood.

    p_y is clipped from below at `SMALLEST_PROBABILITY`, so that a prediction of exactly 0 for the
    class that came true costs 708.4 and the mean stays finite.

    References
    ----------
    Good (1952), Rational Decisions, doi:10.1111/j.2517-6161.1952.tb00104.x.

    Examples
    --------
    >>> import numpy as np
    >>> probability = np.array([[0.51, 0.49], [0.9, 0.1]])
    >>> LogLoss().per_observation(probability, np.array([0, 1])).round(4)
    array([0.6733, 2.3026])
    """

    name = "log_loss"
    label = "Log loss"
    greater_is_better = False
    strictly_proper = True
    zero_one = False
    least = 0.0
    greatest = float(-np.log(SMALLEST_PROBABILITY))

    def per_observation(self, probability: FloatArray, label_index: IntArray) -> FloatArray:
        """Score each observation; see `Score.per_observation`."""
        clipped = np.clip(_of_true_class(probability, label_index), SMALLEST_PROBABILITY, 1.0)
        # + 0.0 turns the -0.0 of a perfect prediction into 0.0.
        loss: FloatArray = -np.log(clipped) + 0.0
        return loss


class Brier:
    """Brier score sum_j (p_j - 1[j = y])², over all K classes, from 0 (perfect) to 2.

    For two classes this is twice the figure of those who sum over the positive class alone
    (scikit-learn's `brier_score_loss` with `scale_by_half=True`).

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability,
    Monthly Weather Review 78.

    Examples
    --------
    >>> import numpy as np
    >>> probability = np.array([[0.51, 0.49], [0.9, 0.1]])
    >>> Brier().per_observation(probability, np.array([0, 1])).round(4)
    array([0.4802, 1.62  ])
    """

    name = "brier"
    label = "Brier score"
    greater_is_better = False
    strictly_proper = True
    zero_one = False
    least = 0.0
    greatest = 2.0

    def per_observation(self, probability: FloatArray, label_index: IntArray) -> FloatArray:
        """Score each observation; see `Score.per_observation`."""
        of_true = _of_true_class(probability, label_index)
        # (1 - p_y)² + sum of the others' squares. The others' sum is |p|² - p_y², which cancels
        # near a perfect prediction: so the true class is set to zero before squaring.
        others = np.array(probability, dtype=np.float64)
        others[..., np.arange(label_index.size), label_index] = 0.0
        score: FloatArray = (1.0 - of_true) ** 2 + np.einsum("...k,...k->...", others, others)
        return score


def _of_true_class(probability: FloatArray, label_index: IntArray) -> FloatArray:
    of_true: FloatArray = probability[..., np.arange(label_index.size), label_index]
    return of_true


_ALL: tuple[Score, ...] = (Accuracy(), LogLoss(), Brier())

SCORES: Mapping[str, Score] = MappingProxyType({score.name: score for score in _ALL})
"""Every score by name, in the order in which tables show them."""
