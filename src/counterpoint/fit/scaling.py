"""From a matrix and its folds to a `Design`: means and deviations of each fold's training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.blocks import partition
from counterpoint.fit.design import Design
from counterpoint.fit.folds import Folds
from counterpoint.fit.memory import UNLIMITED, Plan
from counterpoint.fit.rows import Rows, array_rows, converted_rows, copied, sparse_rows
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

#: Cells from which a copy in single precision pays: products of less are bound by other costs.
SINGLE_CELLS = 4_000_000
#: Distance of a column from zero, in deviations, from which it is centred before it is
#: multiplied: twelve of sixteen digits are left.
OFF_CENTRE = 1e4


def make_design(
    x: npt.NDArray[Any] | sparse.csr_array,
    folds: Folds,
    standardise: bool,
    plan: Plan = UNLIMITED,
) -> Design:
    """Find each fold's shift and scale from its training rows, and choose how X is held.

    Parameters
    ----------
    x : array (n, features) with NaN for missing cells, or CSR
        Of single or double precision. A large one has one copy: centred, in single precision.
    folds
        Training weights; means and deviations are weighted by them.
    standardise
        Whether columns are divided by their standard deviation. A column that is constant in a
        fold's training rows is left as it is.
    plan
        What may be held in memory.
    """
    if sparse.issparse(x):
        return _sparse_design(sparse.csr_array(x), folds, standardise, plan)
    weight = folds.train_weight
    used = np.any(weight > 0, axis=0)
    blank = ~used & ~np.any(folds.held_out, axis=0)
    # The centre is a reference point for precision alone, but a row that trains nothing must not
    # set it: one huge value would take the digits of all others.
    centre, missing = _centre(x, used)
    centred = converted_rows(x, centre, blank if blank.any() else None)
    if x.size < SINGLE_CELLS:
        centred = copied(centred, np.ones(x.shape[1]), np.float64)
    shift, greatest = _shifts(centred, missing, weight)
    scale = np.ones_like(shift)
    if standardise:
        scale = _scales(centred, missing, weight, shift, centre)
    if x.size < SINGLE_CELLS:
        return Design(centred, centred, missing, shift, scale, weight, plan)
    # Units are powers of two: no digit is lost, and no square overflows.
    unit = np.exp2(np.round(np.log2(np.where(greatest > 0, greatest, 1.0))))
    if plan.single_copy:
        single = copied(centred, unit, np.float32)
    else:
        single = converted_rows(x, centre, blank if blank.any() else None, unit, np.float32)
    double = centred
    near = (np.abs(centre) <= OFF_CENTRE * np.maximum(_deviations(single) * unit, 1e-300)).all()
    if x.dtype == np.float64 and missing is None and not blank.any() and near:
        double, shift = array_rows(x, np.zeros_like(centre), np.ones_like(centre)), shift + centre
    return Design(double, single, missing, shift, scale, weight, plan)


def _centre(x: npt.NDArray[Any], used: Mask) -> tuple[Array, Rows | None]:
    """Means of the training rows' present cells, and where cells are missing."""
    parts = partition(len(x), 8.0 * x.shape[1])

    def block(part: slice) -> tuple[Array, Index, sparse.csr_array]:
        gaps = np.isnan(x[part])
        rows = np.where(gaps, 0.0, x[part])[used[part]]
        counted = (~gaps[used[part]]).sum(axis=0)
        return rows.sum(axis=0, dtype=np.float64), counted, sparse.csr_array(gaps, dtype=np.float64)

    total, counted = np.zeros(x.shape[1]), np.zeros(x.shape[1], dtype=np.intp)
    missing = []
    for sums, counts, gaps in in_threads(block, parts):
        total += sums
        counted += counts
        missing.append(gaps)
    centre = total / np.maximum(counted, 1)
    if not any(gaps.nnz for gaps in missing):
        return centre, None
    return centre, sparse_rows(sparse.csr_array(sparse.vstack(missing)), parts)


