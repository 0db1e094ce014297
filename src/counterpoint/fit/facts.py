"""Facts of the data that explain a sweep: columns that repeat each other, or say nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

Array = npt.NDArray[np.float64]

#: Absolute correlation from which two columns count as nearly the same.
NEARLY = 0.999
#: Columns beyond which pairs are not compared: the matrix of correlations would be too large.
COMPARED = 10_000
#: Rows below which columns may agree by chance.
LEAST_ROWS = 10
#: Pairs that are named.
NAMED = 20
_BLOCK = 1000


def constant_columns(x: Array | sparse.csr_array) -> npt.NDArray[np.bool_]:
    """Columns with one value only (missing cells aside): bool (features,)."""
    if sparse.issparse(x):
        low, high = x.nanmin(axis=0).todense(), x.nanmax(axis=0).todense()
        return np.asarray(low == high).ravel()
    with np.errstate(invalid="ignore"):
        low = np.where(np.isnan(x), np.inf, x).min(axis=0)
        high = np.where(np.isnan(x), -np.inf, x).max(axis=0)
    return np.asarray(low >= high)


def duplicate_columns(
    x: Array | sparse.csr_array, names: tuple[str, ...]
) -> tuple[tuple[str, str, float], ...]:
    """Pairs of columns whose absolute correlation is at least 0.999, strongest first.

    Parameters
    ----------
    x : array (n, features), NaN for missing cells (taken at the mean), or CSR
    names
        Of the columns.

    Returns
    -------
    tuple of (name, name, correlation), at most 20.

    Examples
    --------
    >>> x = np.column_stack([np.arange(12.0), 2 * np.arange(12.0), np.arange(12) % 3])
    >>> duplicate_columns(x, ("a", "b", "c"))
    (('a', 'b', 1.0),)
    """
    if not 1 < x.shape[1] <= COMPARED or x.shape[0] < LEAST_ROWS:
        return ()
    live = np.flatnonzero(~constant_columns(x))
    columns = _columns(x, live)
    mean = np.asarray(columns.mean(axis=0)).ravel()
    squares = columns.power(2) if sparse.issparse(columns) else columns**2
    deviation = np.sqrt(np.maximum(np.asarray(squares.mean(axis=0)).ravel() - mean**2, 1e-300))
    pairs: list[tuple[int, int, float]] = []
    for start in range(0, len(live), _BLOCK):
        block = slice(start, start + _BLOCK)
        product = columns[:, block].T @ columns[:, start:]
        product = product.toarray() if sparse.issparse(product) else product
        covariance = product / x.shape[0] - np.outer(mean[block], mean[start:])
        correlation = covariance / deviation[block, None] / deviation[start:]
        i, j = np.nonzero(np.triu(np.abs(correlation) >= NEARLY, k=1))
        pairs += [
            (start + int(a), start + int(b), float(correlation[a, b]))
            for a, b in zip(i, j, strict=True)
            if not _siblings(names[live[start + a]], names[live[start + b]])
        ]
    pairs.sort(key=lambda pair: (-abs(pair[2]), pair[0], pair[1]))
    return tuple(
        (names[live[a]], names[live[b]], round(max(-1.0, min(1.0, r)), 12))
        for a, b, r in pairs[:NAMED]
    )


def _siblings(one: str, other: str) -> bool:
    """Whether two indicators, named column=level, are of one column: of course they depend."""
    column = one.rpartition("=")[0]
    return bool(column) and column == other.rpartition("=")[0]


def _columns(x: Array | sparse.csr_array, live: npt.NDArray[np.intp]) -> Array | sparse.csc_array:
    """Some columns, missing cells at their mean; dense ones centred, which keeps digits."""
    if sparse.issparse(x):
        chosen = sparse.csc_array(x)[:, live]
        gaps = np.isnan(chosen.data)
        if gaps.any():
            column = np.repeat(np.arange(len(live)), np.diff(chosen.indptr))
            present = np.bincount(column[~gaps], chosen.data[~gaps], len(live))
            counted = x.shape[0] - np.bincount(column[gaps], minlength=len(live))
            chosen.data[gaps] = (present / np.maximum(counted, 1))[column[gaps]]
        return sparse.csc_array(chosen)
    chosen_dense = x[:, live]
    present_cells = ~np.isnan(chosen_dense)
    mean = np.where(present_cells, chosen_dense, 0.0).sum(axis=0) / present_cells.sum(axis=0)
    return np.where(present_cells, chosen_dense - mean, 0.0)
