"""A table and its schema in, a matrix of features and plain notes out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from counterpoint.data.frames import is_text
from counterpoint.data.matrix import FloatArray, Matrix, check_table_magnitude
from counterpoint.data.schema import MISSING_LEVEL, Column, Schema
from counterpoint.data.wording import counted, listed, near_names, plural
from counterpoint.errors import InputError


def encode_frame(schema: Schema, frame: pl.DataFrame) -> tuple[Matrix, tuple[str, ...]]:
    """Encode a table's rows as features, by the columns and levels that were learned.

    Parameters
    ----------
    schema : Schema
        From :func:`learn_schema`, on this table or an earlier one.
    frame : polars.DataFrame
        n rows; columns that the schema doesn't know are left aside.

    Returns
    -------
    X : ndarray or csr_array, shape (n, d)
        float64; NaN where a number is missing. A level that the schema doesn't know has zero in
        every indicator of its column.
    notes : tuple of str
        One sentence a column with unknown levels.

    Raises
    ------
    InputError
        If a column is missing, isn't of the kind learned, or holds infinity.

    Examples
    --------
    >>> import polars as pl
    >>> from counterpoint.data.schema import learn_schema
    >>> schema = learn_schema(pl.DataFrame({"age": [31, 40, 22], "sex": ["f", "m", "f"]}))
    >>> X, notes = encode_frame(schema, pl.DataFrame({"age": [50, None], "sex": ["m", "x"]}))
    >>> X
    array([[50.,  0.,  1.],
           [nan,  0.,  0.]])
    """
    present = {series.name: series for series in frame.fill_nan(None)}
    columns = [_numeric_or_text(column, present) for column in schema.columns]
    X = _sparse(schema, columns) if schema.sparse else _dense(schema, columns)
    check_table_magnitude(X, schema.feature_names)
    notes = (
        _unknown_levels(column, series)
        for column, series in zip(schema.columns, columns, strict=True)
        if column.levels is not None
    )
    return X, tuple(note for note in notes if note is not None)


def _numeric_or_text(column: Column, present: Mapping[str, pl.Series]) -> pl.Series:
    """The column as float64, or as text with the missing level filled in."""
    if column.name not in present:
        raise InputError(
            f"The table has no column {column.name!r}, which the training table has: "
            f"{near_names(column.name, present)}"
        )
    series = present[column.name]
    is_number = series.dtype.is_numeric() or series.dtype == pl.Boolean
    is_empty = series.null_count() == len(series)
    wanted = "numeric" if column.levels is None else "text"
    if not (is_number or is_empty or (wanted == "text" and is_text(series.dtype))):
        row = int(np.argmax(series.is_not_null().to_numpy()))
        raise InputError(
            f"Column {column.name!r} was {wanted} in the training table and holds {series[row]!r} "
            f"in data row {row + 1} here: make it {wanted}."
        )
    if wanted == "numeric":
        return series.cast(pl.Float64)
    return series.cast(pl.String).fill_null(MISSING_LEVEL)


def _codes(column: Column, text: pl.Series) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows with a known level, and each one's level number."""
    levels = column.levels or ()
    codes = text.cast(pl.Enum(levels), strict=False).to_physical()
    known = codes.is_not_null().to_numpy()
    return np.flatnonzero(known), codes.drop_nulls().to_numpy().astype(np.intp)


def _dense(schema: Schema, columns: list[pl.Series]) -> FloatArray:
    """C-ordered matrix of features."""
    if all(column.levels is None for column in schema.columns):
        return pl.DataFrame(columns).to_numpy(order="c")
    rows = len(columns[0])
    X = np.zeros((rows, len(schema.feature_names)))
    start = 0
    for column, series in zip(schema.columns, columns, strict=True):
        if column.levels is None:
            X[:, start] = series.to_numpy()
            start += 1
        else:
            known, codes = _codes(column, series)
            X[known, start + codes] = 1.0
            start += len(column.levels)
    return X


def _sparse(schema: Schema, columns: list[pl.Series]) -> sparse.csr_array:
    """The same matrix in compressed rows."""
    blocks = []
    for column, series in zip(schema.columns, columns, strict=True):
        if column.levels is None:
            blocks.append(sparse.csr_array(series.to_numpy()[:, np.newaxis]))
        else:
            known, codes = _codes(column, series)
            shape = (len(series), len(column.levels))
            blocks.append(sparse.csr_array((np.ones(len(known)), (known, codes)), shape=shape))
    return sparse.csr_array(sparse.hstack(blocks, format="csr"))


def _unknown_levels(column: Column, text: pl.Series) -> str | None:
    """Say which levels of this table the schema doesn't know, if any."""
    unknown = text.filter(~text.is_in(list(column.levels or ())))
    if unknown.is_empty():
        return None
    levels = unknown.unique().sort().to_list()
    return (
        f"Column {column.name!r} has {plural(len(unknown), 'cell')} with values that the training "
        f"table lacks ({listed(levels)}): all of the column's indicators are 0 there."
    )


def describe_columns(frame: pl.DataFrame, schema: Schema) -> tuple[str, ...]:
    """Say in plain sentences what became of a training table's columns; null is missing.

    Examples
    --------
    >>> import polars as pl
    >>> from counterpoint.data.schema import learn_schema
    >>> frame = pl.DataFrame({"age": [31, None, 22], "sex": ["f", "m", "f"]})
    >>> for note in describe_columns(frame, learn_schema(frame)):
    ...     print(note)
    1 text column became 2 indicator columns, one a value: 'sex' (2).
    1 numeric column with missing cells: 'age' (1); each is filled with its training rows' mean.
    """
    levels = {c.name: len(c.levels) for c in schema.columns if c.levels is not None}
    missing = {series.name: series.null_count() for series in frame}
    known = {column.name for column in schema.columns}
    gaps = {name: count for name, count in missing.items() if count and name in known}
    text_gaps = {name: count for name, count in gaps.items() if name in levels}
    number_gaps = {name: count for name, count in gaps.items() if name not in levels}
    notes = []
    if levels:
        notes.append(
            f"{plural(len(levels), 'text column')} became {sum(levels.values()):,} indicator "
            f"columns, one a value: {counted(levels)}."
        )
    if text_gaps:
        notes.append(
            f"Missing cells of text columns are a value of their own, {MISSING_LEVEL!r}: "
            f"{counted(text_gaps)}."
        )
    if number_gaps:
        notes.append(
            f"{plural(len(number_gaps), 'numeric column')} with missing cells: "
            f"{counted(number_gaps)}; each is filled with its training rows' mean."
        )
    if len(known) < frame.width:
        empty = [name for name in frame.columns if name not in known]
        notes.append(f"Left out, since no row has a value in it: {listed(empty)}.")
    return tuple(notes)
