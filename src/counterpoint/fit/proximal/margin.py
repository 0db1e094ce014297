"""The margin losses for compiled code.

But for the logistic loss each is a parabola of curvature c about m = 1 whose slope is cut off:
phi'(m) = clip(c (m - 1), -high, -low), with the range of its dual variable. So the numbers that
the loss's class states are all there is to it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba

from counterpoint.objective.losses.margin import Logistic, MarginLoss


class Margin(NamedTuple):
    """A loss of the margin as compiled code sees it."""

    logistic: bool
    curvature: float
    low: float
    high: float


def margin_of(loss: MarginLoss) -> Margin:
    """A loss's numbers."""
    return Margin(isinstance(loss, Logistic), loss.greatest_curvature, *loss.dual_range)


@numba.njit(cache=True, nogil=True)
def derivatives(loss: Margin, m: float) -> tuple[float, float]:
    """First and second derivative in the margin."""
    if loss.logistic:
        e = math.exp(-abs(m))
        share = 1.0 / (1.0 + e)
        return -(e * share if m >= 0.0 else share), e * share * share
    u = loss.curvature * (1.0 - m)
    if u < loss.low or u > loss.high:
        return -min(max(u, loss.low), loss.high), 0.0
    return -u, loss.curvature


@numba.njit(cache=True, nogil=True)
def value(loss: Margin, m: float) -> float:
    """The loss; by its conjugate u^2 / (2 c) - u where it is not the logistic one."""
    if loss.logistic:
        return math.log1p(math.exp(-abs(m))) - min(m, 0.0)
    u = min(max(loss.curvature * (1.0 - m), loss.low), loss.high)
    return u * (1.0 - m) - u * u / (2.0 * loss.curvature)


@numba.njit(cache=True, nogil=True)
def slack(loss: Margin, m: float, scale: float) -> float:
    """What the loss adds to a gap where u = -phi'(m) is scaled down: phi(m) + phi*(-su) + s u m."""
    if loss.logistic:
        u = -derivatives(loss, m)[0]
        # As in `Logistic.fenchel_gap`; u / (1 - u) is e^-m.
        fall = (1.0 - scale) * math.exp(min(-m, 700.0))
        return u * scale * math.log(scale) + (1.0 - scale * u) * math.log1p(fall)
    u = min(max(loss.curvature * (1.0 - m), loss.low), loss.high)
    return (1.0 - scale) * u * (1.0 - m - (1.0 + scale) * u / (2.0 * loss.curvature))
