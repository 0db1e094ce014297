"""Facts of the data that explain a sweep: columns that repeat each other, or say nothing.

Dense data are read in blocks of rows, so that no second array of their size is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.blocks import partition
from counterpoint.fit.rows import Rows, converted_rows
from counterpoint.fit.threads import in_threads, sums_in_threads

Array = npt.NDArray[np.float64]
Dense = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

#: Absolute correlation from which two columns count as nearly the same.
NEARLY = 0.999
#: Columns beyond which pairs are not compared: the matrix of correlations would be too large.
COMPARED = 10_000
#: Rows below which columns may agree by chance.
LEAST_ROWS = 10
#: Pairs that are named.
NAMED = 20
#: Rows that a sketch of longer columns has.
SKETCH = 2048
#: Squared distance of two sketches of unit columns, in that of correlation `NEARLY`, up to which
#: the columns themselves are compared. Sketching errs by 3% (one deviation).
LOOSE = 4.0
_BLOCK = 1000


@dataclass(frozen=True)
class Spread:
    """What one pass over the training rows says of each column.

    Attributes
    ----------
    low, high, mean : array (features,)
        Of the cells that are present.
    missing : int
        Missing cells of all rows.
    """

    low: Array
    high: Array
    mean: Array
    missing: int

    @property
    def constant(self) -> Mask:
        """Columns with one value only (missing cells aside), (features,)."""
        return np.asarray(self.low >= self.high)


def spread(x: Dense | sparse.csr_array, used: Mask) -> Spread:
    """Look at each column once.

    Parameters
    ----------
    x : array (n, features), NaN for missing cells, or CSR
    used : bool array (n,)
        The training rows.
    """
    if sparse.issparse(x):
        rows = x if used.all() else x[used]
        low, high = (a.toarray().ravel() for a in (rows.nanmin(axis=0), rows.nanmax(axis=0)))
        return Spread(low, high, np.zeros(x.shape[1]), int(np.isnan(x.data).sum()))

    def block(part: slice) -> tuple[Array, Array, Array, Array, int]:
        rows = x[part] if used[part].all() else x[part][used[part]]
        total, counted = rows.sum(axis=0, dtype=np.float64), np.full(x.shape[1], float(len(rows)))
        missing = 0
        if np.isnan(total).any():
            gaps = np.isnan(rows)
            total, counted = np.nansum(rows, axis=0, dtype=np.float64), (~gaps).sum(axis=0)
            missing = int(np.isnan(x[part]).sum())
        elif len(rows) < part.stop - part.start:
            missing = int(np.isnan(x[part]).sum())
        low = np.fmin.reduce(rows, axis=0, initial=np.inf)
        return low, np.fmax.reduce(rows, axis=0, initial=-np.inf), total, counted, missing

    parts = partition(len(x), 8.0 * x.shape[1])
    lows, highs, totals, counts, gone = zip(*in_threads(block, parts), strict=True)
    mean = np.sum(totals, axis=0) / np.maximum(np.sum(counts, axis=0), 1)
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    return Spread(low.astype(np.float64), high.astype(np.float64), mean, sum(gone))


def duplicate_columns(
    x: Dense | sparse.csr_array, names: tuple[str, ...], used: Mask, seen: Spread
) -> tuple[tuple[str, str, float], ...]:
    """Pairs of columns whose absolute correlation is at least 0.999, strongest first.

    Parameters
    ----------
    x : array (n, features), NaN for missing cells (taken at the mean), or CSR
    names
        Of the columns.
    used : bool array (n,)
        The training rows.
    seen
        From `spread`.

    Returns
    -------
    tuple of (name, name, correlation), at most 20.

    Examples
    --------
    >>> x = np.column_stack([np.arange(12.0), 2 * np.arange(12.0), np.arange(12) % 3])
    >>> used = np.ones(12, dtype=bool)
    >>> duplicate_columns(x, ("a", "b", "c"), used, spread(x, used))
    (('a', 'b', 1.0),)
    """
    if not 1 < x.shape[1] <= COMPARED or used.sum() < LEAST_ROWS:
        return ()
    live = np.flatnonzero(~seen.constant)
    if sparse.issparse(x):
        found = _sparse_pairs(_columns(x if used.all() else x[used], live))
    else:
        rows = converted_rows(x, seen.mean, None if used.all() else ~used)
        live = live[_candidates(rows, live, used)]
        found = _dense_pairs(rows, live, used)
    pairs = [
        (int(live[a]), int(live[b]), r)
        for a, b, r in found
        if not _siblings(names[live[a]], names[live[b]])
    ]
    pairs.sort(key=lambda pair: (-abs(pair[2]), pair[0], pair[1]))
    return tuple(
        (names[a], names[b], round(max(-1.0, min(1.0, r)), 12)) for a, b, r in pairs[:NAMED]
    )


def _candidates(rows: Rows, live: Index, used: Mask) -> Mask:
    """Which of some centred columns may repeat another, by a sketch a fraction of their length.

    Row i is added to row i mod `SKETCH` of the sketch with a random sign, which keeps squared
    distances up to 3% (Charikar, Chen, Farach-Colton 2002): the matrix product of all pairs of
    columns is that much shorter. Few rows are their own sketch; single precision does for it.
    """
    n = len(used)
    if n <= SKETCH:
        whole = np.concatenate([np.asarray(rows.block(at)) for at in range(len(rows.parts))])
        columns = whole[:, live] - whole[used][:, live].mean(axis=0)
        length = np.sqrt(np.einsum("ij,ij->j", columns, columns))
        return _alike((columns / np.maximum(length, 1e-300)).astype(np.float32))
    sign = np.where(np.random.default_rng(0).random(n) < 0.5, -1.0, 1.0)

    def block(at: int) -> tuple[Array, Array]:
        part, x = rows.parts[at], np.asarray(rows.block(at))
        x = x if len(live) == x.shape[1] else x[:, live]
        squares = np.einsum("ij,ij->j", x, x)
        signed = x * sign[part, None]
        folded = np.zeros((min(SKETCH, len(x)), len(live)))
        for start in range(0, len(x), SKETCH):
            piece = signed[start : start + SKETCH]
            folded[: len(piece)] += piece
        return squares, folded

    squares, sketch = np.zeros(len(live)), np.zeros((SKETCH, len(live)))
    for part, (more, folded) in zip(
        rows.parts, in_threads(block, range(len(rows.parts))), strict=True
    ):
        squares += more
        first = part.start % SKETCH
        upper = folded[: SKETCH - first]
        sketch[first : first + len(upper)] += upper
        sketch[: len(folded) - len(upper)] += folded[len(upper) :]
    return _alike((sketch / np.sqrt(np.maximum(squares, 1e-300))).astype(np.float32))


def _alike(sketch: npt.NDArray[np.float32]) -> Mask:
    """Which columns, or their opposites, come near another."""
    size = np.einsum("ij,ij->j", sketch, sketch)
    width = len(size)

    def block(some: slice) -> Mask:
        distance = size[some, None] + size - 2 * np.abs(sketch[:, some].T @ sketch)
        distance[np.arange(len(distance)), np.arange(width)[some]] = np.inf
        return np.asarray((distance <= LOOSE * 2 * (1 - NEARLY)).any(axis=1))

    return np.concatenate([np.zeros(0, dtype=bool), *in_threads(block, _blocks(width))])


def _dense_pairs(rows: Rows, live: Index, used: Mask) -> list[tuple[int, int, float]]:
    """Correlations of at least `NEARLY` among some centred columns, by position in ``live``."""
    n = int(used.sum())
    if len(live) < 2:
        return []

    def sums(at: int) -> tuple[Array, Array]:
        x = np.asarray(rows.block(at))[:, live]
        return x.sum(axis=0), np.einsum("ij,ij->j", x, x)

    total, squares = sums_in_threads(sums, range(len(rows.parts)))
    mean = total / n
    deviation = np.sqrt(np.maximum(squares / n - mean**2, 1e-300))
    pairs: list[tuple[int, int, float]] = []
    for block in _blocks(len(live)):

        def product(at: int, block: slice = block) -> tuple[Array]:
            x = np.asarray(rows.block(at))[:, live[block.start :]]
            return (x[:, : block.stop - block.start].T @ x,)

        summed = sums_in_threads(product, range(len(rows.parts)))[0]
        pairs += _near(summed / n, mean, deviation, block)
    return pairs


def _sparse_pairs(columns: sparse.csc_array) -> list[tuple[int, int, float]]:
    """The same for sparse columns, which stay as they are."""
    n, width = columns.shape
    mean = np.asarray(columns.mean(axis=0)).ravel()
    squares = np.asarray(columns.power(2).mean(axis=0)).ravel()
    deviation = np.sqrt(np.maximum(squares - mean**2, 1e-300))
    pairs: list[tuple[int, int, float]] = []
    for block in _blocks(width):
        product = (columns[:, block].T @ columns[:, block.start :]).toarray()
        pairs += _near(product / n, mean, deviation, block)
    return pairs


def _near(
    product: Array, mean: Array, deviation: Array, block: slice
) -> Iterator[tuple[int, int, float]]:
    """Pairs of a block's columns and later ones whose correlation is at least `NEARLY`."""
    covariance = product - np.outer(mean[block], mean[block.start :])
    correlation = covariance / deviation[block, None] / deviation[block.start :]
    i, j = np.nonzero(np.triu(np.abs(correlation) >= NEARLY, k=1))
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        yield block.start + a, block.start + b, float(correlation[a, b])


def _blocks(width: int) -> list[slice]:
    return [slice(start, min(start + _BLOCK, width)) for start in range(0, width, _BLOCK)]


def _siblings(one: str, other: str) -> bool:
    """Whether two indicators, named column=level, are of one column: of course they depend."""
    column = one.rpartition("=")[0]
    return bool(column) and column == other.rpartition("=")[0]


def _columns(x: sparse.csr_array, live: Index) -> sparse.csc_array:
    """Some columns, missing cells at their mean."""
    chosen = sparse.csc_array(x)[:, live]
    gaps = np.isnan(chosen.data)
    if gaps.any():
        column = np.repeat(np.arange(len(live)), np.diff(chosen.indptr))
        present = np.bincount(column[~gaps], chosen.data[~gaps], len(live))
        counted = x.shape[0] - np.bincount(column[gaps], minlength=len(live))
        chosen.data[gaps] = (present / np.maximum(counted, 1))[column[gaps]]
    return sparse.csc_array(chosen)
