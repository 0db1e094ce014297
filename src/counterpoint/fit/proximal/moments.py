"""Second moments of the columns that a quadratic model needs, and no others.

A place is an output and a column of it; the intercept is the last column, of ones. The moments
are those of the columns as stored; `to_fold` turns them into a fold's scaled and centred ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.threads import in_threads
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Rows of a block: what it takes of memory stays within a core's cache.
BLOCK = 2048


@dataclass(frozen=True)
class Places:
    """Some weights of a problem, output by output.

    Attributes
    ----------
    columns : one array an output
        Ascending; the intercept (last column) is in each.
    """

    columns: tuple[Index, ...]

    @property
    def ends(self) -> Index:
        """Where each output's weights end in a packed vector, after a leading zero."""
        return np.cumsum([0, *(len(c) for c in self.columns)])

    @property
    def size(self) -> int:
        return sum(len(c) for c in self.columns)

    def among(self, union: Index) -> Places:
        """The same places where only some columns, ascending, are kept."""
        return Places(tuple(np.searchsorted(union, columns) for columns in self.columns))

    def numbers(self, width: int) -> Index:
        """Place of every output and column in a packed vector, -1 where there is none."""
        out = np.full((len(self.columns), width), -1, dtype=np.intp)
        start = 0
        for c, columns in enumerate(self.columns):
            out[c, columns] = np.arange(start, start + len(columns))
            start += len(columns)
        return out


@dataclass(frozen=True)
class RowWeights:
    """Second derivatives of the data loss, row by row, in pairs of outputs.

    Attributes
    ----------
    own : array (outputs, n)
        Of each output by itself, training weight in it.
    share : array (outputs, n)
        A pair of different outputs has -share_c share_k; zero where outputs are apart.
    """

    own: Array
    share: Array

    def pair(self, c: int, k: int) -> Array:
        return self.own[c] if c == k else -self.share[c] * self.share[k]


def row_weights(loss: Loss, curvature: Array, train_weight: Array) -> RowWeights:
    """Weights for `moments` from `Loss.curvature`, both (outputs, n)."""
    own = loss.own_curvature(curvature) * train_weight
    if not loss.joint:
        return RowWeights(own, np.zeros_like(own))
    return RowWeights(own, curvature * np.sqrt(train_weight))


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
        parts = in_threads(lambda r: _sparse_block(design, weights, fold, left, right, r), ranges)
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


def to_fold(raw: Array, kept: Index, design: Design, fold: int, places: Places) -> Array:
    """Moments of a fold's columns (x - shift) / scale, from those of the columns as stored.

    Parameters
    ----------
    kept : array (places.size,)
        Where the places stand in ``raw``.
    """
    shift, scale, intercept = np.zeros(places.size), np.ones(places.size), np.empty_like(kept)
    start = 0
    for columns in places.columns:
        end = start + len(columns)
        shift[start : end - 1] = design.shift[fold, columns[:-1]]
        scale[start : end - 1] = design.scale[fold, columns[:-1]]
        intercept[start:end] = kept[end - 1]
        start = end
    return np.asarray(_to_fold(raw, kept, shift, scale, intercept))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _to_fold(raw: Array, kept: Index, shift: Array, scale: Array, intercept: Index) -> Array:
    size = len(kept)
    out = np.empty((size, size))
    for i in range(size):
        a, b = kept[i], intercept[i]
        for j in range(i + 1):
            c, d = kept[j], intercept[j]
            value = raw[a, c] - shift[i] * raw[b, c] - shift[j] * raw[a, d]
            value = (value + shift[i] * shift[j] * raw[b, d]) / (scale[i] * scale[j])
            out[i, j] = value
            out[j, i] = value
    return out


def _rows(x: npt.NDArray[np.floating], rows: Index) -> npt.NDArray[np.floating]:
    together = len(rows) and rows[-1] - rows[0] == len(rows) - 1
    return x[rows[0] : rows[-1] + 1] if together else x[rows]


def _dense_rows(design: Design, fold: int, rows: Index, features: Index) -> Array:
    x = np.ones((len(rows), len(features) + 1))
    x[:, :-1] = design.x[np.ix_(rows, features)]
    if design.missing is not None:
        gaps = design.missing[rows][:, features]
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
    x = design.x
    if design.missing is not None:
        x = sparse.csr_array(x + design.missing.multiply(design.shift[fold]))
    out = np.zeros((left.size, right.size))
    numbers = left.numbers(design.width), right.numbers(design.width)
    csr = x.data, x.indices, x.indptr
    _add_rows(*csr, *rows, weights.own, weights.share, *numbers, out)
    return out


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add_rows(
    data: Array,
    indices: Index,
    indptr: Index,
    first: int,
    last: int,
    own: Array,
    share: Array,
    left: Index,
    right: Index,
    out: Array,
) -> None:
    """Add each row's products to ``out``: work in proportion to the pairs that are not zero."""
    outputs, width = left.shape
    most = 1
    for i in range(first, last):
        most = max(most, indptr[i + 1] - indptr[i] + 1)
    places = np.empty((outputs, most), dtype=np.intp)
    values = np.empty((outputs, most))
    counts = np.empty(outputs, dtype=np.intp)
    for i in range(first, last):
        for k in range(outputs):
            counts[k] = 0
            for at in range(indptr[i], indptr[i + 1]):
                place = right[k, indices[at]]
                if place >= 0:
                    places[k, counts[k]] = place
                    values[k, counts[k]] = data[at]
                    counts[k] += 1
            if right[k, width - 1] >= 0:
                places[k, counts[k]] = right[k, width - 1]
                values[k, counts[k]] = 1.0
                counts[k] += 1
        for c in range(outputs):
            for at in range(indptr[i], indptr[i + 1] + 1):
                ones = at == indptr[i + 1]
                row = left[c, width - 1] if ones else left[c, indices[at]]
                if row < 0:
                    continue
                value = 1.0 if ones else data[at]
                for k in range(outputs):
                    weight = own[c, i] if c == k else -share[c, i] * share[k, i]
                    if weight == 0.0:
                        continue
                    weight *= value
                    for m in range(counts[k]):
                        out[row, places[k, m]] += weight * values[k, m]
