"""Second moments of the columns that a quadratic model needs, and no others.

They are those of the columns as stored; `places.to_fold` turns them into a fold's scaled and
centred ones.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.proximal.places import Places, RowWeights
from counterpoint.fit.rows import Rows
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Tasks that the sums are cut in.
TASKS = 2


def moments(
    design: Design,
    weights: RowWeights,
    fold: int,
    left: Places,
    right: Places,
    rows: Rows,
) -> Array:
    """Sums over rows of weight x xᵀ between two sets of places: (left.size, right.size).

    Parameters
    ----------
    fold
        Its means stand in missing cells.
    rows
        The precision to work in, the design's ``double`` or ``single``: half the time where that
        will do.
    """
    out = np.zeros((left.size, right.size))
    # Of a dense block's columns, those alone that are asked for; all, where they are most.
    union = np.unique(np.concatenate(left.columns + right.columns))
    if design.sparse or 2 * len(union) > design.width:
        union = np.arange(design.width)
    same = left is right
    left = left.among(union)
    right = left if same else right.among(union)
    # Few tasks, each with a matrix of its own to add up in; cut by data alone.
    tasks = min(TASKS, len(rows.parts))
    shares = [range(s, len(rows.parts), tasks) for s in range(tasks)]

    def share(blocks: range) -> npt.NDArray[Any]:
        total = np.zeros((left.size, right.size), dtype=rows.dtype)
        for at in blocks:
            if design.sparse:
                _add_sparse(design, rows, weights, fold, left, right, at, total)
            else:
                _add_dense(design, rows, weights, fold, left, right, at, union[:-1], total)
        return total

    for part in in_threads(share, shares):
        out += part
    if same and design.sparse:
        out += np.triu(out, 1).T
    return out


def _dense_rows(
    design: Design, rows: Rows, fold: int, at: int, chosen: Index, features: Index
) -> npt.NDArray[Any]:
    """Some rows and columns of a block, means in missing cells, and a column of ones."""
    block = np.asarray(rows.block(at))
    x = np.ones((len(chosen), len(features) + 1), dtype=rows.dtype)
    # Columns first: of wide data they are the fewer.
    kept = block if len(features) == block.shape[1] else block[:, features]
    x[:, :-1] = kept if len(chosen) == len(block) else kept[chosen]
    if design.missing is not None:
        gaps = sparse.csr_array(design.missing.block(at))[chosen][:, features]
        x[:, :-1] += gaps.multiply(design.stored_maps(rows)[0][fold, features]).toarray()
    return x


def _add_dense(
    design: Design,
    rows: Rows,
    weights: RowWeights,
    fold: int,
    left: Places,
    right: Places,
    at: int,
    features: Index,
    out: npt.NDArray[Any],
) -> None:
    part = rows.parts[at]
    chosen = np.flatnonzero((weights.own[:, part] != 0).any(axis=0))
    x = _dense_rows(design, rows, fold, at, chosen, features)
    own = weights.own[:, part][:, chosen].astype(rows.dtype)
    if len(own) == 1:
        product = np.empty_like(out)
    else:
        # Pairs of different outputs: one product of each output's columns times its shares.
        share = weights.share[:, part][:, chosen].astype(rows.dtype)
        mine = _side_by_side(x, left, share)
        product = mine.T @ (mine if left is right else _side_by_side(x, right, share))
        np.negative(product, out=product)
    for c, columns in enumerate(left.columns):
        block = slice(*left.ends[c : c + 2]), slice(*right.ends[c : c + 2])
        if left is right:
            root = x[:, columns] * np.sqrt(own[c])[:, None]
            # A product with its own transpose: BLAS forms one half of it.
            product[block] = root.T @ root
        else:
            product[block] = (x[:, columns] * own[c][:, None]).T @ x[:, right.columns[c]]
    out += product


def _side_by_side(x: npt.NDArray[Any], places: Places, share: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Each output's columns times its shares, (rows, places.size)."""
    out = np.empty((len(x), places.size), dtype=x.dtype)
    for c, columns in enumerate(places.columns):
        np.multiply(x[:, columns], share[c][:, None], out=out[:, slice(*places.ends[c : c + 2])])
    return out


def _add_sparse(
    design: Design,
    rows: Rows,
    weights: RowWeights,
    fold: int,
    left: Places,
    right: Places,
    at: int,
    out: Array,
) -> None:
    x = sparse.csr_array(rows.block(at))
    if design.missing is not None:
        gaps = sparse.csr_array(design.missing.block(at))
        x = sparse.csr_array(x + gaps.multiply(design.stored_maps(rows)[0][fold]))
    numbers = left.numbers(design.width), right.numbers(design.width)
    part = rows.parts[at]
    # SciPy's stubs know but 32-bit indices.
    csr: Any = (x.data, x.indices, x.indptr)
    _add_rows(csr, weights.own[:, part], weights.share[:, part], numbers, left is right, out)


@numba.njit(cache=True, nogil=True)
def _add_rows(
    csr: tuple[Array, Index, Index],
    own: Array,
    share: Array,
    numbers: tuple[Index, Index],
    same: bool,
    out: Array,
) -> None:
    """Add each row's products to ``out``: work in proportion to the pairs that are not zero.

    Of a symmetric matrix the upper half.
    """
    data, indices, indptr = csr
    left, right = numbers
    outputs, width = left.shape
    most = np.diff(indptr).max() + 1
    columns, cells = np.empty(most, dtype=np.uintp), np.ones(most)
    places, values = np.empty((outputs, most), dtype=np.uintp), np.empty((outputs, most))
    rows, row_cells = np.empty(most, dtype=np.uintp), np.empty(most)
    counts = np.empty(outputs, dtype=np.intp)
    for i in np.flatnonzero(own.sum(axis=0)):
        length = indptr[i + 1] - indptr[i]
        for at in range(length):
            columns[at] = np.uintp(indices[indptr[i] + at])
            cells[at] = data[indptr[i] + at]
        columns[length], cells[length] = np.uintp(width - 1), 1.0
        for k in range(outputs):
            counts[k] = _gather(columns, cells, length + 1, right[k], places[k], values[k])
        for c in range(outputs):
            height = _gather(columns, cells, length + 1, left[c], rows, row_cells)
            for k in range(c if same else 0, outputs):
                pair = own[c, i] if c == k else -share[c, i] * share[k, i]
                for at in range(height):
                    weight, line = pair * row_cells[at], out[rows[at]]
                    for m in range(at if same and c == k else 0, counts[k]):
                        line[places[k, m]] += weight * values[k, m]


@numba.njit(cache=True, nogil=True)
def _gather(
    columns: Index, cells: Array, length: int, number: Index, places: Index, values: Array
) -> int:
    """Places of a row's cells, ascending, and their values; returns how many there are."""
    count = 0
    for at in range(length):
        place = number[columns[at]]
        # No branch: which columns are asked for is hard to foresee.
        places[count], values[count] = np.uintp(place), cells[at]
        count += place >= 0
    for at in range(1, count):
        place, value, to = places[at], values[at], at
        while to > 0 and places[to - 1] > place:
            places[to], values[to] = places[to - 1], values[to - 1]
            to -= 1
        places[to], values[to] = place, value
    return count
