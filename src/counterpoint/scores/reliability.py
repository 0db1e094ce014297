"""How often what was forecast came true: the CORP reliability diagram, with a consistency band.

Dimitriadis, Gneiting and Jordan (2021), doi:10.1073/pnas.2016191118. The curve is the isotonic fit
of outcomes on forecasts: no bins to choose. The band holds 95% of the curves, point by point, that
calibrated forecasts would give on as many rows (Bröcker and Smith 2007, doi:10.1175/WAF993.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.isotonic import isotonic_values, rank

GROUPS = 500
"""Groups of neighbouring forecasts that curve and band are drawn through, at most."""
DRAWS = 400
"""Sets of outcomes drawn for the band."""
BINS = 20
"""Bars that show where the forecasts lie."""


@dataclass(frozen=True)
class Reliability:
    """A reliability curve, its consistency band, and where the forecasts lie.

    Attributes
    ----------
    forecast, observed : array of shape (points,)
        The curve: share of events among rows with such a forecast.
    low, high : array of shape (points,)
        The band at those forecasts: 95% of calibrated forecasts' curves lie within.
    bars : array of shape (BINS,)
        Share of the rows' weight in each of `BINS` equal parts of [0, 1].
    """

    forecast: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    bars: FloatArray

    @property
    def outside(self) -> float:
        """Share of the curve's points that lie outside the band."""
        inside = (self.low <= self.observed) & (self.observed <= self.high)
        return float(1.0 - inside.mean())


def reliability(
    forecast: FloatArray, event: FloatArray, weight: FloatArray, seed: int = 0
) -> Reliability:
    """Reliability of forecasts of one event.

    Parameters
    ----------
    forecast : array of shape (n,)
        Probabilities.
    event : array of shape (n,)
        1 where it happened, else 0.
    weight : array of shape (n,)
        Above 0.
    seed : int
        For the draws of the band.

    Returns
    -------
    Reliability

    Examples
    --------
    Forecasts of 0.9 that come true three times in four:

    >>> curve = reliability(np.repeat([0.1, 0.9], 40), np.r_[np.zeros(40), [1, 1, 1, 0] * 10],
    ...                     np.ones(80))
    >>> curve.observed.round(2).tolist(), curve.high.round(2).tolist()
    ([0.0, 0.75], [0.2, 0.98])
    """
    ranked = rank(forecast)
    w = weight[ranked.order]
    place = (np.cumsum(w) - w) * (GROUPS / w.sum()) if ranked.value.size > GROUPS else None
    group = ranked.group if place is None else _joined(place, ranked.group)
    size = int(group[-1]) + 1

    def summed(values: FloatArray) -> FloatArray:
        return np.bincount(group, values, minlength=size).astype(np.float64)

    total, hits = summed(w), summed(w * event[ranked.order])
    said, squares = summed(w * forecast[ranked.order]), summed(w * w)
    middle = said / total
    low, high = _band(middle, total, total**2 / squares, seed)
    bars, _ = np.histogram(forecast, bins=BINS, range=(0.0, 1.0), weights=weight / weight.sum())
    return Reliability(middle, isotonic_values(hits, total), low, high, bars)


def _joined(place: FloatArray, group: IntArray) -> IntArray:
    """Groups of about equal weight; rows with one forecast stay together."""
    first = np.flatnonzero(np.diff(group, prepend=-1))
    coarse = place[first].astype(np.int64)
    joined: IntArray = np.cumsum(np.diff(coarse, prepend=coarse[0]) > 0, dtype=np.int64)[group]
    return joined


def _band(
    middle: FloatArray, total: FloatArray, effective: FloatArray, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Ends of the band: isotonic fits to outcomes drawn from the forecasts, sums and not rows."""
    rng = np.random.default_rng(seed)
    rows = np.maximum(np.rint(effective), 1.0).astype(np.int64)
    drawn = rng.binomial(rows, np.clip(middle, 0.0, 1.0), size=(DRAWS, middle.size)) / rows * total
    curves = np.stack([isotonic_values(events, total) for events in drawn])
    low, high = np.quantile(curves, [0.025, 0.975], axis=0)
    return low, high
