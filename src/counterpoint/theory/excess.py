"""What a surrogate loss says of the 0-1 loss: the psi-transform of Bartlett, Jordan and McAuliffe.

For a convex loss phi of the margin with phi'(0) < 0, and over *all* functions,

    psi(R - R*) <= R_phi - R_phi*,    psi(theta) = phi(0) - H((1 + theta) / 2),

where R is the error rate, R_phi the expected loss, the star marks the least that any function has,
and H(q) is the least expected loss where the second class has probability q (2006, Journal of the
American Statistical Association 101, doi 10.1198/016214505000000907, theorem 1). A linear model is
not all functions: the bound then speaks of the distance to the best of all rules, not of all lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]


def psi(loss: Loss, theta: float) -> float:
    """Least excess loss of a rule whose error rate is ``theta`` above the least.

    Parameters
    ----------
    loss
        For two classes.
    theta
        From 0 to 1.

    Examples
    --------
    For log loss psi is ((1 + t) log(1 + t) + (1 - t) log(1 - t)) / 2:

    >>> from counterpoint.objective import loss_named
    >>> print(f"{psi(loss_named('log'), 0.5):.4f}")
    0.1308
    """
    shares = np.array([1.0 - theta, 1.0 + theta]) / 2.0
    # Rounding may leave a trifle below zero.
    return max(0.0, loss.bounds(2).uniform_guess - loss.base_rate_guess(shares))


def excess_error_bound(loss: Loss, excess: float) -> float:
    """Greatest excess error rate of a rule whose loss is ``excess`` above the least, 0 to 1.

    The inverse of `psi`.

    Examples
    --------
    >>> from counterpoint.objective import loss_named
    >>> print(f"{excess_error_bound(loss_named('log'), 0.1308):.3f}")
    0.500
    """
    if excess >= psi(loss, 1.0):
        return 1.0
    return float(brentq(lambda theta: psi(loss, theta) - excess, 0.0, 1.0, xtol=1e-12))


@dataclass(frozen=True)
class Least:
    """The least error rate and the least loss that any function at all has on some rows."""

    error: float
    loss: float


def least_of_any_rule(
    x: Array, label_index: npt.NDArray[np.intp], weight: Array, loss: Loss
) -> Least:
    """What rows that are equal and differ in class leave no rule at all.

    Parameters
    ----------
    x : array (n, features)
    label_index : array (n,) of 0 and 1
    weight : array (n,), positive

    Examples
    --------
    Two rows of one place and different classes: one is wrong, and the best guess there is even.

    >>> from counterpoint.objective import loss_named
    >>> x, y = np.array([[0.0], [0.0], [1.0], [2.0]]), np.array([0, 1, 1, 0])
    >>> least = least_of_any_rule(x, y, np.ones(4), loss_named("log"))
    >>> print(least.error, round(least.loss, 4))
    0.25 0.3466
    """
    _, place = np.unique(x, axis=0, return_inverse=True)
    place = place.reshape(-1)
    shares = np.stack(
        [np.bincount(place, np.where(label_index == c, weight, 0.0)) for c in (0, 1)], axis=1
    )
    mixed = shares[shares.min(axis=1) > 0.0]
    least = sum(float(row.sum()) * loss.base_rate_guess(row) for row in mixed)
    total = float(weight.sum())
    return Least(float(mixed.min(axis=1, initial=np.inf).sum()) / total, least / total)
