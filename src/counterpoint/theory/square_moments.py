"""Mean and variance of S = Σ q_j² for q ~ Dirichlet(a), in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def square_moments(a: Array) -> tuple[float, float]:
    """E[S] and var S, from the Dirichlet's moments E[q_j²], E[q_i² q_j²] and E[q_j⁴].

    With c = a(a + 1), A the sum of all a and d = a(a + 1)(a + 2)(a + 3) = c² + c(4a + 6),
    E[S] = Σc / (A(A + 1)) and E[S²] = ((Σc)² + Σ(d - c²)) / (A(A + 1)(A + 2)(A + 3)).

    Parameters
    ----------
    a : array of shape (m,)

    Examples
    --------
    >>> mean, variance = square_moments(np.ones(2))  # S = 1/2 + 2(q - 1/2)², q uniform
    >>> round(mean, 6), round(45 * 4 * variance, 6)
    (0.666667, 4.0)
    """
    if len(a) == 1:
        return 1.0, 0.0
    total = float(a.sum())
    c = a * (a + 1.0)
    two, four = total * (total + 1.0), (total + 2.0) * (total + 3.0)
    # The difference E[S²] - E[S]² over a common denominator: fewer digits cancel.
    own, common = (c * (4.0 * a + 6.0)).sum(), c.sum() ** 2 / two * (4.0 * total + 6.0)
    return float(c.sum() / two), float(max((own - common) / (two * four), 0.0))
