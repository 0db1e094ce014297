"""A step of a chain: how far to go along a direction, and the curvature that it meets."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.fit.newton import CUT_SHORT
from counterpoint.fit.proximal.margin import Margin, derivatives
from counterpoint.fit.proximal.view import View, add_scores

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Slope that a step may leave, as a share of that at its start.
LEFT = 0.3


class Fit(NamedTuple):
    """Where a chain is; the arrays change in place.

    Attributes
    ----------
    w : array (width,)
    z, residual, curvature : array (n,)
        Raw scores, and derivatives of the data loss in them.
    met : array (n,)
        Curvature that steps which were cut short have met, as `counterpoint.fit.newton` holds it.
    slope : array (width,)
        Gradient of the data loss; of columns that are not watched, as it was.
    """

    w: Array
    z: Array
    residual: Array
    curvature: Array
    met: Array
    slope: Array


@numba.njit(cache=True, nogil=True)
def look(view: View, loss: Margin, z: Array, fit: Fit) -> None:
    """Derivatives of the data loss in the scores."""
    for i in range(len(z)):
        slope, bend = derivatives(loss, view.target[i] * z[i])
        fit.residual[i] = view.weight[i] * view.target[i] * slope
        fit.curvature[i] = view.weight[i] * max(bend, fit.met[i])


@numba.njit(cache=True, nogil=True)
def search(
    view: View, loss: Margin, fit: Fit, columns: Index, direction: Array, l1: float, ridge: float
) -> float:
    """Go along a direction to where the objective hardly falls; returns how far."""
    dz = np.zeros(len(fit.z))
    add_scores(view, columns, direction, dz)
    start, free = fit.w[columns], columns == len(fit.w) - 1
    first = float(fit.residual @ dz) + _lean(start, direction, 0.0, free, l1, ridge)
    if not first < 0.0:
        return 0.0
    length, low, high, slope_low, z = 1.0, 0.0, 1.0, first, fit.z
    for _ in range(30):
        z = fit.z + length * dz
        look(view, loss, z, fit)
        here = float(fit.residual @ dz) + _lean(start, direction, length, free, l1, ridge)
        if here <= -LEFT * first and (length == 1.0 or here >= 3.0 * LEFT * first):
            break
        if here <= 0.0:
            low, slope_low = length, here
            length = 0.5 * (low + high)
        else:
            high = length
            # By secant, well inside the bracket.
            ahead = slope_low / (slope_low - here)
            length = low + min(max(ahead, 0.05), 0.9) * (high - low)
    if not loss.logistic:
        hold_curvature(view, loss, fit, dz, length)
        look(view, loss, z, fit)
    fit.z[:] = z
    fit.w[columns] = start + length * direction
    return length


@numba.njit(cache=True, nogil=True)
def hold_curvature(view: View, loss: Margin, fit: Fit, dz: Array, length: float) -> None:
    """Hold the mean curvature along a step that was cut short; else let go of what was held."""
    for i in range(len(dz)):
        if length >= CUT_SHORT:
            fit.met[i] = 0.1 * fit.met[i] if fit.met[i] > 1e-6 else 0.0
            continue
        fit.met[i] *= 0.5
        if dz[i] != 0.0:
            y = view.target[i]
            start = derivatives(loss, y * fit.z[i])[0]
            end = derivatives(loss, y * (fit.z[i] + dz[i]))[0]
            fit.met[i] = max(fit.met[i], y * (end - start) / dz[i])


@numba.njit(cache=True, nogil=True)
def _lean(
    start: Array,
    direction: Array,
    length: float,
    free: npt.NDArray[np.bool_],
    l1: float,
    ridge: float,
) -> float:
    """The penalty's slope along a direction: at its start to the right, elsewhere to the left."""
    total = 0.0
    for a in range(len(start)):
        if free[a]:
            continue
        here, by = start[a] + length * direction[a], direction[a]
        if here == 0.0:
            total += l1 * (abs(by) if length == 0.0 else -abs(by))
        else:
            total += l1 * by * np.sign(here)
        total += ridge * here * by
    return total