def _shifts(centred: Rows, missing: Rows | None, weight: Array) -> tuple[Array, Array]:
    """Each fold's means of the centred columns, and their greatest distance from the centre."""
    total, observed = np.zeros((2, len(weight), len(centred.unit)))
    greatest = np.zeros(len(centred.unit))

    def block(at: int) -> tuple[Array, Array, Array]:
        x, w = np.asarray(centred.block(at)), weight[:, centred.parts[at]]
        gone = 0.0 if missing is None else np.asarray(w @ missing.block(at))
        return w @ x, w.sum(axis=1)[:, None] - gone, np.maximum(x.max(axis=0), -x.min(axis=0))

    for sums, weights, most in in_threads(block, range(len(centred.parts))):
        total += sums
        observed += weights
        greatest = np.maximum(greatest, most)
    if missing is None:
        observed[:] = 1.0
    return np.divide(total, observed, out=np.zeros_like(total), where=observed > 0), greatest


def _scales(
    centred: Rows, missing: Rows | None, weight: Array, shift: Array, centre: Array
) -> Array:
    """Each fold's deviations. Missing cells sit at the mean: they add nothing to the squares."""

    def block(at: int) -> tuple[Array, Array]:
        x, w = np.asarray(centred.block(at)), weight[:, centred.parts[at]]
        present = np.ones((len(x), 1))
        if missing is not None:
            present = 1.0 - sparse.csr_array(missing.block(at)).toarray()
        squares, greatest = np.zeros((2, *shift.shape))
        for f, rows in enumerate(w > 0):
            if rows.any():
                squares[f] = w[f, rows] @ ((x[rows] - shift[f]) * present[rows]) ** 2
                greatest[f] = np.abs(x[rows]).max(axis=0)
        return squares, greatest

    squares, greatest = np.zeros((2, *shift.shape))
    for sums, most in in_threads(block, range(len(centred.parts))):
        squares += sums
        greatest = np.maximum(greatest, most)
    return _safe_scale(np.sqrt(squares), np.abs(centre) + greatest)


def _deviations(rows: Rows) -> Array:
    """Root mean squares of centred columns."""
    blocks = in_threads(lambda at: (rows.block(at) ** 2).sum(axis=0), range(len(rows.parts)))
    total = np.zeros(len(rows.unit))
    for squares in blocks:
        total += squares
    return np.asarray(np.sqrt(total / rows.parts[-1].stop))


def _sparse_design(x: sparse.csr_array, folds: Folds, standardise: bool, plan: Plan) -> Design:
    gaps = np.isnan(x.data)
    weight = folds.train_weight
    observed = np.ones((len(weight), x.shape[1]))
    cells = None
    if gaps.any():
        places = (gaps[gaps].astype(np.float64), _coordinates(x, gaps))
        cells = sparse.csr_array(places, shape=x.shape)
        x = x.copy()
        x.data[gaps] = 0.0
        observed -= weight @ cells
    total = weight @ x
    mean = np.divide(total, observed, out=np.zeros_like(total), where=observed > 0)
    scale = np.ones_like(mean)
    if standardise:
        variance = np.maximum(weight @ x.power(2) - observed * mean**2, 0.0)
        greatest = np.stack(
            [np.asarray(abs(x[w > 0]).max(axis=0).todense()).ravel() for w in weight]
        )
        scale = _safe_scale(np.sqrt(variance), greatest)
    # Without a reason to centre, zeros stay zeros.
    shift = mean if standardise or cells is not None else np.zeros_like(mean)
    rows = sparse_rows(x)
    missing = None if cells is None else sparse_rows(cells, rows.parts)
    return Design(rows, rows, missing, shift, scale, weight, plan)


def filled(x: npt.NDArray[Any] | sparse.csr_array, fill: Array) -> Array | sparse.csr_array:
    """The same rows with each missing cell at its column's value in ``fill``, (features,)."""
    if not sparse.issparse(x):
        return np.where(np.isnan(x), fill, x)
    gaps = np.isnan(x.data)
    whole = x.copy()
    whole.data[gaps] = fill[x.indices[gaps]]
    return whole


def _coordinates(x: sparse.csr_array, chosen: Mask) -> tuple[Index, Index]:
    """Rows and columns of some of the stored entries."""
    rows = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    return rows[chosen], x.indices[chosen].astype(np.intp)


def _safe_scale(deviation: Array, greatest: Array) -> Array:
    """The deviation, or 1 where it is zero up to rounding: a constant column."""
    return np.where(deviation > 1e-13 * np.maximum(greatest, np.finfo(float).tiny), deviation, 1.0)
