"""Second moments of the columns that a quadratic model needs, and no others.

A place is an output and a column of it; the intercept is the last column, of ones. The moments
are those of the columns as stored; `to_fold` turns them into a fold's scaled and centred ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.rows import Rows
from counterpoint.fit.threads import in_threads
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Tasks that the sums are cut in.
TASKS = 2


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

    def pair(self, c: int, k: int, part: slice) -> Array:
        """Weights of two outputs for some rows."""
        return self.own[c, part] if c == k else -self.share[c, part] * self.share[k, part]


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
    block = _sparse_block if design.sparse else _dense_block
    # Few tasks, each with a matrix of its own to add up in; cut by data alone.
    tasks = min(TASKS, len(rows.parts))
    shares = [range(s, len(rows.parts), tasks) for s in range(tasks)]

    def share(blocks: range) -> npt.NDArray[np.floating]:
        total = np.zeros((left.size, right.size), dtype=rows.dtype)
        for at in blocks:
            block(design, rows, weights, fold, left, right, at, total)
        return total

    for part in in_threads(share, shares):
        out += part
    return out


def to_fold(
    raw: Array, kept: Index, design: Design, fold: int, places: Places, rows: Rows
) -> Array:
    """Moments of a fold's columns (x - shift) / scale, from those of the columns as stored.

    Parameters
    ----------
    kept : array (places.size,)
        Where the places stand in ``raw``.
    rows
        Whose columns the moments are of.
    """
    stored_shift, stored_scale = (maps[fold] for maps in design.stored_maps(rows))
    shift, scale, intercept = np.zeros(places.size), np.ones(places.size), np.empty_like(kept)
    start = 0
    for columns in places.columns:
        end = start + len(columns)
        shift[start : end - 1] = stored_shift[columns[:-1]]
        scale[start : end - 1] = stored_scale[columns[:-1]]
        intercept[start:end] = kept[end - 1]
        start = end
    return np.asarray(_to_fold(raw, kept, shift, scale, intercept))


@numba.njit(cache=True, nogil=True)
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


def _dense_rows(design: Design, rows: Rows, fold: int, at: int, chosen: Index) -> Any:
    """Some rows of a block, their means in missing cells, and a column of ones."""
    block = np.asarray(rows.block(at))
    x = np.ones((len(chosen), block.shape[1] + 1), dtype=rows.dtype)
    x[:, :-1] = block if len(chosen) == len(block) else block[chosen]
    if design.missing is not None:
        gaps = sparse.csr_array(design.missing.block(at))[chosen]
        x[:, :-1] += gaps.multiply(design.stored_maps(rows)[0][fold]).toarray()
    return x


def _dense_block(
    design: Design,
    rows: Rows,
    weights: RowWeights,
    fold: int,
    left: Places,
    right: Places,
    at: int,
    out: npt.NDArray[np.floating],
) -> None:
    part = rows.parts[at]
    chosen = np.flatnonzero((weights.own[:, part] != 0).any(axis=0))
    x = _dense_rows(design, rows, fold, at, chosen)
    ends, other = left.ends, right.ends
    same = left is right
    for c, columns in enumerate(left.columns):
        mine = x[:, columns]
        for k in range(c if same else 0, len(right.columns)):
            weight = weights.pair(c, k, part)[chosen].astype(rows.dtype)[:, None]
            if same and c == k:
                root = mine * np.sqrt(weight)
                # A product with its own transpose: BLAS forms one half of it.
                block = root.T @ root
            elif len(right.columns[k]) == x.shape[1]:
                block = (mine * weight).T @ x
            else:
                block = (mine * weight).T @ x[:, right.columns[k]]
            out[ends[c] : ends[c + 1], other[k] : other[k + 1]] += block
            if same and c != k:
                out[other[k] : other[k + 1], ends[c] : ends[c + 1]] += block.T


def _sparse_block(
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
    own, share = weights.own[:, part], weights.share[:, part]
    _add_rows(x.data, x.indices, x.indptr, own, share, *numbers, out)


@numba.njit(cache=True, nogil=True)
def _add_rows(  # noqa: C901  (Numba's loops stay in one piece)
    data: Array,
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
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
