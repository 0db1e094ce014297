"""The search: a good direction first, then cones until none can be better."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from counterpoint.progress import note_compiling, noted_interrupt
from counterpoint.theory.zero_one.arcs import least_on_arcs
from counterpoint.theory.zero_one.cones import (
    BETTER,
    DONE,
    FULL,
    explore,
    leaf,
    snapped,
    whole_space,
)
from counterpoint.theory.zero_one.flags import ROUNDING, least_over_flags, lift

Array = npt.NDArray[np.float64]
#: Whether to return what there is.
Stop = Callable[[], bool]

#: Vectors up to which three dimensions are enumerated at once: that takes a tenth of a second.
ENUMERATED = 1000
#: Operations between two looks at the clock: some hundredths of a second.
WORK = 3e7
#: Losses closer than this, as a share of all weight, are one: sums of weights are rounded.
EQUAL = 1e-12
#: Cones at most, some 100 bytes each; with more the search ends as if its time were up.
MOST_CONES = 8_000_000
#: Sweeps over a plane that the enumeration of one cone may take.
SWEEPS = 20_000
#: Newton steps to a first w; what is added to the curvature, as a share of it; and where it is nil.
NEWTON_STEPS, RIDGE, FLAT = 20, 1e-9, 1e-12
#: Random planes through the best direction, a dimension, that are searched in vain before it rests.
PATIENCE = 20


@dataclass(frozen=True)
class Found:
    """The best w of a search, and how far it is proven.

    Attributes
    ----------
    w : array (D,)
    loss : float
        Weight of the vectors v with w·v <= 0, as float64 computes it.
    lower_bound : float
        No w has less.
    interrupted : bool
        Whether Ctrl-C ended the search.
    """

    w: Array
    loss: float
    lower_bound: float
    interrupted: bool = False


def least_loss(vectors: Array, weight: Array, time_limit: float = np.inf) -> Found:
    """Search for the w with the least weight of vectors v for which w·v <= 0.

    Parameters
    ----------
    vectors : array (m, D)
        They span all D dimensions; the longest coordinate of each is about one.
    weight : array (m,), positive
    time_limit
        Seconds after which to return what there is.

    Returns
    -------
    Found

    Examples
    --------
    Three directions at 120 degrees: no w is right on all of them.

    >>> found = least_loss(np.array([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]]), np.ones(3))
    >>> found.loss, found.lower_bound
    (1.0, 1.0)
    """
    d = vectors.shape[1]
    if d == 1:
        return _one_dimension(vectors[:, 0], weight)
    note_compiling(explore, "the search for the least 0-1 loss", "twenty seconds")
    _compile()
    end = time.monotonic() + time_limit
    with noted_interrupt() as asked:

        def stop() -> bool:
            return asked() or time.monotonic() >= end

        w = improved(vectors, weight, logistic_start(vectors, weight), stop)
        if d == 2 or (d == 3 and len(vectors) <= ENUMERATED):
            return _enumerated(vectors, weight, w)
        found = _by_cones(vectors, weight, w, stop)
        return replace(found, interrupted=asked())


@cache
def _compile() -> None:
    """Search among four vectors: no later search's time goes on the compiler."""
    vectors, weight = np.vstack([np.eye(3), -np.ones((1, 3))]), np.ones(4)
    w = improved(vectors, weight, vectors[0], lambda: False)
    _enumerated(vectors, weight, w)
    _by_cones(vectors, weight, -np.ones(3), lambda: False)


def _few(d: int) -> int:
    """Undecided vectors up to which a cone, with its d faces, is enumerated."""
    fitting = [k for k in range(1, 2 * d + 1) if math.comb(k + d, d - 2) <= SWEEPS]
    return max(fitting, default=1)


