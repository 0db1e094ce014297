"""Quantiles of a law from its distribution function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError

Array = npt.NDArray[np.float64]

#: Halvings of the support until it is below float64's resolution.
_HALVINGS = 55


def checked_probability(p: npt.ArrayLike) -> Array:
    """Probabilities as an array.

    Raises
    ------
    InputError
        One is outside [0, 1], or not a number.
    """
    probability = np.asarray(p, dtype=np.float64)
    bad = ~((probability >= 0.0) & (probability <= 1.0))  # NaN fails both
    if bad.any():
        raise InputError(
            f"a probability is {probability[bad].flat[0]:g}: a quantile needs one between 0 and 1."
        )
    return probability


def invert(cdf: Callable[[Array], Array], p: npt.ArrayLike, support: tuple[float, float]) -> Array:
    """The least x in a bounded support with cdf(x) >= p, by halving.

    Examples
    --------
    >>> float(invert(np.square, 0.25, (0.0, 1.0)))
    0.5
    """
    probability = checked_probability(p)
    low = np.full_like(probability, support[0])
    high = np.full_like(probability, support[1])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        enough = cdf(middle) >= probability
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    inside = np.where(probability == 0.0, support[0], high)
    return np.where(probability == 1.0, support[1], inside)
