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
    design: Design, weights: RowWeights, fold: int, left: Places, right: Places, single: bool
) -> Array:
    """Sums over rows of weight x xᵀ between two sets of places: (left.size, right.size).

    Parameters
    ----------
    fold
        Its means stand in missing cells.
    single
        Whether single precision will do: half the time.
    """
    rows = np.flatnonzero((weights.own != 0).any(axis=0))
    blocks = np.array_split(rows, max(1, -(-len(rows) // BLOCK)))
    union = np.unique(np.concatenate(left.columns + right.columns))
    if sparse.issparse(design.x):
        # Few large blocks: each has a matrix of its own to add up in.
        blocks = np.array_split(rows, 2 if len(rows) > BLOCK else 1)
        parts = in_threads(lambda b: _sparse_block(design, weights, fold, left, right, b), blocks)
    else:
        kind = np.float32 if single else np.float64
        parts = in_threads(
            lambda b: _dense_block(design, weights, fold, left, right, union, b, kind), blocks
        )
    out = np.zeros((left.size, right.size))
    for part in parts:
        out += part
    return out


def to_fold(raw: Array, design: Design, fold: int, left: Places, right: Places) -> Array:
    """Moments of a fold's columns (x - shift) / scale, from those of the columns as stored."""
    out = _map_rows(raw, design, fold, left)
    return np.ascontiguousarray(_map_rows(out.T, design, fold, right).T)


def _map_rows(raw: Array, design: Design, fold: int, places: Places) -> Array:
    out = np.empty(raw.shape)
    ends = places.ends
    for c, columns in enumerate(places.columns):
        block = raw[ends[c] : ends[c + 1]]
        shift, scale = design.shift[fold, columns[:-1]], design.scale[fold, columns[:-1]]
        mine = out[ends[c] : ends[c + 1]]
        mine[:-1] = (block[:-1] - shift[:, None] * block[-1]) / scale[:, None]
        mine[-1] = block[-1]
    return out


def _dense_block(
    design: Design,
    weights: RowWeights,
    fold: int,
    left: Places,
    right: Places,
    union: Index,
    rows: Index,
    kind: type[np.floating],
) -> npt.NDArray[np.floating]:
    x = np.ones((len(rows), len(union)), dtype=kind)
    features = union[:-1]
    x[:, :-1] = design.x[np.ix_(rows, features)]
    if design.missing is not None:
        gaps = design.missing[rows][:, features]
        x[:, :-1] += gaps.multiply(design.shift[fold, features]).toarray().astype(kind)
    out = np.empty((left.size, right.size), dtype=kind)
    ends, other = left.ends, right.ends
    same = left is right
    for c, columns in enumerate(left.columns):
        mine = x[:, np.searchsorted(union, columns)]
        for k in range(c if same else 0, len(right.columns)):
            weight = weights.pair(c, k)[rows].astype(kind)
            if same and c == k:
                root = mine * np.sqrt(weight)[:, None]
                # A product with its own transpose: BLAS forms one half of it.
                block = root.T @ root
            else:
                block = mine.T @ (x[:, np.searchsorted(union, right.columns[k])] * weight[:, None])
            out[ends[c] : ends[c + 1], other[k] : other[k + 1]] = block
            if same and c != k:
                out[other[k] : other[k + 1], ends[c] : ends[c + 1]] = block.T
    return out


def _sparse_block(
    design: Design, weights: RowWeights, fold: int, left: Places, right: Places, rows: Index
) -> Array:
    x = design.x[rows]
    if design.missing is not None:
        x = sparse.csr_array(x + design.missing[rows].multiply(design.shift[fold]))
    out = np.zeros((left.size, right.size))
    _add_rows(
        x.data,
        x.indices,
        x.indptr,
        np.ascontiguousarray(weights.own[:, rows]),
        np.ascontiguousarray(weights.share[:, rows]),
        left.numbers(design.width),
        right.numbers(design.width),
        out,
    )
    return out


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add_rows(
    data: Array,
    indices: Index,
    indptr: Index,
    own: Array,
    share: Array,
    left: Index,
    right: Index,
    out: Array,
) -> None:
    """Add each row's products to ``out``: work in proportion to the pairs that are not zero."""
    outputs, width = left.shape
    most = 1
    for i in range(len(indptr) - 1):
        most = max(most, indptr[i + 1] - indptr[i] + 1)
    places = np.empty((outputs, most), dtype=np.intp)
    values = np.empty((outputs, most))
    counts = np.empty(outputs, dtype=np.intp)
    for i in range(len(indptr) - 1):
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
                last = at == indptr[i + 1]
                row = left[c, width - 1] if last else left[c, indices[at]]
                if row < 0:
                    continue
                value = 1.0 if last else data[at]
                for k in range(outputs):
                    weight = own[c, i] if c == k else -share[c, i] * share[k, i]
                    if weight == 0.0:
                        continue
                    weight *= value
                    for m in range(counts[k]):
                        out[row, places[k, m]] += weight * values[k, m]
