"""Probabilities of one event recalibrated by isotonic regression, in sample and across folds.

The isotonic fit of the outcomes on the forecasts is the best monotone recalibration for every
proper score at once, which makes it the ground of the CORP decomposition and reliability diagram
(Dimitriadis, Gneiting and Jordan 2021, doi:10.1073/pnas.2016191118).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from counterpoint.scores.arrays import FloatArray, IntArray

GROUPS = 4096
"""Groups of neighbouring forecasts that maps across folds are fitted on, at most. Steps finer than
a four-thousandth of the rows change no figure that is shown; within memory, exactness is free."""

PSEUDO_WEIGHT = 0.5
"""Weight, in rows, of the one event added below all forecasts of a fold's map and of the one
non-event above: they keep a map that is to be judged on other rows away from 0 and 1."""


@dataclass(frozen=True)
class Ranked:
    """Forecasts in ascending order, equal ones together.

    Attributes
    ----------
    order : array of int, shape (n,)
        Rows by forecast.
    value : array of shape (groups,)
        The distinct forecasts.
    group : array of int, shape (n,)
        Which of them each row has, in the order of `order`.
    """

    order: IntArray
    value: FloatArray
    group: IntArray


def rank(forecast: FloatArray) -> Ranked:
    """Sort forecasts and find the equal ones.

    Examples
    --------
    >>> rank(np.array([0.3, 0.1, 0.3])).group
    array([0, 1, 1])
    """
    order = np.argsort(forecast)
    ascending = forecast[order]
    new = np.empty(forecast.size, dtype=bool)
    new[:1] = True
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return Ranked(order, ascending[new], np.cumsum(new) - 1)


def isotonic_values(event: FloatArray, weight: FloatArray) -> FloatArray:
    """The non-decreasing values nearest to event/weight, by pool-adjacent-violators.

    Parameters
    ----------
    event, weight : array of shape (groups,)
        Weight of the rows with the event and of all rows, by ascending forecast; weights above 0.

    Returns
    -------
    array of shape (groups,)

    Examples
    --------
    >>> isotonic_values(np.array([0.0, 1.0, 0.0, 2.0]), np.array([1.0, 1.0, 1.0, 2.0]))
    array([0. , 0.5, 0.5, 1. ])
    """
    fitted: FloatArray = isotonic_regression(event / weight, weights=weight).x
    # Pooling rounds: a mean of shares may leave [0, 1] by a hair.
    return np.clip(fitted, 0.0, 1.0)


def recalibrate(
    forecast: FloatArray, event: FloatArray, weight: FloatArray, fold: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Recalibrated probabilities of one event for every row, in two ways.

    Parameters
    ----------
    forecast : array of shape (n,)
    event : array of shape (n,)
        1 where it happened, else 0.
    weight : array of shape (n,)
        Above 0.
    fold : array of int, shape (n,)
        Numbered from 0.

    Returns
    -------
    in_sample, cross_fitted : array of shape (n,)
        By the isotonic fit to all rows; and by one fitted to the rows of other folds than the
        row's own.

    Examples
    --------
    >>> forecast, event = np.array([0.1, 0.4, 0.6, 0.9]), np.array([0.0, 1.0, 0.0, 1.0])
    >>> recalibrate(forecast, event, np.ones(4), np.array([0, 0, 1, 1]))[0]
    array([0. , 0.5, 0.5, 1. ])
    """
    ranked = rank(forecast)
    w = weight[ranked.order]
    hit = w * event[ranked.order]
    size = ranked.value.size
    total, events = (
        np.bincount(ranked.group, each, minlength=size).astype(np.float64) for each in (w, hit)
    )
    fitted = isotonic_values(events, total)
    in_sample, cross_fitted = np.empty_like(forecast), np.empty_like(forecast)
    in_sample[ranked.order] = fitted[ranked.group]
    coarse = _coarse(total)[ranked.group]
    cross_fitted[ranked.order] = _across_folds(coarse, hit, w, fold[ranked.order])
    return in_sample, cross_fitted


def _coarse(total: FloatArray) -> IntArray:
    """Neighbouring groups put together until there are at most `GROUPS`, of about equal weight."""
    if total.size <= GROUPS:
        return np.arange(total.size)
    before = np.cumsum(total) - total
    place = (before * (GROUPS / total.sum())).astype(np.int64)
    new = np.diff(place, prepend=place[0]) > 0
    return np.cumsum(new)


def _across_folds(
    group: IntArray, hit: FloatArray, weight: FloatArray, fold: IntArray
) -> FloatArray:
    """Each row's value under the map of the other folds; only sums by fold and group are used."""
    n_folds, n_groups = int(fold.max()) + 1, int(group[-1]) + 1
    cell = fold * n_groups + group
    shape = (n_folds, n_groups)
    events = np.bincount(cell, hit, minlength=n_folds * n_groups).reshape(shape)
    weights = np.bincount(cell, weight, minlength=n_folds * n_groups).reshape(shape)
    added = PSEUDO_WEIGHT * weight.mean()
    maps = np.empty(shape)
    for held_out in range(n_folds):
        others = np.arange(n_folds) != held_out
        w, e = weights[others].sum(axis=0), events[others].sum(axis=0)
        known = w > 0.0
        fitted = isotonic_values(
            np.concatenate([[added], e[known], [0.0]]),
            np.concatenate([[added], w[known], [added]]),
        )
        # A group that no other fold has takes the value of the one below.
        maps[held_out] = fitted[np.cumsum(known)]
    value: FloatArray = maps.ravel()[cell]
    return value
