"""Which weights a quadratic model is of, and its moments on a fold's own columns.

A place is an output and a column of it; the intercept is the last column, of ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.rows import Rows
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


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
        return np.cumsum(np.array([0, *(len(c) for c in self.columns)], dtype=np.intp))

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

    def pair(self, c: int, k: int, part: slice) -> Array:
        """Weights of two outputs for some rows."""
        if c == k:
            return np.asarray(self.own[c, part])
        return np.asarray(-self.share[c, part] * self.share[k, part])


def row_weights(loss: Loss, curvature: Array, train_weight: Array) -> RowWeights:
    """Weights for `moments` from `Loss.curvature`, both (outputs, n)."""
    own = loss.own_curvature(curvature) * train_weight
    if not loss.joint:
        return RowWeights(own, np.zeros_like(own))
    return RowWeights(own, curvature * np.sqrt(train_weight))


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
