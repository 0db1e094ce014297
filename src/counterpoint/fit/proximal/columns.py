"""Minimising the model without its Hessian: no move reads more than the columns it moves along.

For working sets whose moments would not fit, or would cost more than they save: sparse columns,
and several classes, above all. What ties the outputs together is kept exactly, row by row: with u
the change of the scores and s = Σ share u over outputs, the model's slope in a weight is the sum
over its column of x (total u - share s).

A few sweeps of coordinate descent find the support; there Newton's step by conjugate gradients
(`counterpoint.fit.proximal.support`) spares the hundreds of sweeps of an ill-conditioned model.
In a sweep outputs take turns: while one is swept only its own total u - share s is kept up to
date, so that a look at a column is a single product.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.proximal.column_model import ColumnModel, column_product
from counterpoint.fit.proximal.places import Places, RowWeights
from counterpoint.fit.proximal.support import newton_steps
from counterpoint.fit.rows import Columns

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]

#: Sweeps between two Newton steps on the support.
SWEEPS = 6
#: Rounds of both that a direction may take: an inexact one still leads downhill.
ROUNDS = 30
#: The accuracy asked for is sharpened by this times the violation, in units of the threshold, as
#: far as a hundredth: steps close to the optimum are Newton's.
CLOSE, SHARPEST = 10.0, 1e-2


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
    model = ColumnModel(
        columns,
        column,
        output,
        (1.0 / np.append(scale, 1.0))[column],
        weights.own.astype(dtype, copy=False),
        weights.share.astype(dtype, copy=False),
        slope + offset * slope[intercept],
        start,
        threshold,
        ridge,
    )
    found = _minimised(model, accuracy)
    means = np.bincount(intercept, offset * (found - start), len(found))
    return np.asarray(found + means)


def _minimised(model: ColumnModel, accuracy: float) -> Array:
    x = model.start.copy()
    violation, most = model.violation(model.slope, x), float(model.threshold.max())
    # Half-solved models would slow the last steps, which are quadratic; the first gain nothing.
    close = min(max(CLOSE * violation / most, SHARPEST), 1.0)
    goal = accuracy * close * min(violation, most)
    for _ in range(ROUNDS):
        _sweep(
            *model.columns,
            model.column,
            model.output,
            model.factor,
            model.own,
            model.share,
            model.slope,
            model.start,
            model.threshold,
            model.ridge,
            model.curvature,
            x,
            *model.scores(x),
            SWEEPS,
            goal,
        )
        slope = model.slope_at(x)
        if model.violation(slope, x) <= goal:
            break
        x, slope = newton_steps(model, x, slope, 0.5 * goal)
        if model.violation(slope, x) <= goal:
            break
    return x


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
def _sweep(
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
    curvature: Array,
    x: Array,
    u: Real,
    s: Real,
    sweeps: int,
    goal: float,
) -> None:
    """Coordinate descent from x, whose change of the scores is u, Σ share u = s: all are moved.

    Ends when a sweep over all places has found nothing steeper than the goal, or after some sweeps.
    """
    outputs, n = own.shape
    size = len(column)
    r, before = np.zeros_like(own[0]), np.zeros_like(own[0])
    whole = True
    for _ in range(sweeps):
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
                    here += factor[p] * column_product(data, indices, indptr, column[p], r)
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
        # The support is swept until it rests, then all places once more.
        if greatest <= goal and whole:
            break
        whole = greatest <= goal


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
