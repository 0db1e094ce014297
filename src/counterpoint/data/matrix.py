"""Matrices of features: any numeric array as finite floats, dense or in compressed rows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.blocks import partition
from counterpoint.errors import InputError

FloatArray: TypeAlias = npt.NDArray[np.float64]
#: Dense of single or double precision, in any order; or CSR of double precision.
Matrix: TypeAlias = "npt.NDArray[np.floating[Any]] | sparse.csr_array"

# The square of a larger number is not a float64.
LARGEST = 1e150


def as_matrix(X: Any) -> Matrix:
    """Turn a numeric array, list or sparse matrix into a finite matrix of floats, shape (n, d).

    Arrays of single or double precision are taken as they are, mapped files included; of other
    types there is a copy in double precision.

    Raises
    ------
    InputError
        If it isn't numeric, two-dimensional, non-empty and finite.

    Examples
    --------
    >>> as_matrix([[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    """
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        raise InputError(
            "X is a masked array with masked cells: pass a frame with missing values instead, "
            "whose cells are filled fold by fold."
        )
    matrix = _from_sparse(X) if sparse.issparse(X) else _from_array(X)
    check_matrix_finite(matrix)
    return matrix


def check_dense_size(rows: int, columns: int, limit_bytes: int | None = None) -> None:
    """Refuse to make sparse data dense where they would not fit.

    Parameters
    ----------
    rows, columns : int
    limit_bytes : int, optional
        Largest dense size; a quarter of the machine's memory if left out, since a fit holds
        copies of its own beside it.

    Raises
    ------
    InputError
        If the dense array is above the limit, with both sizes.

    Examples
    --------
    >>> check_dense_size(1000, 50)
    """
    size = rows * columns * 8
    limit = _memory_bytes() // 4 if limit_bytes is None else limit_bytes
    if size > limit:
        raise InputError(
            f"The sparse columns of {rows:,} × {columns:,} would take {_size(size)} as a dense "
            f"table, above the limit of {_size(limit)} here: pass a SciPy sparse matrix "
            "(frame.sparse.to_coo()), or leave columns out."
        )


def check_table_magnitude(X: Matrix, names: Sequence[str]) -> None:
    """Refuse infinite and huge cells of an encoded table; NaN is a missing cell and stays.

    Raises
    ------
    InputError
        Naming the first such cell's column and data row (counted from 1).
    """
    values = _stored(X)
    if _largest_magnitude(values) > LARGEST:
        row, column, value = _first_cell(X, np.abs(values) > LARGEST)
        raise InputError(
            f"Column {names[column]!r} holds {value:g} in data row {row + 1}, and squares of "
            f"numbers above {LARGEST:g} overflow: correct or rescale it."
        )


def check_matrix_finite(X: Matrix) -> None:
    """Refuse NaN, infinite and huge cells of a matrix.

    Raises
    ------
    InputError
        Naming the first such cell by its zero-based indices.
    """
    if isinstance(X, sparse.csr_array):
        if _is_finite(X.data):
            return
        row, column, value = _first_cell(X, ~(np.abs(X.data) <= LARGEST))
    else:
        # One block at a time: of a mapped file no more needs to be in memory.
        parts = partition(len(X), 8.0 * X.shape[1])
        bad = next((part for part in parts if not _is_finite(X[part])), None)
        if bad is None:
            return
        row, column, value = _first_cell(X[bad], ~(np.abs(X[bad]) <= LARGEST))
        row += bad.start
    if np.isnan(value):
        raise InputError(
            f"X[{row}, {column}] is NaN, and missing cells are filled only in tables: fill it, "
            "or pass a pandas or Polars frame."
        )
    raise InputError(
        f"X[{row}, {column}] is {value:g} (infinity or a number whose square overflows): "
        "correct or rescale it."
    )


def constant_columns(X: Matrix) -> npt.NDArray[np.intp]:
    """Indices of the columns with a single value, missing cells left out.

    Raises
    ------
    InputError
        If every column is constant.

    Examples
    --------
    >>> import numpy as np
    >>> constant_columns(np.array([[1.0, 5.0], [2.0, 5.0]]))
    array([1])
    """
    if isinstance(X, sparse.csr_array):
        least, greatest = X.nanmin(axis=0).toarray().ravel(), X.nanmax(axis=0).toarray().ravel()
    else:
        least, greatest = np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)
    constant = np.flatnonzero(~(greatest > least))
    if constant.size == X.shape[1]:
        raise InputError(
            f"All {X.shape[1]} feature columns are constant over the {X.shape[0]} rows: "
            "there is nothing to learn from, so check that the right columns were read."
        )
    return constant


def _from_sparse(X: Any) -> sparse.csr_array:
    """Compressed rows with sorted, distinct indices; the caller's matrix is left as it is."""
    _check_kind(X.dtype)
    _check_shape(X.shape)
    rows = sparse.csr_array(X, dtype=np.float64)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def _from_array(X: Any) -> npt.NDArray[np.floating[Any]]:
    """Dense matrix of single or double precision; Python objects must be numbers (None is NaN)."""
    try:
        array = np.asarray(X)
        if array.dtype == object:
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "X holds values that are not numbers, or rows of different lengths: make it a "
            "numeric matrix, or pass a pandas or Polars frame to use text columns."
        ) from None
    _check_kind(array.dtype)
    _check_shape(array.shape)
    if array.dtype in (np.float32, np.float64):
        return array
    return np.ascontiguousarray(array, dtype=np.float64)


def _check_kind(dtype: np.dtype) -> None:
    """Refuse a matrix that isn't of real numbers."""
    if dtype.kind == "c":
        raise InputError("Complex data not supported: X holds complex numbers; take real ones.")
    if dtype.kind not in "biuf":
        raise InputError(
            f"X holds values of type {dtype}, not numbers: pass a pandas or Polars frame to use "
            "text columns."
        )


def _check_shape(shape: tuple[int, ...]) -> None:
    """Refuse a matrix that isn't two-dimensional with at least a row and a column."""
    if len(shape) != 2:
        raise InputError(
            f"X has shape {shape} and must be two-dimensional, (rows, features). Reshape your "
            "data with X.reshape(-1, 1) for one feature or X.reshape(1, -1) for one row."
        )
    if 0 in shape:
        raise InputError(
            f"X has {shape[0]} sample(s) and {shape[1]} feature(s) (shape={shape}) while a "
            "minimum of 1 is required of each."
        )


def _stored(X: Matrix) -> npt.NDArray[Any]:
    """The cells that are stored."""
    return X.data if isinstance(X, sparse.csr_array) else X


def _is_finite(values: npt.NDArray[Any]) -> bool:
    """Whether no cell is NaN, infinite or huge; reductions need no second array."""
    # NaN is the least and the greatest of what holds it, and compares to nothing.
    least, greatest = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    return -least <= LARGEST and greatest <= LARGEST


def _largest_magnitude(values: npt.NDArray[Any]) -> float:
    """Largest absolute value, NaN left out; reductions need no array of the matrix's size."""
    least = np.fmin.reduce(values, axis=None, initial=0.0)
    greatest = np.fmax.reduce(values, axis=None, initial=0.0)
    return float(max(-least, greatest))


def _first_cell(X: Matrix, bad: npt.NDArray[np.bool_]) -> tuple[int, int, float]:
    """Row, column and value of the first stored cell that is bad."""
    position = int(np.argmax(bad))
    if isinstance(X, sparse.csr_array):
        row = int(np.searchsorted(X.indptr, position, side="right")) - 1
        return row, int(X.indices[position]), float(X.data[position])
    row, column = divmod(position, X.shape[1])
    return row, column, float(X[row, column])


def _memory_bytes() -> int:
    """The machine's memory; 16 GB where the system doesn't tell (Windows)."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 16 * 10**9


def _size(count: int) -> str:
    """Bytes in decimal units, as disks and messages of memory count them."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:,.1f} {unit}"
    return f"{count} bytes"
