"""The rows of X in blocks: all that a solver sees of the data, wherever they are kept.

A block is what one thread works on at a time: small enough to stay in its cache between the two
products of a pass, large enough for BLAS. How rows fall into blocks does not depend on the
threads, so sums over blocks come out the same with any number of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Block: TypeAlias = "npt.NDArray[Any] | sparse.csr_array"

#: Bytes of a dense block in double precision.
BLOCK_BYTES = 8 * 2**20
#: Rows of a block, at least and at most.
BLOCK_ROWS = (1024, 65_536)


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
    """

    parts: tuple[slice, ...]
    block: Callable[[int], Block]
    offset: Array
    unit: Array
    dtype: npt.DTypeLike

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


def partition(n: int, row_bytes: float) -> tuple[slice, ...]:
    """Consecutive rows in blocks of about `BLOCK_BYTES`."""
    least, most = BLOCK_ROWS
    size = int(min(max(BLOCK_BYTES / max(row_bytes, 1.0), least), most))
    return tuple(slice(start, min(start + size, n)) for start in range(0, n, size))


def array_rows(x: npt.NDArray[Any], offset: Array, unit: Array) -> Rows:
    """Rows of a dense array that holds (X - offset) / unit already."""
    parts = partition(len(x), 8.0 * x.shape[1])
    return Rows(parts, lambda at: x[parts[at]], offset, unit, x.dtype)


def converted_rows(x: npt.NDArray[Any], offset: Array, blank: Mask | None = None) -> Rows:
    """Rows of any dense array in double precision, made block by block; its NaN cells are 0.

    Parameters
    ----------
    blank : bool array (n,)
        Rows that are zero instead: what neither trains nor judges takes part in no product.
    """
    parts = partition(len(x), 8.0 * x.shape[1])

    def block(at: int) -> Block:
        out = x[parts[at]] - offset
        np.copyto(out, 0.0, where=np.isnan(out))
        if blank is not None:
            out[blank[parts[at]]] = 0.0
        return np.asarray(out)

    return Rows(parts, block, offset, np.ones(x.shape[1]), np.float64)


def sparse_rows(x: sparse.csr_array, parts: tuple[slice, ...] | None = None) -> Rows:
    """Rows of a sparse array, as they are; ``parts`` where another array's blocks are to match."""
    n, width = x.shape
    if parts is None:
        parts = partition(n, 16.0 * x.nnz / max(n, 1))
    starts = [x.indptr[[part.start, part.stop]] for part in parts]

    def block(at: int) -> Block:
        low, high = starts[at]
        pointers = x.indptr[parts[at].start : parts[at].stop + 1] - low
        shape = (parts[at].stop - parts[at].start, width)
        return sparse.csr_array((x.data[low:high], x.indices[low:high], pointers), shape=shape)

    return Rows(parts, block, np.zeros(width), np.ones(width), np.float64)


def copied(rows: Rows, unit: Array, dtype: npt.DTypeLike) -> Rows:
    """A copy of dense rows, each column in a unit of its own, in another precision or the same."""
    out = np.empty((rows.parts[-1].stop, len(unit)), dtype=dtype)

    def block(at: int) -> None:
        out[rows.parts[at]] = rows.block(at) / unit

    for _ in in_threads(block, range(len(rows.parts))):
        pass
    return array_rows(out, rows.offset, unit)
