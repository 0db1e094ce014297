"""The one thing that the rest of Counterpoint fits: features, labels, weights and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from scipy import sparse

from counterpoint.data.encode import describe_columns, encode_frame
from counterpoint.data.frames import check_distinct, is_frame, to_frame, to_series
from counterpoint.data.labels import Labels, check_classes, class_labels, row_weights
from counterpoint.data.matrix import FloatArray, Matrix, as_matrix, constant_columns
from counterpoint.data.schema import Schema, learn_schema, numeric_schema
from counterpoint.data.wording import listed, plural
from counterpoint.errors import InputError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Features and labels of n rows, checked and ready to fit.

    Parameters
    ----------
    X : ndarray or csr_array, shape (n, d)
        A dense one is of single or double precision, and may be a mapped file. NaN marks a missing
        number (tables only), to be filled by whoever fits, from training rows alone.
    y : ndarray, shape (n,)
        Labels as found: integers, strings or booleans.
    schema : Schema
        How the features came from the table's columns.
    sample_weight : ndarray, shape (n,), or None
        float64, 0 or more.
    target_name : str
        The target's name in the table.
    notes : tuple of str
        What was done to the table, a plain sentence each.

    Examples
    --------
    >>> data = dataset_from_arrays([[1.0, 5.0], [2.0, 5.0]], ["no", "yes"])
    >>> data.X.shape, data.notes[0]
    ((2, 2), "1 feature has one value only, which tells no class from another: 'x1'.")
    """

    X: Matrix
    y: Labels
    schema: Schema
    sample_weight: FloatArray | None
    target_name: str
    notes: tuple[str, ...]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, length d."""
        return self.schema.feature_names


def dataset_from_arrays(
    X: Any,
    y: Any,
    sample_weight: Any = None,
    feature_names: Any = None,
) -> Dataset:
    """Check features and labels that are already in memory, and encode a table's columns.

    Parameters
    ----------
    X : array-like, shape (n, d)
        A numeric NumPy array or list, a SciPy sparse matrix of any format, or a pandas or Polars
        frame with numeric, boolean, text and categorical columns and missing values.
    y : array-like, shape (n,)
        Integers, strings or booleans; floats that are integers become integers.
    sample_weight : array-like, shape (n,), optional
        Finite numbers, 0 or more.
    feature_names : sequence of str, optional
        Names of a matrix's columns; ``x0``, ``x1``, … if left out. A frame has its own.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If no model can be fitted to them: NaN or infinity in a matrix, one class only, lengths
        that differ, constant features, weights below 0, and so on.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"age": [31, 40, None], "sex": ["f", "m", "f"]})
    >>> data = dataset_from_arrays(frame, ["no", "yes", "no"])
    >>> data.X
    array([[31.,  1.,  0.],
           [40.,  0.,  1.],
           [nan,  1.,  0.]])
    >>> data.feature_names
    ('age', 'sex=f', 'sex=m')
    """
    target = to_series(y, "y")
    weights = None if sample_weight is None else to_series(sample_weight, "sample_weight")
    if is_frame(X):
        return learn_table(to_frame(X), target, weights)
    matrix = as_matrix(X)
    names = _matrix_names(feature_names, matrix.shape[1])
    schema = numeric_schema(names, by_name=False, sparse=isinstance(matrix, sparse.csr_array))
    return learn_matrix(matrix, schema, target, weights)


def learn_table(features: pl.DataFrame, target: pl.Series, weights: pl.Series | None) -> Dataset:
    """Make a training set of a table, and learn its schema.

    Raises
    ------
    InputError
        As :func:`dataset_from_arrays`.
    """
    _check_lengths(features.height, len(target))
    # From here on a missing cell is null, whatever library wrote it.
    features = features.fill_nan(None)
    schema = learn_schema(features)
    X, _ = encode_frame(schema, features)
    return _training_set(X, schema, target, weights, describe_columns(features, schema))


def learn_matrix(
    X: Matrix, schema: Schema, target: pl.Series, weights: pl.Series | None
) -> Dataset:
    """Make a training set of a finite matrix whose columns are known.

    Raises
    ------
    InputError
        As :func:`dataset_from_arrays`.
    """
    _check_lengths(X.shape[0], len(target))
    return _training_set(X, schema, target, weights, ())


def encode_rows(schema: Schema, X: Any) -> tuple[Matrix, tuple[str, ...]]:
    """Encode new rows with the columns and levels of a training set.

    Parameters
    ----------
    schema : Schema
        ``Dataset.schema`` of the training set.
    X : array-like, shape (n, number of columns of the schema)
        A frame is matched by column names if the schema came from a table, else by position; a
        matrix always by position.

    Returns
    -------
    X : ndarray or csr_array, shape (n, d)
    notes : tuple of str
        One sentence a column with values that the training table lacks.

    Raises
    ------
    InputError
        If columns are missing or of another kind, or if a matrix holds NaN or infinity.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"age": [31, 40, 22], "sex": ["f", "m", "f"]})
    >>> schema = dataset_from_arrays(frame, [0, 1, 1]).schema
    >>> encode_rows(schema, pl.DataFrame({"sex": ["m"], "age": [50]}))[0]
    array([[50.,  0.,  1.]])
    """
    if is_frame(X):
        frame = to_frame(X)
        if not schema.by_name:
            _check_width(frame.width, schema)
            frame = frame.rename(
                dict(zip(frame.columns, (c.name for c in schema.columns), strict=True))
            )
        return encode_frame(schema, frame)
    matrix = as_matrix(X)
    _check_width(matrix.shape[1], schema)
    text = [column.name for column in schema.columns if column.levels is not None]
    if text:
        raise InputError(
            f"A matrix can't hold the text column {text[0]!r} of the training table: "
            "pass a frame with the same columns."
        )
    return matrix, ()


def _training_set(
    X: Matrix,
    schema: Schema,
    target: pl.Series,
    weights: pl.Series | None,
    notes: tuple[str, ...],
) -> Dataset:
    """Check labels, weights and features together, and note the features that say nothing."""
    y = class_labels(target)
    sample_weight = None if weights is None else row_weights(weights, len(y))
    check_classes(y, sample_weight, target.name)
    constant = [schema.feature_names[j] for j in constant_columns(X)]
    if constant:
        verb = "has" if len(constant) == 1 else "have"
        what = f"{plural(len(constant), 'feature')} {verb} one value only"
        notes += (f"{what}, which tells no class from another: {listed(constant)}.",)
    return Dataset(X, y, schema, sample_weight, target.name, notes)


def _matrix_names(names: Any, width: int) -> list[str]:
    """Names of a matrix's columns, made up where none are given."""
    if names is None:
        return [f"x{j}" for j in range(width)]
    given = [str(name) for name in names]
    if len(given) != width:
        raise InputError(
            f"There are {len(given):,} feature names for {width:,} columns: give one a column."
        )
    check_distinct(given)
    return given


def _check_lengths(rows: int, labels: int) -> None:
    """Refuse a table without rows or with another number of labels."""
    if rows != labels:
        raise InputError(f"X has {rows:,} rows and y has {labels:,} labels: give one label a row.")
    if rows == 0:
        raise InputError("The table has no rows: there is nothing to learn from.")


def _check_width(width: int, schema: Schema) -> None:
    """Refuse rows with another number of columns than the training table."""
    if width != len(schema.columns):
        raise InputError(
            f"X has {width:,} columns and the training table had {len(schema.columns):,}: "
            "pass the same columns in the same order."
        )
