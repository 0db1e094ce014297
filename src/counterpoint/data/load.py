"""From the name of a file or built-in table to a :class:`Dataset`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from scipy import sparse

from counterpoint.data.builtin import PREFIX, read_builtin
from counterpoint.data.columns import Picked, pick_columns
from counterpoint.data.dataset import Dataset, encode_rows, learn_matrix, learn_table
from counterpoint.data.delimited import clean_text, looks_like_data, read_delimited
from counterpoint.data.encode import encode_frame
from counterpoint.data.files import file_format, read_content, read_typed
from counterpoint.data.labels import class_labels, known_labels, row_weights
from counterpoint.data.libsvm import libsvm_columns, libsvm_schema, read_libsvm
from counterpoint.data.mapped import Numbers, read_npy, read_parquet_in_blocks
from counterpoint.data.matrix import as_matrix, check_matrix_finite
from counterpoint.data.schema import numeric_schema
from counterpoint.errors import InputError

MISSING = ("", "?", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None")


@dataclass(frozen=True)
class _Options:
    """What the caller said about a table; the fields are those of :func:`load_dataset`."""

    target: str | int | None
    weight: str | int | None
    drop: Sequence[str]
    columns: Sequence[str] | None
    header: bool | None
    missing: Sequence[str]
    separator: str | None
    labels: str | None = None
    memory: int | None = None


@dataclass(frozen=True)
class _Table:
    """What a source holds, before any of it is learned."""

    features: pl.DataFrame | sparse.csr_array | Numbers
    target: pl.Series
    weights: pl.Series | None


def load_dataset(
    source: str | os.PathLike[str],
    target: str | int | None = None,
    *,
    weight: str | int | None = None,
    drop: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    header: bool | None = None,
    missing: Sequence[str] = MISSING,
    separator: str | None = None,
    labels: str | os.PathLike[str] | None = None,
    memory: int | None = None,
) -> Dataset:
    """Read a table and encode it for fitting.

    Parameters
    ----------
    source : str or path
        A file whose ending says its format (CSV, TSV, Parquet, Arrow or Feather, JSON Lines,
        libsvm; also .gz, .bz2, .xz; .npy, which is mapped and not read), or ``sklearn:digits``
        and the like.
    target : str or int, optional
        Name of the target column, or its position from 0 (from -1 backwards). Libsvm files and
        built-in tables have their own.
    weight : str or int, optional
        Name or position of a column of row weights.
    drop : sequence of str
        Columns to leave out.
    columns : sequence of str, optional
        Names for the columns of a text table; its first line then counts as a row.
    header : bool, optional
        Whether a text table's first line holds names; True unless `columns` are given.
    missing : sequence of str
        Text cells that count as missing.
    separator : str, optional
        What stands between a text table's cells; found from the first line if left out.
    labels : str or path, optional
        An .npy file of the labels of an .npy file's rows, instead of a target column.
    memory : int, optional
        Bytes that the table may take. A larger Parquet file of numbers is read in blocks into a
        temporary file, which is mapped.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If it can't be read or no model can be fitted to it; the sentence says where and why.

    Examples
    --------
    >>> data = load_dataset("sklearn:iris")
    >>> data.X.shape, data.feature_names[0]
    ((150, 4), 'sepal length (cm)')
    """
    labels = None if labels is None else str(labels)
    options = _Options(target, weight, drop, columns, header, missing, separator, labels, memory)
    return _learn(_read(str(source), options))


def load_pair(
    source: str | os.PathLike[str],
    test_source: str | os.PathLike[str],
    target: str | int | None = None,
    *,
    weight: str | int | None = None,
    drop: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    header: bool | None = None,
    missing: Sequence[str] = MISSING,
    separator: str | None = None,
) -> tuple[Dataset, Dataset]:
    r"""Read a training table and a test table, the second encoded as the first was learned.

    Parameters
    ----------
    source, test_source : str or path
        Both tables, or both libsvm files.
    target, weight, drop, columns, header, missing, separator
        As for :func:`load_dataset`; they hold for both.

    Returns
    -------
    train, test : Dataset
        With one schema; a value that only the test table has is all-zero indicators and a note.

    Raises
    ------
    InputError
        As :func:`load_dataset`, or if the test table lacks a column or has a class of its own.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("job,age,y\nx,1,no\nz,2,yes\nx,2,yes")
    >>> _ = (folder / "b.csv").write_text("y,age,job\nno,3,w\nno,4,z")
    >>> train, test = load_pair(folder / "a.csv", folder / "b.csv", target="y")
    >>> train.feature_names, test.X
    (('job=x', 'job=z', 'age'), array([[0., 0., 3.],
           [0., 1., 4.]]))
    """
    for name in (str(source), str(test_source)):
        if name.startswith(PREFIX):
            raise InputError(
                f"{name} can't be paired with another table: hold a fraction of it out instead."
            )
    options = _Options(target, weight, drop, columns, header, missing, separator)
    train = _learn(_read(str(source), options))
    test = _apply(train, _read(str(test_source), options, train), str(test_source))
    return train, test


def _learn(table: _Table) -> Dataset:
    """Training set of a table."""
    if isinstance(table.features, pl.DataFrame):
        return learn_table(table.features, table.target, table.weights)
    if isinstance(table.features, Numbers):
        X, names = as_matrix(table.features.X), table.features.names
        schema = numeric_schema(names, by_name=table.features.by_name, sparse=False)
        return learn_matrix(X, schema, table.target, table.weights)
    schema = libsvm_schema(table.features)
    X, _ = libsvm_columns(table.features, schema)
    check_matrix_finite(X)
    return learn_matrix(X, schema, table.target, table.weights)


def _apply(train: Dataset, table: _Table, source: str) -> Dataset:
    """Test set of a table, in the features and classes of the training set."""
    schema = train.schema
    if isinstance(table.features, pl.DataFrame) != schema.by_name:
        raise InputError(
            f"{source} is of another kind than the training data: both must be libsvm files, "
            "both .npy files, or both tables."
        )
    if isinstance(table.features, pl.DataFrame):
        X, notes = encode_frame(schema, table.features)
    elif isinstance(table.features, Numbers):
        X, notes = encode_rows(schema, table.features.X)
    else:
        X, notes = libsvm_columns(table.features, schema)
        check_matrix_finite(X)
    y = known_labels(class_labels(table.target), train.y, source)
    weights = None if table.weights is None else row_weights(table.weights, len(y))
    return Dataset(X, y, schema, weights, train.target_name, notes)


def _read(source: str, options: _Options, train: Dataset | None = None) -> _Table:
    """Read any source; `train` says which columns are text though their cells may be numbers."""
    if source.startswith(PREFIX):
        _refuse_columns(source, options)
        return _Table(*read_builtin(source), None)
    kind = file_format(source)
    if options.labels is not None and kind != "npy":
        raise InputError(f"{source} is not an .npy file: name its --target column, not --labels.")
    mapped = _read_mapped(source, kind, options)
    if mapped is not None:
        return mapped
    content = read_content(source)
    if kind == "libsvm":
        _refuse_columns(source, options)
        return _Table(*read_libsvm(content, source), None)
    if kind == "delimited":
        header = options.columns is None if options.header is None else options.header
        frame = read_delimited(
            content,
            source,
            columns=options.columns,
            header=header,
            missing=options.missing,
            separator=options.separator,
            text_columns=_text_columns(train),
        )
    else:
        _refuse_text_options(source, options)
        frame = clean_text(read_typed(content, source, kind), options.missing)
    if frame.is_empty():
        raise InputError(f"{source} has column names and no rows: there is nothing to learn from.")
    return _split(frame, source, options)


def _text_columns(train: Dataset | None) -> frozenset[str]:
    """Names of the columns that are text in the training table."""
    if train is None:
        return frozenset()
    names = {column.name for column in train.schema.columns if column.levels is not None}
    return frozenset(names | ({train.target_name} if train.y.dtype.kind == "U" else set()))


def _read_mapped(source: str, kind: str, options: _Options) -> _Table | None:
    """Read what stays on disk, if the source does."""

    def pick(names: list[str]) -> Picked:
        return pick_columns(names, source, options, suspect=False)

    if kind == "npy":
        _refuse_text_options(source, options)
        return _Table(*read_npy(source, options.labels, pick))
    if kind == "parquet" and options.memory is not None and source.lower().endswith(".parquet"):
        _refuse_text_options(source, options)
        table = read_parquet_in_blocks(source, options.memory, pick)
        return None if table is None else _Table(*table)
    return None


def _split(frame: pl.DataFrame, source: str, options: _Options) -> _Table:
    """Part a table into features, target and weights."""
    # A first line is suspected to be a row only where nothing said that it holds names.
    suspect = options.header is None and options.columns is None and looks_like_data(frame.columns)
    picked = pick_columns(frame.columns, source, options, suspect=suspect)
    return _Table(
        frame.select(picked.features),
        frame.get_column(str(picked.target)),
        None if picked.weight is None else frame.get_column(picked.weight),
    )


def _refuse_columns(source: str, options: _Options) -> None:
    """Refuse to pick columns where the format has none."""
    asked = [
        option
        for option, value in (
            ("target", options.target),
            ("weight", options.weight),
            ("drop", options.drop or None),
            ("columns", options.columns),
        )
        if value is not None
    ]
    if asked:
        raise InputError(
            f"{source} has a target of its own and no columns to pick: leave --{asked[0]} out."
        )


def _refuse_text_options(source: str, options: _Options) -> None:
    """Refuse what only a text table can be asked."""
    asked = (options.columns, options.header, options.separator)
    if any(value is not None for value in asked):
        raise InputError(
            f"{source} holds its own column names and types: leave --columns, --no-header and "
            "--separator out."
        )
