"""Which weights a quadratic model is of, and its moments on a fold's own columns.

A place is an output and a column of it; the intercept is the last column, of ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def ends(self) -> Index:
        """Where each output's weights end in a packed vector, after a leading zero."""
        return np.cumsum(np.array([0, *(len(c) for c in self.columns)], dtype=np.intp))

    @property
    def intercepts(self) -> Index:
        """Where each output's intercept is."""
        return self.ends[1:] - 1

    @property
    def size(self) -> int:
        return int(self.ends[-1])

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
    shift, scale = (maps[fold] for maps in design.stored_maps(rows))
    intercept = kept[np.repeat(places.intercepts, np.diff(places.ends))]
    return np.asarray(_to_fold(raw, kept, np.concatenate(places.columns), intercept, shift, scale))


@numba.njit(cache=True, nogil=True)
def _to_fold(
    raw: Array, kept: Index, column: Index, intercept: Index, shift: Array, scale: Array
) -> Array:
    size, features = len(kept), len(shift)
    mean, factor = np.zeros(size), np.ones(size)
    for i in range(size):
        if column[i] < features:
            mean[i], factor[i] = shift[column[i]], 1.0 / scale[column[i]]
    out = np.empty((size, size))
    # Whole rows, both halves: the other half of a large matrix is far away in memory.
    for i in range(size):
        own, ones, line = raw[kept[i]], raw[intercept[i]], out[i]
        for j in range(size):
            c, d = kept[j], intercept[j]
            value = own[c] - mean[i] * ones[c] - mean[j] * (own[d] - mean[i] * ones[d])
            line[j] = value * factor[i] * factor[j]
    return out
