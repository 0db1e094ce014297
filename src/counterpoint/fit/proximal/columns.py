"""Coordinate descent on the model without its Hessian: each move reads a column and no more.

For working sets whose moments would not fit, or would cost more than they save: sparse columns,
and several classes, above all. What ties the outputs together is kept exactly, row by row: with u
the change of the scores and s = Σ share u over outputs, the model's slope in a weight is the sum
over its column of x (total u - share s). Outputs take turns: while one is swept only its own
total u - share s is kept up to date, so that a look at a column is a single product.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.proximal.places import Places, RowWeights
from counterpoint.fit.rows import Columns

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
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
    shift, scale = (maps[fold] for maps in design.stored_maps(design.single))
    column = np.concatenate(places.columns)
    output = np.repeat(np.arange(len(places.columns)), [len(c) for c in places.columns])
    intercept = (places.ends[1:] - 1)[output]
    # Columns stay uncentred, and so sparse: the intercept, which is free, takes their means.
    offset = np.append(shift / scale, 0.0)[column]
    columns = design.columns
    if design.missing is not None:
        columns = _filled(columns, design, shift)
    dtype = columns[0].dtype
    found = _descend(
        *columns,
        column,
        output,
        (1.0 / np.append(scale, 1.0))[column],
        weights.own.astype(dtype, copy=False),
        weights.share.astype(dtype, copy=False),
        slope + offset * slope[intercept],
        start,
        threshold,
        ridge,
        accuracy,
    )
    means = np.bincount(intercept, offset * (found - start), len(found))
    return np.asarray(found + means)


def _filled(columns: Columns, design: Design, shift: Array) -> Columns:
    """Columns with a fold's means in their missing cells."""
    assert design.missing is not None
    blocks = [sparse.csr_array(design.missing.block(at)) for at in range(len(design.parts))]
    gaps = sparse.csc_array(sparse.vstack(blocks).multiply(shift[None, :]))
    if not design.sparse:
        x = columns[0].copy()
        x[:-1] += gaps.T.toarray()
        return (x, *columns[1:])
    known = sparse.csc_array(columns, shape=(design.n, design.width))
    ones = sparse.csc_array((design.n, 1))
    filled = sparse.csc_array(known + sparse.hstack([gaps, ones]))
    return filled.data, filled.indices, filled.indptr


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _descend(
    data: Real,
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
    column: Index,
    output: Index,
    factor: Array,
    own: Real,
    share: Real,
    slope: Array,
    start: Array,
    threshold: Array,
    ridge: Array,
    accuracy: float,
) -> Array:
    outputs, n = own.shape
    size = len(column)
    u, x = np.zeros_like(own), start.copy()
    s, r, before = np.zeros_like(own[0]), np.zeros_like(own[0]), np.zeros_like(own[0])
    curvature = np.empty(size)
    for p in range(size):
        square = _square(data, indices, indptr, column[p], own[output[p]])
        curvature[p] = (ridge[p] + factor[p] ** 2 * square) * (1.0 + 1e-12) + 1e-300
    goal, whole = 0.0, True
    for sweep in range(SWEEPS):
        greatest = 0.0
        p = 0
        for c in range(outputs):
            mine, part, u_c = own[c], share[c], u[c]
            for i in range(n):
                r[i] = (mine[i] + part[i] * part[i]) * u_c[i] - part[i] * s[i]
            before[:] = u_c
            moved = False
            while p < size and output[p] == c:
                if whole or x[p] != 0.0 or threshold[p] == 0.0:
                    here = slope[p] + ridge[p] * (x[p] - start[p])
                    here += factor[p] * product(data, indices, indptr, column[p], r)
                    bend = curvature[p]
                    v, t = x[p] - here / bend, threshold[p] / bend
                    fresh = max(v - t, 0.0) + min(v + t, 0.0)
                    move = fresh - x[p]
                    if move != 0.0:
                        moved = True
                        greatest = max(greatest, abs(move) * bend)
                        x[p] = fresh
                        _move(data, indices, indptr, column[p], move * factor[p], mine, r, u_c)
                p += 1
            for i in range(n if moved else 0):
                s[i] += part[i] * (u_c[i] - before[i])
        if sweep == 0:
            goal = accuracy * min(greatest, threshold.max())
        # The support is swept until it rests, then all places once more.
        if greatest <= goal and whole:
            break
        whole = greatest <= goal
    return x


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def product(
    data: Real, indices: npt.NDArray[Any], indptr: npt.NDArray[Any], j: int, r: Real
) -> Any:
    """Column j times r."""
    total = r.dtype.type(0)
    if data.ndim == 2:
        x = data[j]
        for i in range(len(r)):
            total += x[i] * r[i]
    else:
        for at in range(indptr[j], indptr[j + 1]):
            total += data[at] * r[indices[at]]
    return total


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _square(
    data: Real, indices: npt.NDArray[Any], indptr: npt.NDArray[Any], j: int, own: Real
) -> Any:
    """Column j's weighted square."""
    total = own.dtype.type(0)
    if data.ndim == 2:
        x = data[j]
        for i in range(len(own)):
            total += own[i] * x[i] * x[i]
    else:
        for at in range(indptr[j], indptr[j + 1]):
            total += own[indices[at]] * data[at] * data[at]
    return total


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _move(
    data: Real,
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
    j: int,
    by: float,
    own: Real,
    r: Real,
    u: Real,
) -> None:
    """Move the scores u along column j, and r with them."""
    by = u.dtype.type(by)
    if data.ndim == 2:
        x = data[j]
        for i in range(len(u)):
            step = by * x[i]
            u[i] += step
            r[i] += own[i] * step
    else:
        for at in range(indptr[j], indptr[j + 1]):
            step = by * data[at]
            u[indices[at]] += step
            r[indices[at]] += own[indices[at]] * step
