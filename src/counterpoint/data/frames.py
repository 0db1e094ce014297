"""Any table or column that a caller may hold, as a Polars one."""

from __future__ import annotations

import math
import sys
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.data.matrix import check_dense_size
from counterpoint.errors import InputError


def is_frame(X: object) -> bool:
    """Whether X is a table with named columns: Polars, pandas, or anything that exports Arrow.

    Examples
    --------
    >>> import polars as pl
    >>> is_frame(pl.DataFrame({"a": [1]})), is_frame([[1]])
    (True, False)
    """
    if isinstance(X, pl.DataFrame) or _is_pandas(X, "DataFrame"):
        return True
    # A series may export Arrow too, but has no columns.
    return hasattr(X, "__arrow_c_stream__") and hasattr(X, "columns")


def to_frame(X: Any) -> pl.DataFrame:
    """Turn a table into a Polars frame whose column names are strings.

    Raises
    ------
    InputError
        If two columns have one name, a column mixes kinds of values, or sparse columns are too
        large to be dense.

    Examples
    --------
    >>> import pandas as pd
    >>> to_frame(pd.DataFrame({"a": [1, 2], 0: ["x", None]})).rows()
    [(1, 'x'), (2, None)]
    """
    if isinstance(X, pl.DataFrame):
        return X
    if not _is_pandas(X, "DataFrame"):
        return pl.DataFrame(X)
    names = [str(name) for name in X.columns]
    check_distinct(names)
    if any(hasattr(dtype, "fill_value") for dtype in X.dtypes):  # pandas' own sparse columns
        check_dense_size(*X.shape)
    columns = [X.iloc[:, j] for j in range(len(names))]
    # A category of numbers is still a category.
    texts = [c.cat.rename_categories(str) if hasattr(c, "cat") else c for c in columns]
    return pl.DataFrame([to_series(text, name) for text, name in zip(texts, names, strict=True)])


def check_distinct(names: list[str]) -> None:
    """Refuse a name that two columns share.

    Raises
    ------
    InputError
        Naming the first such name and its two positions.
    """
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        if name in seen:
            raise InputError(
                f"Columns {seen[name]} and {position} (counted from 0) are both named {name!r}: "
                "rename one."
            )
        seen[name] = position


def to_series(values: Any, name: str) -> pl.Series:
    """Turn one column, of any kind, into a Polars series.

    Parameters
    ----------
    values : array-like
        A Polars or pandas series, a NumPy array of shape (n,) or (n, 1), a one-column frame, or
        a list.
    name : str
        The name that messages give it.

    Raises
    ------
    InputError
        If it isn't one-dimensional or mixes kinds of values.

    Examples
    --------
    >>> to_series(["a", "b"], "y").to_list()
    ['a', 'b']
    """
    if isinstance(values, pl.Series):
        return values.alias(name)
    if _is_pandas(values, "Series"):
        return _from_pandas(values, name)
    if is_frame(values):
        frame = to_frame(values)
        _check_one_column(frame.shape, name)
        return frame.to_series(0).alias(name)
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name!r} is ragged: pass one value a row, shape (rows,).") from None
    if array.ndim != 1:
        _check_one_column(array.shape, name)
        array = array.ravel()
    if array.dtype.kind in "biufmM":
        # Not every version of Polars knows half and extended precision.
        known = array.astype(np.float64) if array.dtype.kind == "f" else array
        return pl.Series(name, np.ascontiguousarray(known))
    # NumPy turns a list of strings and numbers into strings, silently: look at the list itself.
    is_list = isinstance(values, (list, tuple)) and array.shape == np.shape(values)
    return _from_objects(list(values) if is_list else array.tolist(), name)


def missing_cells(series: pl.Series) -> npt.NDArray[np.bool_]:
    """Which cells have no value, null or NaN, shape (n,).

    Examples
    --------
    >>> import polars as pl
    >>> missing_cells(pl.Series([1.0, None, float("nan")]))
    array([False,  True,  True])
    """
    missing = series.is_null()
    if series.dtype.is_float():
        missing = missing | series.is_nan().fill_null(True)
    return missing.to_numpy()


def is_text(dtype: pl.DataType) -> bool:
    """Whether values of this type are categories."""
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def _is_pandas(value: object, kind: str) -> TypeGuard[Any]:
    """Whether value is pandas' class of that name, without importing pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, getattr(pandas, kind))


def _check_one_column(shape: tuple[int, ...], name: str) -> None:
    """Refuse anything but a single column."""
    if len(shape) != 2 or shape[1] != 1:
        raise InputError(f"{name!r} has shape {shape}: pass one value a row, shape (rows,).")


def _from_pandas(series: Any, name: str) -> pl.Series:
    """A pandas series, without the pyarrow that Polars' own conversion asks for."""
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "biufmM":
        return to_series(series.to_numpy(), name)
    missing = series.isna().to_numpy()
    objects = series.astype(object).to_numpy().tolist()
    return _from_objects(
        [None if absent else value for value, absent in zip(objects, missing, strict=True)], name
    )


def _from_objects(values: list[Any], name: str) -> pl.Series:
    """Python objects of one kind (NaN is missing); numbers of several kinds become floats."""
    values = [None if isinstance(v, float) and math.isnan(v) else v for v in values]
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        kinds = {type(value) for value in values if value is not None}
        if not all(issubclass(kind, (int, float, np.number, np.bool_)) for kind in kinds):
            named = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise InputError(
                f"{name!r} holds values of kinds that don't go together ({named}): make them all "
                "numbers or all strings."
            ) from None
        return pl.Series(name, [None if value is None else float(value) for value in values])
