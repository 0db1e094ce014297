"""Which mean losses go with which accuracies: for any predictor, and for a calibrated one.

Everything is exact for the distribution that is predicted; what a finite sample adds is in
`counterpoint.theory.sampling`. Accuracy is the share of rows whose class has the greatest output,
ties counted either way. Functions are vectorised over their first argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.theory.proper_losses import Array, ProperLoss, proper_loss_named

#: Halvings until an interval of accuracies is below float64's resolution.
_HALVINGS = 60


class Range(NamedTuple):
    """Ends of a closed range, arrays of one shape: infinite where there is no end.

    NaN where there is no such predictor.
    """

    low: Array
    high: Array


def reachable_losses(accuracy: npt.ArrayLike, loss: str, n_classes: int) -> Range:
    """Mean losses that some predictor with this accuracy has.

    A wrong prediction costs between ``wrong_least`` and ``maximum`` of the loss's bounds and a
    right one between ``minimum`` and ``right_greatest``; their mean takes every value between.

    Parameters
    ----------
    accuracy : array of shape (...)
        Between 0 and 1.
    loss
        A name in `PROPER_LOSSES`.
    n_classes
        At least 2.

    Returns
    -------
    Range
        ``high`` is infinite where the loss has no ceiling: log loss and binary cross-entropy of
        probabilities that are not clipped.

    Raises
    ------
    InputError
        An accuracy outside [0, 1], an unknown loss, or fewer than two classes.

    Examples
    --------
    >>> low, high = reachable_losses(0.7341, "quadratic", 10)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.066 to 4.633
    """
    share, kind = _checked_accuracy(accuracy), _checked(loss, n_classes)
    bounds = kind.bounds(n_classes)
    low = share * bounds.minimum + (1.0 - share) * bounds.wrong_least
    high = _times(share, bounds.right_greatest) + _times(1.0 - share, bounds.maximum)
    return Range(low, high)


def calibrated_losses(accuracy: npt.ArrayLike, loss: str, n_classes: int) -> Range:
    """Mean losses that some calibrated predictor with this accuracy has.

    The greatest spreads each error rate e evenly over the other classes: φ(1 - e) + (K - 1)
    φ(e/(K - 1)), for log loss Fano's h(e) + e ln(K - 1). The least holds k or k + 1 classes
    equally likely and the rest impossible, so it is linear between the accuracies 1/k and
    1/(k + 1): for log loss Feder and Merhav (1994), doi:10.1109/18.272494; for the Brier score
    Cover and Hart (1967), doi:10.1109/TIT.1967.1053964.

    Parameters
    ----------
    accuracy, loss, n_classes
        As in `reachable_losses`.

    Returns
    -------
    Range
        NaN where the accuracy is below 1/K: a calibrated predictor's is not.

    Examples
    --------
    >>> low, high = calibrated_losses(0.7826, "log", 2)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.301 to 0.524
    """
    share, kind = _checked_accuracy(accuracy), _checked(loss, n_classes)
    possible = share >= 1.0 / n_classes
    within = np.where(possible, share, 1.0)
    low = np.where(possible, _calibrated_least(within, kind, n_classes), np.nan)
    high = np.where(possible, _calibrated_greatest(within, kind, n_classes), np.nan)
    return Range(low, high)


def accuracy_forced(
    loss_value: npt.ArrayLike, loss: str, n_classes: int, samples: int | None = None
) -> Range:
    """Accuracies that some predictor with this mean loss has: what the loss alone forces.

    Parameters
    ----------
    loss_value : array of shape (...)
    loss, n_classes
        As in `reachable_losses`.
    samples
        Number of predictions that the mean is over, where known: errors are then whole.

    Returns
    -------
    Range
        NaN where no predictor has this loss.

    Examples
    --------
    Cross-entropies that sum to 4.5 over ten rows leave room for six errors:

    >>> low, high = accuracy_forced(0.45, "log", 2, samples=10)
    >>> print(f"{low:.2f} to {high:.2f}")
    0.40 to 1.00
    """
    kind = _checked(loss, n_classes)
    bounds = kind.bounds(n_classes)
    value = np.asarray(loss_value, dtype=np.float64)
    most = np.minimum(1.0, (value - bounds.minimum) / (bounds.wrong_least - bounds.minimum))
    least = np.zeros_like(value)
    if np.isfinite(bounds.maximum):
        excess = value - bounds.right_greatest
        least = np.maximum(0.0, excess / (bounds.maximum - bounds.right_greatest))
    if samples is not None:
        # A mean is known to rounding only: 1e-9 of an error is none, nor is 1e-12 of a loss.
        most = np.floor(most * samples + 1e-9) / samples
        least = np.ceil(least * samples - 1e-9) / samples
        # Without a ceiling a single error can cost the whole excess.
        some = value > bounds.right_greatest * (1.0 + 1e-12)
        least = np.where(some, np.maximum(least, 1.0 / samples), least)
    possible = (value >= bounds.minimum) & (value <= bounds.maximum) & (least <= most)
    low = np.where(possible, 1.0 - most, np.nan)
    high = np.where(possible, 1.0 - least, np.nan)
    return Range(low, high)


def calibrated_accuracies(loss_value: npt.ArrayLike, loss: str, n_classes: int) -> Range:
    """Accuracies that some calibrated predictor with this mean loss has.

    Parameters
    ----------
    loss_value, loss, n_classes
        As in `accuracy_forced`.

    Returns
    -------
    Range
        NaN where no calibrated predictor has this loss: below zero, or above the uniform guess's.

    Examples
    --------
    >>> low, high = calibrated_accuracies(0.4577, "log", 2)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.670 to 0.829
    """
    kind = _checked(loss, n_classes)
    value = np.asarray(loss_value, dtype=np.float64)
    greatest = kind.even_guess(n_classes)
    # The even guess's loss, typed or averaged, is a rounding above it at times.
    possible = (value >= 0.0) & (value <= greatest * (1.0 + 1e-12))
    low = _accuracy_where(_calibrated_least, value, kind, n_classes)
    high = _accuracy_where(_calibrated_greatest, value, kind, n_classes)
    return Range(np.where(possible, low, np.nan), np.where(possible, high, np.nan))


def _calibrated_least(accuracy: Array, kind: ProperLoss, n_classes: int) -> Array:
    """Least loss of a calibrated predictor, for accuracies from 1/K to 1."""
    k = np.clip(np.floor(1.0 / accuracy), 1.0, n_classes - 1.0)
    at_k, at_next = (kind.entropy_of_equals(count, n_classes) for count in (k, k + 1.0))
    share = k * (k + 1.0) * (1.0 / k - accuracy)
    return np.asarray(at_k + (at_next - at_k) * share)


def _calibrated_greatest(accuracy: Array, kind: ProperLoss, n_classes: int) -> Array:
    """Greatest loss of a calibrated predictor, for accuracies from 1/K to 1."""
    others = n_classes - 1.0
    term = kind.entropy_term
    return np.asarray(
        term(accuracy, n_classes) + others * term((1.0 - accuracy) / others, n_classes)
    )


def _accuracy_where(
    curve: Callable[[Array, ProperLoss, int], Array], value: Array, kind: ProperLoss, n_classes: int
) -> Array:
    """The accuracy at which a falling curve takes a value, by halving."""
    low, high = np.full_like(value, 1.0 / n_classes), np.ones_like(value)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        above = curve(middle, kind, n_classes) > value
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2.0


def _times(share: Array, value: float) -> Array:
    """Share times value, where none of an infinite value is zero."""
    return np.asarray(share * np.where(share > 0.0, value, 0.0))


def _checked(loss: str, n_classes: int) -> ProperLoss:
    if n_classes != int(n_classes) or n_classes < 2:
        raise InputError(f"the number of classes is {n_classes}: it must be a whole number from 2.")
    return proper_loss_named(loss)


def _checked_accuracy(accuracy: npt.ArrayLike) -> Array:
    share = np.asarray(accuracy, dtype=np.float64)
    bad = ~((share >= 0.0) & (share <= 1.0))  # NaN fails both
    if bad.any():
        raise InputError(f"an accuracy is {share[bad].flat[0]:g}: pass a fraction between 0 and 1.")
    return share
