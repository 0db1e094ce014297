"""Wilson's score interval of a share, in closed form and without SciPy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.scores.arrays import FloatArray

#: The normal distribution's quantile of 0.975, for intervals of 95%.
NORMAL_975 = 1.959963984540054


def wilson_ends(
    share: npt.ArrayLike, n: float, quantile: float = NORMAL_975
) -> tuple[FloatArray, FloatArray]:
    """Ends of Wilson's interval (1927, doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    share : array of shape (...)
        Successes by observations.
    n
        Observations.
    quantile
        Of the normal distribution.

    Returns
    -------
    low, high : array of shape (...)
        Inside [0, 1], the share between them.

    Examples
    --------
    >>> low, high = wilson_ends(0.9, 10)
    >>> print(f"{low:.4f} to {high:.4f}")
    0.5958 to 0.9821
    """
    p = np.asarray(share, dtype=np.float64)
    shrink = 1.0 + quantile**2 / n
    middle = (p + quantile**2 / (2 * n)) / shrink
    half = quantile * np.sqrt(p * (1.0 - p) / n + (quantile / (2 * n)) ** 2) / shrink
    # At 0 and 1 the end is exact in theory; rounding must not push the share out of its interval.
    low = np.minimum(np.maximum(middle - half, 0.0), p)
    high = np.maximum(np.minimum(middle + half, 1.0), p)
    return np.asarray(low), np.asarray(high)
