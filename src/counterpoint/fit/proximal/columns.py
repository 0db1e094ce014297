"""Coordinate descent on the model without its Hessian: each move reads a column and no more.

For working sets whose moments would not fit, or would cost more than they save: many classes of
sparse columns above all. What ties the outputs together is kept exactly, row by row: with u the
change of the scores and s = Σ share u over outputs, the model's slope in a weight is the sum over
its column of x (total u - share s), and a move changes one u and one s in each row of the column.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.proximal.places import Places, RowWeights

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Sweeps that a direction may take: an inexact one still leads downhill.
SWEEPS = 300


def descend(
    design: Design,
    fold: int,
    weights: RowWeights,
    places: Places,
    slope: Array,
    start: Array,
    threshold: Array,
    ridge: Array,
    accuracy: float,
) -> Array:
    """The model's approximate minimiser over some places, packed: (places.size,).

    Parameters
    ----------
    slope, start, threshold, ridge : arrays (places.size,)
        Gradient of all but the L1 part, weights, and the penalty's strengths.
    accuracy
        Violation that may be left, as a share of that at the start and of the threshold.
    """
    union = np.unique(np.concatenate(places.columns))[:-1]
    shift, scale = design.shift[fold, union], design.scale[fold, union]
    local = places.among(np.append(union, design.width - 1))
    column = np.concatenate(local.columns)
    output = np.repeat(np.arange(len(local.columns)), [len(c) for c in local.columns])
    intercept = (local.ends[1:] - 1)[output]
    # Columns stay uncentred, and so sparse: the intercept, which is free, takes their means.
    offset = np.append(shift / scale, 0.0)[column]
    x = _scaled(design, fold, union, scale)
    found = _descend(
        np.asarray(x.data),
        x.indices,
        x.indptr,
        column,
        output,
        np.ascontiguousarray((weights.own + weights.share**2).T),
        np.ascontiguousarray(weights.share.T),
        slope + offset * slope[intercept],
        start,
        threshold,
        ridge,
        accuracy,
    )
    means = np.bincount(intercept, offset * (found - start), len(found))
    return np.asarray(found + means)


def _scaled(design: Design, fold: int, features: Index, scale: Array) -> sparse.csc_array:
    part = design.of_columns(features)
    blocks = [sparse.csr_array(part.double.block(at)) for at in range(len(part.parts))]
    x = sparse.csc_array(sparse.vstack(blocks))
    if part.missing is not None:
        gaps = [sparse.csr_array(part.missing.block(at)) for at in range(len(part.parts))]
        x = x + sparse.vstack(gaps).multiply(part.shift[fold])
    x = sparse.csc_array(x.multiply(1.0 / scale[None, :]))
    ones = sparse.csc_array(np.ones((x.shape[0], 1)))
    return sparse.csc_array(sparse.hstack([x, ones], format="csc"))


@numba.njit(cache=True, nogil=True)
def _descend(
    data: Array,
    indices: npt.NDArray[np.int32],
    indptr: npt.NDArray[np.int32],
    column: Index,
    output: Index,
    total: Array,
    share: Array,
    slope: Array,
    start: Array,
    threshold: Array,
    ridge: Array,
    accuracy: float,
) -> Array:
    n, outputs = total.shape
    size = len(column)
    u, s, x = np.zeros((n, outputs)), np.zeros(n), start.copy()
    curvature = ridge.copy()
    for p in range(size):
        j, c = column[p], output[p]
        for at in range(indptr[j], indptr[j + 1]):
            i = indices[at]
            curvature[p] += data[at] ** 2 * (total[i, c] - share[i, c] ** 2)
    goal, whole = 0.0, True
    for sweep in range(SWEEPS):
        greatest = 0.0
        for p in range(size):
            if not whole and x[p] == 0.0 and threshold[p] > 0.0:
                continue
            j, c = column[p], output[p]
            here = slope[p] + ridge[p] * (x[p] - start[p])
            for at in range(indptr[j], indptr[j + 1]):
                i = indices[at]
                here += data[at] * (total[i, c] * u[i, c] - share[i, c] * s[i])
            bend = curvature[p] * (1.0 + 1e-12) + 1e-300
            v, t = x[p] - here / bend, threshold[p] / bend
            fresh = v - t if v > t else (v + t if v < -t else 0.0)
            move = fresh - x[p]
            if move == 0.0:
                continue
            greatest = max(greatest, abs(move) * bend)
            x[p] = fresh
            for at in range(indptr[j], indptr[j + 1]):
                i = indices[at]
                u[i, c] += data[at] * move
                s[i] += share[i, c] * data[at] * move
        if sweep == 0:
            goal = accuracy * min(greatest, threshold.max())
        # The support is swept until it rests, then all places once more.
        if greatest <= goal:
            if whole:
                break
            whole = True
        else:
            whole = False
    return x
