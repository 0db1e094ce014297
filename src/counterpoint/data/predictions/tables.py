"""From a file, a frame or an array to one table of predictions: numbers, labels, weights, ids."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from counterpoint.arrays import read_npz
from counterpoint.data.delimited import clean_text, read_delimited
from counterpoint.data.files import file_format, read_content, read_typed
from counterpoint.data.frames import is_frame, to_frame, to_series
from counterpoint.data.load import MISSING
from counterpoint.data.predictions.columns import guessed_target, named_column
from counterpoint.data.predictions.values import Array
from counterpoint.data.wording import listed
from counterpoint.errors import InputError


@dataclass(frozen=True)
class Roles:
    """Names of the columns that are not probabilities, as the caller gave them.

    Attributes
    ----------
    target, weight, id : str or None
    """

    target: str | None = None
    weight: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Table:
    """One model's table, its columns told apart.

    Attributes
    ----------
    source : str
        What messages call it.
    values : DataFrame or array of shape (n, columns)
        Columns with names, or numbers in the order of the classes.
    classes : tuple of str or None
        Of an array's columns, where it says so.
    labels, weight, ids : Series or None
    """

    source: str
    values: pl.DataFrame | Array
    classes: tuple[str, ...] | None = None
    labels: pl.Series | None = None
    weight: pl.Series | None = None
    ids: pl.Series | None = None

    def __len__(self) -> int:
        return len(self.values)


def as_table(source: Any, name: str, roles: Roles) -> Table:
    """Turn whatever holds a model's predictions into a table.

    Parameters
    ----------
    source
        Path of a file, a pandas or Polars frame, or an array of shape (n, classes) or (n,).
    name
        What messages call it.
    roles
        Which columns are labels, weights and identifiers; where no target is named, a column
        that goes by a usual name of labels is one.

    Raises
    ------
    InputError
        If it can't be read as a table, or a column that `roles` names is missing.

    Examples
    --------
    >>> table = as_table(pl.DataFrame({"label": ["no", "yes"], "p": [0.2, 0.9]}), "A", Roles())
    >>> table.values.columns, table.labels.to_list()
    (['p'], ['no', 'yes'])
    """
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if path.lower().endswith(".npz"):
            return _from_npz(path, name, roles)
        return split_frame(_read_frame(path), name, roles)
    if is_frame(source):
        return split_frame(to_frame(source), name, roles)
    return Table(name, _as_matrix(source, name))


def split_frame(frame: pl.DataFrame, name: str, roles: Roles) -> Table:
    """Part a frame into probabilities and the rest.

    Labels and weights may stand in another model's table; identifiers must be in each.
    """
    target = roles.target or guessed_target(frame.columns)
    if roles.id is not None:
        named_column(frame.columns, roles.id, name, "id")
    taken = {target, roles.weight, roles.id}
    return Table(
        source=name,
        values=frame.select(c for c in frame.columns if c not in taken),
        labels=_column(frame, target),
        weight=_column(frame, roles.weight),
        ids=_column(frame, roles.id),
    )


def _column(frame: pl.DataFrame, name: str | None) -> pl.Series | None:
    return frame.get_column(name) if name is not None and name in frame.columns else None


def _read_frame(path: str) -> pl.DataFrame:
    kind = file_format(path)
    if kind in ("libsvm", "npy"):
        raise InputError(
            f"{path} can't hold predictions with their labels: save a table (CSV, Parquet, …) or "
            "an .npz file with the arrays probability and label."
        )
    content = read_content(path)
    if kind != "delimited":
        frame = clean_text(read_typed(content, path, kind), MISSING)
    else:
        frame = read_delimited(
            content,
            path,
            columns=None,
            header=True,
            missing=MISSING,
            separator=None,
            text_columns=(),
        )
    if frame.is_empty():
        raise InputError(f"{path} has no rows: there is nothing to compare.")
    return frame


def _from_npz(path: str, name: str, roles: Roles) -> Table:
    """An .npz file: one array of numbers that are predictions, others by their names."""
    try:
        arrays = read_npz(read_content(path))
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path} isn't an .npz file of plain arrays: {reason}.") from None
    target = roles.target or guessed_target(list(arrays))
    others = {target, roles.weight, roles.id, "classes"}
    left = [key for key in arrays if key not in others]
    wide = [key for key in left if arrays[key].ndim == 2] or left
    if len(wide) != 1:
        raise InputError(
            f"{path} holds the arrays {listed(arrays)}: name the labels with --target, and keep "
            "one other array, of shape (rows, classes) or (rows,)."
        )

    def series(key: str | None) -> pl.Series | None:
        return None if key is None or key not in arrays else to_series(arrays[key], key)

    classes = arrays.get("classes")
    return Table(
        source=name,
        values=_as_matrix(arrays[wide[0]], name),
        classes=None if classes is None else tuple(str(c) for c in classes.tolist()),
        labels=series(target),
        weight=series(roles.weight),
        ids=series(roles.id),
    )


def _as_matrix(values: Any, name: str) -> Array:
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} can't be read as numbers: pass an array of shape (rows, classes), a frame, a "
            "path, or a fitted classifier with X."
        ) from None
    if matrix.ndim not in (1, 2) or 0 in matrix.shape:
        raise InputError(
            f"{name} has shape {matrix.shape}: pass one column a class, or the probabilities of "
            "the second of two classes."
        )
    return matrix[:, np.newaxis] if matrix.ndim == 1 else matrix
