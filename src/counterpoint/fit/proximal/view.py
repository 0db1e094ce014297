"""One fold's scaled columns for compiled code, as they are stored: sparse, or dense by column."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.fit.proximal.column_model import column_product

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


class View(NamedTuple):
    """Columns (x - mean) * factor, the last of them of ones; and what the fold makes of the rows.

    Attributes
    ----------
    data, indices, indptr
        As in `counterpoint.fit.rows.Columns`.
    mean, factor, unit : array (width,)
        ``unit`` is each scaled column's mean square.
    weight, target : array (n,)
    """

    data: Array
    indices: npt.NDArray[Any]
    indptr: npt.NDArray[Any]
    mean: Array
    factor: Array
    unit: Array
    weight: Array
    target: Array


@numba.njit(cache=True, nogil=True)
def add_scores(view: View, columns: Index, by: Array, z: Array) -> None:
    """Add some columns times their weights to raw scores."""
    constant = 0.0
    for at in range(len(columns)):
        j = columns[at]
        step = by[at] * view.factor[j]
        if step != 0.0:
            constant -= step * view.mean[j]
            _add(view.data, view.indices, view.indptr, j, step, z)
    z += constant


@numba.njit(cache=True, nogil=True)
def gradient(view: View, columns: Index, residual: Array, out: Array) -> None:
    """Put some columns' products with the residuals at their places in ``out``, (width,)."""
    total = residual.sum()
    for j in columns:
        along = column_product(view.data, view.indices, view.indptr, j, residual)
        out[j] = view.factor[j] * (along - view.mean[j] * total)


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _add(
    data: Array, indices: npt.NDArray[Any], indptr: npt.NDArray[Any], j: int, by: float, z: Array
) -> None:
    """Add a multiple of column j to z."""
    if data.ndim == 2:
        x = data[j]
        for i in range(len(z)):
            z[i] += by * x[i]
    else:
        for at in range(indptr[j], indptr[j + 1]):
            z[indices[at]] += by * data[at]
