"""Two dimensions: the best direction by a sweep over half a turn."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def least_on_arcs(
    x: Array, y: Array, noise: Array, weight: Array
) -> tuple[float, float, float]:  # pragma: no cover - compiled
    """Find the direction w in the plane with the least weight of vectors v for which w·v <= 0.

    As w turns, a vector changes sides where w is perpendicular to it. Between two such angles is
    an arc on which nothing changes; the opposite arc has every vector on its other side.

    Parameters
    ----------
    x, y : array (m,)
        The vectors. One no longer than its noise counts neither way.
    noise : array (m,)
        How far each coordinate may be off by rounding. An arc that is narrower than what rounding
        leaves open is no arc: its ends are one angle.
    weight : array (m,)

    Returns
    -------
    (float, float, float)
        The least weight, and the direction in the middle of its arc: infinite, where there is no
        arc.
    """
    m = len(x)
    angle, width = np.empty(m), np.empty(m)
    bx, by = np.empty(m), np.empty(m)
    change, total, loss, k = np.empty(m), 0.0, 0.0, 0
    for i in range(m):
        length = abs(x[i]) + abs(y[i])
        if length <= 2.0 * noise[i]:
            continue
        # The direction at a right angle, in the upper half: there w·v changes its sign.
        turned = x[i] < 0.0 or (x[i] == 0.0 and y[i] > 0.0)
        if turned:
            bx[k], by[k] = y[i] / length, -x[i] / length
            loss += weight[i]
            change[k] = -weight[i]
        else:
            bx[k], by[k] = -y[i] / length, x[i] / length
            change[k] = weight[i]
        # Grows with the angle, from 0 to 2 over half a turn, without trigonometry.
        angle[k] = 1.0 - bx[k]
        width[k] = 2.0 * noise[i] / length + 4e-16
        total += weight[i]
        k += 1
    best, wx, wy = np.inf, 1.0, 0.0
    order = np.argsort(angle[:k])
    for at in range(k):
        i = order[at]
        loss += change[i]
        last = at == k - 1
        j = order[0] if last else order[at + 1]
        gap = angle[j] - angle[i] + (2.0 if last else 0.0)
        if gap <= width[i] + width[j]:
            continue
        least = min(loss, total - loss)
        if least < best:
            best = least
            side = -1.0 if total - loss < loss else 1.0
            end = -1.0 if last else 1.0
            wx, wy = _middle(bx[i], by[i], end * bx[j], end * by[j])
            wx, wy = side * wx, side * wy
    return best, wx, wy


@numba.njit(cache=True, nogil=True)
def _middle(
    ax: float, ay: float, bx: float, by: float
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Direction in the middle between two, from the first anticlockwise to the second."""
    a, b = np.hypot(ax, ay), np.hypot(bx, by)
    ax, ay, bx, by = ax / a, ay / a, bx / b, by / b
    if ax * bx + ay * by >= 0.0:
        x, y = ax + bx, ay + by
    else:  # the difference at a right angle: the sum of two nearly opposite ones says nothing
        x, y = by - ay, ax - bx
    length = np.hypot(x, y)
    return x / length, y / length