def logistic_start(vectors: Array, weight: Array) -> Array:
    """The best w on the way of Newton's method to the least log loss."""
    share = weight / (float(weight.sum()) or 1.0)
    size = np.linalg.norm(vectors, axis=1)[:, None]
    rows = vectors / np.where(size > 0.0, size, 1.0)
    w = np.zeros(vectors.shape[1])
    best, least = w, np.inf
    for _ in range(NEWTON_STEPS):
        wrong = expit(-(rows @ w))
        hessian = (rows.T * (share * wrong * (1.0 - wrong))) @ rows
        curvature = float(np.trace(hessian))
        if curvature < FLAT:  # separable vectors: the least log loss is infinitely far away
            break
        ridge = RIDGE * curvature * np.eye(len(w))
        w = w + np.linalg.solve(hessian + ridge, rows.T @ (share * wrong))
        loss = loss_of(vectors, weight, w)
        if loss < least:
            best, least = w, loss
    return np.asarray(best, dtype=np.float64)


def improved(vectors: Array, weight: Array, w: Array, stop: Stop) -> Array:
    """Search whole planes through w, each exactly, until many in a row don't help."""
    d = vectors.shape[1]
    rng = np.random.default_rng(0)
    noise = np.full(len(vectors), d * ROUNDING)
    size = float(np.linalg.norm(w)) or 1.0
    w = w / size
    best, in_vain = loss_of(vectors, weight, w), 0
    while in_vain < PATIENCE * d and not stop():
        drawn = rng.standard_normal((d,))
        drawn -= (drawn @ w) * w
        toward = drawn / float(np.linalg.norm(drawn))
        _, x, y = least_on_arcs(vectors @ w, vectors @ toward, noise, weight)
        moved = np.asarray(x * w + y * toward, dtype=np.float64)
        loss = loss_of(vectors, weight, moved)
        in_vain = 0 if loss < best else in_vain + 1
        if loss <= best:
            w, best = moved, loss
    return w


def loss_of(vectors: Array, weight: Array, w: Array) -> float:
    """Weight of the vectors that w has on its boundary or beyond."""
    return float(weight[vectors @ w <= 0.0].sum())


def _one_dimension(vectors: Array, weight: Array) -> Found:
    losses = [float(weight[side * vectors <= 0.0].sum()) for side in (1.0, -1.0)]
    return Found(np.array([1.0 if losses[0] <= losses[1] else -1.0]), min(losses), min(losses))


def _enumerated(vectors: Array, weight: Array, w: Array) -> Found:
    best, equal = loss_of(vectors, weight, w), EQUAL * float(weight.sum())
    noise = np.full(len(vectors), vectors.shape[1] * ROUNDING)
    loss, pivots, x, y = least_over_flags(vectors, noise, weight, best - equal)
    if loss >= best - equal:
        return Found(w, best, best)
    tried = lift(vectors, noise, weight, pivots, np.array([x, y]))
    got = loss_of(vectors, weight, tried)
    w, best = (tried, got) if got < best else (w, best)
    return Found(w, best, best if best <= loss + equal else loss)


def _by_cones(vectors: Array, weight: Array, w: Array, stop: Stop) -> Found:
    best, equal = loss_of(vectors, weight, w), EQUAL * float(weight.sum())
    f = whole_space(vectors.shape[1])
    few = _few(vectors.shape[1])
    #: Least loss that enumeration promised and no w in double precision keeps.
    floor, status = np.inf, -1
    while status != DONE and not stop() and len(f.bound) <= MOST_CONES:
        status, loss, rays, undecided, pivots, x, y = explore(
            vectors, weight, f.rays, f.cones, f.bound, f.heap, f.counts, best - equal, few, WORK
        )
        if status == FULL:
            f.grow()
        elif status == BETTER:
            inside = leaf(snapped(vectors @ rays.T), undecided, weight)
            tried = lift(*inside, pivots, np.array([x, y])) @ rays
            if loss_of(vectors, weight, tried) > loss + equal:
                floor = min(floor, loss)
            tried = improved(vectors, weight, tried, stop)
            got = loss_of(vectors, weight, tried)
            w, best = (tried, got) if got < best else (w, best)
    bound = min(floor, f.least)
    return Found(w, best, best if bound > best - 2.0 * equal else bound)
