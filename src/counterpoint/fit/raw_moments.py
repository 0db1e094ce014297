"""Sums over rows of weight [x, 1][x, 1]ᵀ, of the columns as they are stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.rows import Block, Rows
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]

#: Tasks that the sums are cut in, at least, and rows of each product.
TASKS = 8
ROWS = 4096


def raw_moments(
    rows: Rows, missing: Rows | None, row_weight: Real, columns: Index, shift: Real
) -> Real:
    """One matrix for each row of ``row_weight``: (m, k + 1, k + 1), the ones last.

    Parameters
    ----------
    row_weight : array (m, n), never negative
    columns : array (k,)
    shift : array (m, k)
        Where missing cells stand.
    """
    size = len(columns) + 1
    # Cut in as many tasks as there may be threads, and by data alone: sums stay the same.
    shares = min(len(rows.parts), -(-TASKS // len(row_weight)))
    tasks = [(m, s) for m in range(len(row_weight)) for s in range(shares)]

    def share(task: tuple[int, int]) -> Real:
        m, s = task
        kind = SparseMoments if sparse.issparse(rows.block(0)) else DenseMoments
        sums = kind(size, rows.dtype)
        for at in range(s, len(rows.parts), shares):
            weight = row_weight[m, rows.parts[at]]
            chosen = np.flatnonzero(weight)
            if len(chosen):
                gaps = None if missing is None else sparse.csr_array(missing.block(at))
                x = _filled(rows.block(at), gaps, chosen, columns, shift[m])
                sums.add(x, weight[chosen].astype(rows.dtype, copy=False))
        return sums.total()

    out = np.zeros((len(row_weight), size, size), dtype=rows.dtype)
    for (m, _), part in zip(tasks, in_threads(share, tasks), strict=True):
        out[m] += part
    return out


def _filled(
    block: Block, gaps: sparse.csr_array | None, chosen: Index, columns: Index, shift: Real
) -> Block:
    """Some rows and columns of a block, with missing cells at their shift."""
    x = block if len(chosen) == block.shape[0] else block[chosen]
    x = x if len(columns) == x.shape[1] else x[:, columns]
    if gaps is None:
        return x
    fill = gaps[chosen][:, columns].multiply(shift)
    return sparse.csr_array(x + fill) if sparse.issparse(x) else x + fill.toarray()


class DenseMoments:
    """Sum over rows of weight [x, 1][x, 1]ᵀ, by products of many rows at a time."""

    def __init__(self, size: int, dtype: npt.DTypeLike) -> None:
        self._sum = np.zeros((size, size), dtype=dtype)
        self._rows = np.empty((ROWS, size), dtype=dtype)
        self._filled = 0

    def add(self, x: Any, weight: Real) -> None:
        root = np.sqrt(weight)
        for start in range(0, len(root), ROWS):
            end = min(start + ROWS, len(root))
            if self._filled + end - start > ROWS:
                self._flush()
            rows = self._rows[self._filled : self._filled + end - start]
            np.multiply(x[start:end], root[start:end, None], out=rows[:, :-1])
            rows[:, -1] = root[start:end]
            self._filled += end - start

    def _flush(self) -> None:
        rows = self._rows[: self._filled]
        self._sum += rows.T @ rows  # one operand twice: BLAS does half the work
        self._filled = 0

    def total(self) -> Real:
        self._flush()
        return self._sum


class SparseMoments:
    """The same of sparse rows."""

    def __init__(self, size: int, dtype: npt.DTypeLike) -> None:
        self._sum = np.zeros((size, size), dtype=dtype)

    def add(self, x: Any, weight: Real) -> None:
        weighted = sparse.csr_array(x.multiply(weight[:, None]))
        self._sum[:-1, :-1] += (x.T @ weighted).toarray()
        self._sum[:-1, -1] += np.asarray(weighted.sum(axis=0)).ravel()
        self._sum[-1, -1] += weight.sum()

    def total(self) -> Real:
        self._sum[-1, :-1] = self._sum[:-1, -1]
        return self._sum


def row_products(rows: Rows) -> Array:
    """Upper triangles of each row's [x, 1][x, 1]ᵀ: (n, width (width + 1) / 2).

    With them the Gram matrices of all problems are one matrix product, at half the operations of
    forming each: what makes a batch of exact Hessians affordable.
    """
    x = np.concatenate([rows.block(at) for at in range(len(rows.parts))])
    augmented = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    width = augmented.shape[1]
    out = np.empty((len(augmented), width * (width + 1) // 2))
    start = 0
    for column in range(width):
        end = start + width - column
        np.multiply(augmented[:, column, None], augmented[:, column:], out=out[:, start:end])
        start = end
    return out


def unpacked(packed: Array, width: int, columns: Index) -> Array:
    """Symmetric matrices of some columns and the ones from their packed upper triangles."""
    index = np.empty((width, width), dtype=np.intp)
    i, j = np.triu_indices(width)
    index[i, j] = index[j, i] = np.arange(len(i))
    places = np.append(columns, width - 1)
    return np.asarray(packed[:, index[np.ix_(places, places)]])
