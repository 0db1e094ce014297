"""Small dense models, formed and minimised in one compiled call for many problems.

Where a problem has few rows, as in leave-one-out on wide data, what Python does a problem costs
more than the arithmetic.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.quadratic import make_definite, minimise_compiled
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

#: Problems that a thread takes at a time.
CHUNK = 8


def one_dense_block(design: Design) -> bool:
    """Whether a design's rows are one dense block, without missing cells."""
    return not design.sparse and design.missing is None and len(design.parts) == 1


def dense_directions(
    design: Design,
    fold: Index,
    weight: Array,
    working: Mask,
    v: Array,
    slope: Array,
    threshold: Array,
    ridge: Array,
    accuracy: float,
) -> Array:
    """The models' minimisers over the working sets, less v: (problems, width).

    Parameters
    ----------
    weight : array (problems, n)
        Second derivatives of the data loss in the scores.
    working, v, slope : arrays (problems, width)
    threshold, ridge : arrays (problems,)
    accuracy
        As in `counterpoint.fit.quadratic.minimise`.
    """
    x: Any = np.ascontiguousarray(design.double.block(0))
    shift, scale = design.stored_maps(design.double)
    chunks = [slice(i, i + CHUNK) for i in range(0, len(v), CHUNK)]

    def some(c: slice) -> Array:
        maps = shift[fold[c]], scale[fold[c]], design.second_moments[fold[c]]
        model = v[c], slope[c], threshold[c], ridge[c]
        return np.asarray(_directions(x, *maps, weight[c], working[c], *model, accuracy))

    return np.concatenate(list(in_threads(some, chunks)))


@numba.njit(cache=True, nogil=True)
def _directions(
    x: Array,
    shift: Array,
    scale: Array,
    unit: Array,
    weight: Array,
    working: Mask,
    v: Array,
    slope: Array,
    threshold: Array,
    ridge: Array,
    accuracy: float,
) -> Array:
    n, features = x.shape
    out = np.zeros(v.shape)
    for p in range(len(v)):
        places = np.flatnonzero(working[p])
        size = len(places)
        mean, factor = np.zeros(size), np.ones(size)
        limit, strength = np.full(size, threshold[p]), np.full(size, ridge[p])
        for a in range(size):
            if places[a] < features:
                mean[a], factor[a] = shift[p, places[a]], 1.0 / scale[p, places[a]]
            else:
                limit[a] = strength[a] = 0.0
        root = np.empty((n, size))
        for i in range(n):
            share = np.sqrt(weight[p, i])
            for a in range(size):
                cell = x[i, places[a]] if places[a] < features else 1.0
                root[i, a] = (cell - mean[a]) * factor[a] * share
        hessian = root.T @ root
        make_definite(hessian, strength, unit[p][places], 1e-12)
        start = v[p][places]
        gradient = slope[p][places] + strength * start
        out[p][places] = minimise_compiled(hessian, gradient, start, limit, accuracy) - start
    return out
