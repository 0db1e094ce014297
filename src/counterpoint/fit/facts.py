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
#: Pairs that are named.
NAMED = 20
_BLOCK = 1000


def constant_columns(x: Array | sparse.csr_array) -> npt.NDArray[np.bool_]:
    """Columns with one value only (missing cells aside): bool (features,)."""
    if sparse.issparse(x):
        low, high = x.min(axis=0).todense(), x.max(axis=0).todense()
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
    >>> x = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 1.0], [3.0, 6.0, 0.0]])
    >>> duplicate_columns(x, ("a", "b", "c"))
    (('a', 'b', 1.0),)
    """
    if not 1 < x.shape[1] <= COMPARED:
        return ()
    live = np.flatnonzero(~constant_columns(x))
    standard = _standardised(x, live)
    pairs: list[tuple[int, int, float]] = []
    for start in range(0, len(live), _BLOCK):
        block = standard[:, start : start + _BLOCK]
        product = block.T @ standard[:, start:]
        correlation = product.toarray() if sparse.issparse(product) else product
        i, j = np.nonzero(np.triu(np.abs(correlation) >= NEARLY, k=1))
        keep = i < block.shape[1]
        pairs += [
            (start + int(a), start + int(b), float(correlation[a, b]))
            for a, b in zip(i[keep], j[keep], strict=True)
        ]
    pairs.sort(key=lambda pair: (-abs(pair[2]), pair[0], pair[1]))
    return tuple(
        (names[live[a]], names[live[b]], round(max(-1.0, min(1.0, r)), 12))
        for a, b, r in pairs[:NAMED]
    )


def _standardised(
    x: Array | sparse.csr_array, live: npt.NDArray[np.intp]
) -> Array | sparse.csc_array:
    if sparse.issparse(x):
        # Cosines instead of correlations: centring would fill the matrix. For sparse columns
        # the two are close, and duplicates have both at one.
        chosen = sparse.csc_array(x)[:, live]
        norm = np.sqrt(np.asarray(chosen.power(2).sum(axis=0)).ravel())
        return sparse.csc_array(chosen.multiply(1.0 / norm))
    columns = x[:, live]
    present = ~np.isnan(columns)
    mean = np.where(present, columns, 0.0).sum(axis=0) / present.sum(axis=0)
    centred = np.where(present, columns - mean, 0.0)
    return np.asarray(centred / np.linalg.norm(centred, axis=0))
