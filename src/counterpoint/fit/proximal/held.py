"""Second moments of some columns that follow a path's weights: only what has changed is formed.

A row's products are added up again only once its curvature has changed by a share. The
model's Hessian is then within that share of the exact one in every direction, so that a step leaves
no more than that share of the distance to the model's optimum, and costs a fraction.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.fit.proximal.view import View

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


class Held(NamedTuple):
    """Moments of columns as stored, weighted by each row's curvature as it was last.

    Attributes
    ----------
    curvature : array (n,)
    columns : array (size,)
    place : array (width,)
        Of each column in ``columns``, or -1.
    raw : array (at least size, at least size)
        Lower half.
    starts, ends : array (n + 1,), array (n,)
    places, cells
        Those columns row by row, places ascending: row i's are from ``starts[i]`` to ``ends[i]``.
    """

    curvature: Array
    columns: Index
    place: Index
    raw: Array
    starts: Index
    ends: Index
    places: npt.NDArray[np.int32]
    cells: Array


@numba.njit(cache=True, nogil=True)
def no_moments(view: View) -> Held:
    """Of no columns, and no curvature."""
    n, width = len(view.weight), len(view.mean)
    # Room for every cell of a row from the start: to make room as columns come would copy all
    # of them each time. What is never written takes no memory.
    starts = np.zeros(n + 1, dtype=np.intp)
    for i in view.indices:
        starts[i + 1] += 1
    starts = np.cumsum(starts)
    return Held(
        curvature=np.zeros(n),
        columns=np.zeros(0, dtype=np.intp),
        place=np.full(width, -1, dtype=np.intp),
        raw=np.zeros((64, 64)),
        starts=starts,
        ends=starts[:-1].copy(),
        places=np.empty(len(view.indices), dtype=np.int32),
        cells=np.empty(len(view.indices)),
    )


@numba.njit(cache=True, nogil=True)
def widened(held: Held, view: View, columns: Index) -> Held:
    """With some more columns."""
    fresh = columns[held.place[columns] < 0]
    if len(fresh) == 0:
        return held
    before = len(held.columns)
    whole = np.concatenate((held.columns, fresh))
    held.place[fresh] = np.arange(before, len(whole))
    raw = held.raw
    if len(whole) > len(raw):
        # Half as large again, so that it is seldom copied.
        size = max(len(whole), 3 * len(raw) // 2)
        raw = np.zeros((size, size))
        raw[:before, :before] = held.raw[:before, :before]
    starts, ends, places, cells = held.starts, held.ends, held.places, held.cells
    for p in range(before, len(whole)):
        j, line = whole[p], raw[p]
        for k in range(view.indptr[j], view.indptr[j + 1]):
            i = view.indices[k]
            places[ends[i]], cells[ends[i]] = p, view.data[k]
            ends[i] += 1
            by = held.curvature[i] * view.data[k]
            for at in range(starts[i], ends[i]):
                line[places[at]] += by * cells[at]
    return Held(held.curvature, whole, held.place, raw, starts, ends, places, cells)


@numba.njit(cache=True, nogil=True)
def renew(held: Held, curvature: Array, share: float) -> None:
    """Let the moments follow the rows whose curvature has changed by more than a share."""
    for i in range(len(curvature)):
        change = curvature[i] - held.curvature[i]
        if abs(change) <= share * curvature[i]:
            continue
        held.curvature[i] = curvature[i]
        for a in range(held.starts[i], held.ends[i]):
            by, line = change * held.cells[a], held.raw[held.places[a]]
            for b in range(held.starts[i], a + 1):
                line[held.places[b]] += by * held.cells[b]


@numba.njit(cache=True, nogil=True)
def hessian(held: Held, view: View, columns: Index) -> Array:
    """Moments of some scaled and centred columns: (columns, columns)."""
    size = len(columns)
    out = np.empty((size, size))
    mean, factor = view.mean[columns], view.factor[columns]
    places, ones = held.place[columns], held.place[-1]
    first = np.array([held.raw[max(p, ones), min(p, ones)] for p in places])
    total = held.raw[ones, ones]
    for a in range(size):
        p = places[a]
        for b in range(a + 1):
            q = places[b]
            value = held.raw[max(p, q), min(p, q)]
            value -= mean[b] * first[a] + mean[a] * (first[b] - mean[b] * total)
            out[a, b] = value * factor[a] * factor[b]
            out[b, a] = out[a, b]
    return out
