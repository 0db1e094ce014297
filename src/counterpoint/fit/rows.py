"""The rows of X in blocks: all that a solver sees of the data, wherever they are kept.

A block is what one thread works on at a time: small enough to stay in its cache between the two
products of a pass, large enough for BLAS. How rows fall into blocks does not depend on the
threads, so sums over blocks come out the same with any number of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.blocks import partition
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Block: TypeAlias = "npt.NDArray[Any] | sparse.csr_array"
#: A matrix column by column: data, indices and pointers of CSC; of a dense one its transpose, and
#: twice nothing.
Columns: TypeAlias = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


class Operand(Protocol):
    """A block's products, wherever they are made."""

    def scores(self, weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Weights (k, features) times the block transposed: (k, rows)."""

    def sums(self, r: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """R (k, rows) times the block: (k, features)."""


@dataclass(frozen=True)
class Rows:
    """X as one precision sees it: blocks of (x - offset) / unit, with 0 in missing cells.

    Attributes
    ----------
    parts : tuple of slices
        The rows of each block.
    block
        From a block's index to its rows, dense (rows, features) or CSR.
    offset, unit : array (features,)
    dtype
        Of the blocks.
    operand
        What products with a block are made with, where that is not the block itself.
    """

    parts: tuple[slice, ...]
    block: Callable[[int], Block]
    offset: Array
    unit: Array
    dtype: npt.DTypeLike
    operand: Callable[[int], Operand] | None = None

    def scores(self, at: int, weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Weights (k, features) times one block transposed: (k, rows)."""
        if self.operand is not None:
            return self.operand(at).scores(weights)
        x = self.block(at)
        if sparse.issparse(x):
            return np.ascontiguousarray((x @ np.ascontiguousarray(weights.T)).T)
        return weights @ x.T

    def sums(self, at: int, r: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """R (k, rows) times one block: (k, features)."""
        if self.operand is not None:
            return self.operand(at).sums(r)
        return rows_times(r, self.block(at))

    def take(self, rows: Index) -> Block:
        """Some rows, indices ascending."""
        starts = np.searchsorted(rows, [part.start for part in self.parts] + [rows.max() + 1])
        pieces = [
            self.block(at)[rows[low:high] - self.parts[at].start]
            for at, (low, high) in enumerate(pairwise(starts.tolist()))
            if low < high
        ]
        if sparse.issparse(pieces[0]):
            return sparse.csr_array(sparse.vstack(pieces))
        return np.concatenate(pieces)

    def of_columns(self, features: Index) -> Rows:
        """Some columns, indices ascending: gathered once where X is sparse, else block by block."""
        offset, unit = self.offset[features], self.unit[features]
        if not sparse.issparse(self.block(0)):
            return Rows(
                self.parts, lambda at: self.block(at)[:, features], offset, unit, self.dtype
            )
        blocks = [sparse.csr_array(self.block(at)[:, features]) for at in range(len(self.parts))]
        return Rows(self.parts, blocks.__getitem__, offset, unit, self.dtype)


def rows_times(r: npt.NDArray[Any], x: Block) -> npt.NDArray[Any]:
    """R (k, rows) times x, dense or sparse: (k, features)."""
    if sparse.issparse(x):
        return np.ascontiguousarray((x.T @ np.ascontiguousarray(r.T)).T)
    return r @ x


def array_rows(x: npt.NDArray[Any], offset: Array, unit: Array) -> Rows:
    """Rows of a dense array that holds (X - offset) / unit already."""
    parts = partition(len(x), 8.0 * x.shape[1])
    return Rows(parts, lambda at: x[parts[at]], offset, unit, x.dtype)


def converted_rows(
    x: npt.NDArray[Any],
    offset: Array,
    blank: Mask | None = None,
    unit: Array | None = None,
    dtype: npt.DTypeLike = np.float64,
) -> Rows:
    """Rows of any dense array, made block by block from double precision; its NaN cells are 0.

    Parameters
    ----------
    blank : bool array (n,)
        Rows that are zero instead: what neither trains nor judges takes part in no product.
    unit : array (features,)
        Powers of two.
    """
    parts = partition(len(x), 8.0 * x.shape[1])
    unit = np.ones(x.shape[1]) if unit is None else unit
    if x.dtype == dtype == np.float32:
        # A difference from a number of the same precision is rounded once: nothing is lost, and
        # a block takes half the memory and time.
        offset = offset.astype(np.float32).astype(np.float64)
    work = np.result_type(x.dtype, dtype)
    taken, factor = offset.astype(work), (1.0 / unit).astype(work)
    scaled = bool((unit != 1.0).any())

    def block(at: int) -> Block:
        out = x[parts[at]] - taken
        np.copyto(out, 0.0, where=np.isnan(out))
        if blank is not None:
            out[blank[parts[at]]] = 0.0
        if scaled:
            out *= factor
        return np.asarray(out, dtype=dtype)

    return Rows(parts, block, offset, unit, dtype)


def sparse_rows(x: sparse.csr_array, parts: tuple[slice, ...] | None = None) -> Rows:
    """Rows of a sparse array, as they are; ``parts`` where another array's blocks are to match."""
    n, width = x.shape
    if parts is None:
        parts = partition(n, 16.0 * x.nnz / max(n, 1))
    # Made once: a small fit asks for them thousands of times.
    blocks = []
    for part in parts:
        low, high = x.indptr[[part.start, part.stop]]
        pointers = x.indptr[part.start : part.stop + 1] - low
        shape = (part.stop - part.start, width)
        cells = (x.data[low:high], x.indices[low:high], pointers)
        blocks.append(sparse.csr_array(cells, shape=shape))
    return Rows(parts, blocks.__getitem__, np.zeros(width), np.ones(width), np.float64)


def copied(rows: Rows, unit: Array, dtype: npt.DTypeLike) -> Rows:
    """A copy of dense rows, each column in a unit of its own, in another precision or the same."""
    out = np.empty((rows.parts[-1].stop, len(unit)), dtype=dtype)

    def block(at: int) -> None:
        out[rows.parts[at]] = rows.block(at) / unit

    for _ in in_threads(block, range(len(rows.parts))):
        pass
    return Rows(rows.parts, lambda at: out[rows.parts[at]], rows.offset, rows.unit * unit, dtype)


def by_column(rows: Rows) -> Columns:
    """The columns of some rows, and one of ones after them."""
    n, width = rows.parts[-1].stop, len(rows.unit)
    blocks = [rows.block(at) for at in range(len(rows.parts))]
    if sparse.issparse(blocks[0]):
        whole = sparse.vstack([*map(sparse.csr_array, blocks)])
        x = sparse.csc_array(sparse.hstack([whole, sparse.csr_array(np.ones((n, 1)))]))
        return x.data, x.indices, x.indptr
    out = np.ones((width + 1, n), dtype=rows.dtype)
    for part, block in zip(rows.parts, blocks, strict=True):
        out[:-1, part] = np.asarray(block).T
    nothing = np.zeros(0, dtype=np.int32)
    return out, nothing, nothing
