"""Any dimension: enumeration by projecting along one vector after another, down to the plane.

The hyperplanes w·v = 0 of the vectors v cut the space of w into cells. A cell is bounded by
facets, these by facets of their own, and so on down to the plane: a chain that fixes all but two
dimensions. Going through the chains meets every cell, in its least pivots' order, so that
C(m, D - 2) sweeps over the plane find the least loss: O(m^(D-1) log m), as in Johnson and
Preparata (1978, "The densest hemisphere problem", doi 10.1016/0304-3975(78)90006-3).
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.theory.zero_one.arcs import least_on_arcs

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Rounding of one operation on numbers of about one.
ROUNDING = 2.0**-52


@numba.njit(cache=True, nogil=True)
def project(
    vectors: Array, noise: Array, pivot: int, out: Array, out_noise: Array, weight: Array
) -> float:  # pragma: no cover - compiled
    """Restrict w to w·(pivot) = 0 by leaving out one coordinate; writes the vectors that remain.

    Returns the least weight of the vectors parallel to the pivot, which are on the boundary now:
    moving w a little along the pivot puts those of one direction, or of the other, right.
    """
    m, d = vectors.shape
    k = 0
    for j in range(1, d):
        if abs(vectors[pivot, j]) > abs(vectors[pivot, k]):
            k = j
    along, against = 0.0, 0.0
    for i in range(m):
        was, greatest, at = 0.0, 0.0, 0
        factor = vectors[i, k] / vectors[pivot, k]
        for j in range(d):
            was = max(was, abs(vectors[i, j]))
            if j != k:
                out[i, at] = vectors[i, j] - factor * vectors[pivot, j]
                greatest = max(greatest, abs(out[i, at]))
                at += 1
        spread = noise[i] + abs(factor) * noise[pivot]
        out_noise[i] = 2.0 * spread + 2.0 * ROUNDING * was
        if greatest <= out_noise[i]:
            out[i, : d - 1] = 0.0
            if was > noise[i]:
                if factor > 0.0:
                    along += weight[i]
                else:
                    against += weight[i]
    return min(along, against)


@numba.njit(cache=True, nogil=True)
def least_over_flags(
    vectors: Array, noise: Array, weight: Array, below: float
) -> tuple[float, Index, float, float]:  # pragma: no cover - compiled
    """Find the w with the least weight of vectors v for which w·v <= 0, if it is under ``below``.

    Parameters
    ----------
    vectors : array (m, D)
        They span all D >= 2 dimensions; the longest coordinate of each is about one.
    noise : array (m,)
        How far their coordinates may be off by rounding.
    weight : array (m,)
    below
        What is not under it is not looked for.

    Returns
    -------
    (float, array (D - 2,), float, float)
        The least weight (``below`` where there is nothing under it), the pivots that lead to the
        plane, and the direction in it. `lift` makes them a w.
    """
    m, d = vectors.shape
    levels = d - 2
    stage = np.zeros((levels + 1, m, d))
    stage_noise = np.empty((levels + 1, m))
    stage[0], stage_noise[0] = vectors, noise
    fixed = np.zeros(levels + 1)
    pivots, best_pivots = np.full(levels + 1, -1), np.full(levels, -1)
    best, bx, by = below, 0.0, 0.0
    level = 0
    while level >= 0:
        if level == levels:
            plane = stage[level]
            loss, wx, wy = least_on_arcs(plane[:, 0], plane[:, 1], stage_noise[level], weight)
            if fixed[level] + loss < best:
                best, bx, by = fixed[level] + loss, wx, wy
                best_pivots[:] = pivots[:levels]
            level -= 1
            continue
        pivots[level] += 1
        pivot = pivots[level]
        if pivot >= m:
            level -= 1
            continue
        width = d - level
        here = stage[level, :, :width]
        if np.abs(here[pivot]).max() <= stage_noise[level, pivot]:
            continue
        parallel = project(
            here,
            stage_noise[level],
            pivot,
            stage[level + 1, :, : width - 1],
            stage_noise[level + 1],
            weight,
        )
        fixed[level + 1] = fixed[level] + parallel
        if fixed[level + 1] < best:
            level += 1
            pivots[level] = pivot
    return best, best_pivots, bx, by


def lift(vectors: Array, noise: Array, weight: Array, pivots: Index, plane: Array) -> Array:
    """Make the w of `least_over_flags` from its pivots and its direction in the plane, (D,).

    Each step back to one dimension more moves w off the pivot's hyperplane, towards the heavier of
    its two sides, half as far as no other vector changes sides.
    """
    stages, noises = [vectors], [noise]
    for pivot in pivots:
        out = np.zeros((len(vectors), stages[-1].shape[1] - 1))
        out_noise = np.zeros(len(vectors))
        project(stages[-1], noises[-1], int(pivot), out, out_noise, weight)
        stages.append(out)
        noises.append(out_noise)
    w = np.asarray(plane)
    for pivot, here, after in zip(pivots[::-1], stages[-2::-1], stages[:0:-1], strict=True):
        axis = here[pivot]
        k = int(np.abs(axis).argmax())
        w = np.insert(w, k, 0.0)
        w[k] = -(w @ axis) / axis[k]
        strict = after.any(axis=1)
        parallel = ~strict & here.any(axis=1)
        toward = np.sign(weight[parallel] @ np.sign(here[parallel] @ axis)) or 1.0
        step = toward * axis / np.linalg.norm(axis)
        now, change = here[strict] @ w, here[strict] @ step
        closing = now * change < 0.0
        room = np.abs(now[closing] / change[closing]).min(initial=np.linalg.norm(w))
        w = w + 0.5 * room * step
    return np.asarray(w / np.abs(w).max())
