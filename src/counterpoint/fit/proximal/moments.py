"""Second moments of the columns that a quadratic model needs, and no others.

They are those of the columns as stored; `places.to_fold` turns them into a fold's scaled and
centred ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.proximal.places import Places, RowWeights
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Rows of a block: what it takes of memory stays within a core's cache.
BLOCK = 2048


def moments(
    design: Design,
    weights: RowWeights,
    fold: int,
    left: Places,
    right: Places,
    x: npt.NDArray[np.floating] | None = None,
) -> Array:
    """Sums over rows of weight x xᵀ between two sets of places: (left.size, right.size).

    Parameters
    ----------
    fold
        Its means stand in missing cells.
    x
        Dense columns and ones to take instead of the design's own: a copy in single precision,
        where that will do, takes half the time.
    """
    out = np.zeros((left.size, right.size))
    n = weights.own.shape[1]
    if sparse.issparse(design.x):
        # Two parts at most: each has a matrix of its own to add up in.
        ranges = [(0, n // 2), (n // 2, n)] if n > BLOCK else [(0, n)]
        parts: Iterator[npt.NDArray[np.floating]] = in_threads(
            lambda r: _sparse_block(design, weights, fold, left, right, r), ranges
        )
    else:
        rows = np.flatnonzero((weights.own != 0).any(axis=0))
        blocks = np.array_split(rows, max(1, -(-len(rows) // BLOCK)))
        if x is None:
            # Of the design's own columns, those alone that are asked for.
            union = np.unique(np.concatenate(left.columns + right.columns))
            same = left is right
            left = left.among(union)
            right = left if same else right.among(union)
        parts = in_threads(
            lambda b: _dense_block(
                _dense_rows(design, fold, b, union[:-1]) if x is None else _rows(x, b),
                weights,
                left,
                right,
                b,
            ),
            blocks,
        )
    for part in parts:
        out += part
    return out


def _rows(x: npt.NDArray[np.floating], rows: Index) -> npt.NDArray[np.floating]:
    together = len(rows) and rows[-1] - rows[0] == len(rows) - 1
    return x[rows[0] : rows[-1] + 1] if together else x[rows]


def _dense_rows(design: Design, fold: int, rows: Index, features: Index) -> Array:
    x = np.ones((len(rows), len(features) + 1))
    x[:, :-1] = np.asarray(design.x)[np.ix_(rows, features)]
    if design.missing is not None:
        gaps = sparse.csr_array(design.missing[rows])[:, features]
        x[:, :-1] += gaps.multiply(design.shift[fold, features]).toarray()
    return x


def _dense_block(
    x: npt.NDArray[np.floating], weights: RowWeights, left: Places, right: Places, rows: Index
) -> npt.NDArray[np.floating]:
    kind = x.dtype
    out = np.empty((left.size, right.size), dtype=kind)
    ends, other = left.ends, right.ends
    same = left is right
    for c, columns in enumerate(left.columns):
        mine = x[:, columns]
        for k in range(c if same else 0, len(right.columns)):
            weight = weights.pair(c, k)[rows].astype(kind)[:, None]
            if same and c == k:
                root = mine * np.sqrt(weight)
                # A product with its own transpose: BLAS forms one half of it.
                block = root.T @ root
            elif len(right.columns[k]) == x.shape[1]:
                block = (mine * weight).T @ x
            else:
                block = (mine * weight).T @ x[:, right.columns[k]]
            out[ends[c] : ends[c + 1], other[k] : other[k + 1]] = block
            if same and c != k:
                out[other[k] : other[k + 1], ends[c] : ends[c + 1]] = block.T
    return out


def _sparse_block(
    design: Design,
    weights: RowWeights,
    fold: int,
    left: Places,
    right: Places,
    rows: tuple[int, int],
) -> Array:
    x = sparse.csr_array(design.x)
    if design.missing is not None:
        x = sparse.csr_array(x + design.missing.multiply(design.shift[fold]))
    out = np.zeros((left.size, right.size))
    numbers = left.numbers(design.width), right.numbers(design.width)
    # SciPy's stubs know but 32-bit indices.
    csr: Any = (x.data, x.indices, x.indptr)
    _add_rows(csr, rows, weights.own, weights.share, numbers, out)
    return out


@numba.njit(cache=True, nogil=True)
def _add_rows(
    csr: tuple[Array, Index, Index],
    rows: tuple[int, int],
    own: Array,
    share: Array,
    numbers: tuple[Index, Index],
    out: Array,
) -> None:
    """Add each row's products to ``out``: work in proportion to the pairs that are not zero."""
    data, indices, indptr = csr
    left, right = numbers
    outputs, width = left.shape
    most = 1
    for i in range(rows[0], rows[1]):
        most = max(most, indptr[i + 1] - indptr[i] + 1)
    columns, cells = np.empty(most, dtype=np.intp), np.ones(most)
    places, values = np.empty((outputs, most), dtype=np.intp), np.empty((outputs, most))
    counts = np.empty(outputs, dtype=np.intp)
    for i in range(rows[0], rows[1]):
        if own[:, i].max() == 0.0:
            continue
        length = indptr[i + 1] - indptr[i]
        columns[:length] = indices[indptr[i] : indptr[i + 1]]
        cells[:length] = data[indptr[i] : indptr[i + 1]]
        columns[length], cells[length] = width - 1, 1.0
        for k in range(outputs):
            counts[k] = 0
            for at in range(length + 1):
                if right[k, columns[at]] >= 0:
                    places[k, counts[k]] = right[k, columns[at]]
                    values[k, counts[k]] = cells[at]
                    counts[k] += 1
        for c in range(outputs):
            for at in range(length + 1):
                row = left[c, columns[at]]
                if row < 0:
                    continue
                for k in range(outputs):
                    pair = own[c, i] if c == k else -share[c, i] * share[k, i]
                    weight = pair * cells[at]
                    for m in range(counts[k]):
                        out[row, places[k, m]] += weight * values[k, m]
