"""What a finite sample adds: how far a mean loss may lie from its expectation by chance.

Only the mean is known, not the losses that it is made of, so their spread is bounded: by the
range of the loss where it has a ceiling, and where it has none by what a calibrated predictor's
losses can spread. A predictor that is not calibrated may have any spread then.
"""

from __future__ import annotations

import math

from counterpoint.theory.proper_losses import proper_loss_named


def greatest_deviation(mean: float, accuracy: float, loss: str, n_classes: int) -> float:
    """Greatest standard deviation of one row's loss, given its mean and the accuracy.

    For a loss with a ceiling, of any predictor: as large a part of the mean as can be lies at the
    ceiling of the wrong rows, then at that of the right ones (Bhatia and Davis 2000,
    doi:10.1080/00029890.2000.12005203, for each part). Else of a calibrated predictor.

    Parameters
    ----------
    mean
        A mean loss that goes with this accuracy.
    accuracy
        Between 0 and 1.
    loss, n_classes
        As in `counterpoint.theory.region.reachable_losses`.

    Returns
    -------
    float

    Examples
    --------
    >>> sd = greatest_deviation(0.4577, 0.7826, "log", 2)
    >>> print(f"{sd:.3f}, so a standard error of at most {sd / 1000**0.5:.4f} over 1,000 rows")
    0.662, so a standard error of at most 0.0209 over 1,000 rows
    """
    kind = proper_loss_named(loss)
    if kind.greatest_square is not None:
        square = kind.greatest_square(accuracy, n_classes)
    else:
        bounds = kind.bounds(n_classes)
        wrong = 1.0 - accuracy
        excess = max(0.0, mean - wrong * bounds.wrong_least - accuracy * bounds.minimum)
        square = wrong * bounds.wrong_least**2 + accuracy * bounds.minimum**2
        for share, low, high in (
            (wrong, bounds.wrong_least, bounds.maximum),
            (accuracy, bounds.minimum, bounds.right_greatest),
        ):
            taken = min(excess, share * (high - low))
            square += taken * (high + low)  # (high² - low²) / (high - low) a unit of the mean
            excess -= taken
    return math.sqrt(max(square - mean**2, 0.0))
