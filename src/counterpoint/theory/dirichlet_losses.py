"""Which law the loss of a Dirichlet prediction has, given the true class's probability or not."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.theory.laws import Brier, BrierGivenTruth, Law, LogLoss, PointLaw
from counterpoint.theory.square_sum import SquareSum

Array = npt.NDArray[np.float64]

#: Losses of a distribution over the classes; the others are of outputs that sum to nothing fixed.
LAWFUL = ("log", "brier", "squared")
#: Concentrations that the numeric parts are tested for.
_LEAST, _MOST = 0.01, 1e5


def loss_law(
    loss: str, concentration: npt.ArrayLike, t: float | None = None, label: int = 0
) -> Law:
    """The law of one prediction's loss where predictions are Dirichlet(a_1, …, a_K).

    Given that the true class has probability t, what the others have of the rest is Dirichlet too,
    without the true class's a, and independent of t. So the Brier score is (1 - t)²(1 + S), S
    being the sum of their squared shares; the log loss is -ln t and nothing else.

    Parameters
    ----------
    loss
        ``"log"``, ``"brier"``, or ``"squared"``, the Brier score over K.
    concentration : array of shape (K,)
        a_1 … a_K, from 0.01 to 1e5. All 1: every prediction is equally likely.
    t
        Probability of the true class; without it, it has its own law, Beta(a_y, Σ others).
    label
        Which class is true, from 0.

    Returns
    -------
    Law
        Mean and variance are exact, probabilities to 1e-6, and exact for up to three classes given
        t and for log loss. Concentrations near 0.01 put much of the probability within 1e-8 of the
        greatest loss; there the distribution function leaps, and 1e-6 is not promised.

    Raises
    ------
    InputError
        A loss without such a law, a concentration, t or label out of range.

    Examples
    --------
    Three classes, all predictions equally likely: P(S <= s) = √(2s - 1).

    >>> law = loss_law("brier", [1.0, 1.0, 1.0], t=0.2)
    >>> float(law.cdf(0.64 * 1.625).round(6)), float(law.quantile(0.5).round(6))
    (0.5, 1.04)

    The same without t: its mean is E[(1 - t)²]·(1 + 2/3), where t ~ Beta(1, 2).

    >>> round(loss_law("brier", [1.0, 1.0, 1.0]).mean(), 6)
    0.833333
    """
    a = checked_concentration(concentration)
    if loss not in LAWFUL:
        raise InputError(
            f"loss {loss!r} has no law over Dirichlet predictions; choose one of "
            f"{', '.join(LAWFUL)}."
        )
    true = checked_label(label, len(a))
    own, others = float(a[true]), np.delete(a, true)
    scale = 1.0 / len(a) if loss == "squared" else 1.0
    if t is None:
        total = float(others.sum())
        return LogLoss(own, total) if loss == "log" else Brier(SquareSum(others), own, total, scale)
    truth = checked_truth(t)
    if loss == "log":
        return PointLaw(-math.log(truth) if truth > 0.0 else math.inf)
    scale *= (1.0 - truth) ** 2
    if truth == 1.0 or len(a) == 2:
        return PointLaw(2.0 * scale)
    return BrierGivenTruth(_spread(tuple(others)), scale)


@lru_cache(maxsize=8)
def _spread(concentration: tuple[float, ...]) -> SquareSum:
    """Kept, as the same one serves every t."""
    return SquareSum(np.array(concentration))


def loss_envelope(loss: str, t: npt.ArrayLike, n_classes: int) -> tuple[Array, Array]:
    """Least and greatest loss of any prediction that gives the true class probability t.

    The Brier score is least where the other classes share 1 - t evenly, (1 - t)²(1 + 1/(K - 1)),
    and greatest where one has it all, 2(1 - t)². The log loss is -ln t.

    Examples
    --------
    >>> low, high = loss_envelope("brier", 0.5, 10)
    >>> print(f"{low:.4f} to {high:.4f}")
    0.2778 to 0.5000
    """
    truth = np.asarray(t, dtype=np.float64)
    if loss == "log":
        with np.errstate(divide="ignore"):
            value = -np.log(truth)
        return value, value
    scale = (1.0 - truth) ** 2 / (n_classes if loss == "squared" else 1)
    return scale * (1.0 + 1.0 / (n_classes - 1)), 2.0 * scale


def checked_concentration(concentration: npt.ArrayLike) -> Array:
    """Concentrations a_1 … a_K as an array.

    Raises
    ------
    InputError
        Fewer than two, or one that is not from 0.01 to 1e5.
    """
    try:
        a = np.asarray(concentration, dtype=np.float64)
    except (TypeError, ValueError):
        a = np.empty(0)
    if a.ndim != 1 or len(a) < 2:
        raise InputError(
            f"concentration is {concentration!r}: it must be a list of numbers, one a class."
        )
    bad = ~((a >= _LEAST) & (a <= _MOST))  # NaN fails both
    if bad.any():
        raise InputError(
            f"a concentration is {a[bad][0]:g}: it must be from {_LEAST:g} to {_MOST:g}."
        )
    return a


def checked_label(label: int, n_classes: int) -> int:
    """The true class.

    Raises
    ------
    InputError
        It is not from 0 to K - 1.
    """
    if label not in range(n_classes):
        raise InputError(f"label is {label!r}: it must be from 0 to {n_classes - 1}.")
    return int(label)


def checked_truth(t: float) -> float:
    """The true class's probability.

    Raises
    ------
    InputError
        It is not from 0 to 1.
    """
    try:
        truth = float(t)
    except (TypeError, ValueError):
        truth = math.nan
    if not 0.0 <= truth <= 1.0:
        raise InputError(f"t is {t!r}: the true class's probability must be from 0 to 1.")
    return truth
