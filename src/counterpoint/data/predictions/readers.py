"""How each model's columns become probabilities of classes that all models share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.data.frames import is_text
from counterpoint.data.labels import class_labels
from counterpoint.data.predictions.columns import ClassColumns, class_columns
from counterpoint.data.predictions.tables import Table
from counterpoint.data.predictions.values import Array, Understanding, as_probabilities, understand
from counterpoint.data.wording import listed
from counterpoint.errors import InputError


@dataclass(frozen=True)
class Reader:
    """How one model's columns become probabilities of the common classes.

    Attributes
    ----------
    source : str
    columns : ClassColumns
    found : Understanding
    classes : tuple of str
        Those that all models share, in order.
    """

    source: str
    columns: ClassColumns
    found: Understanding
    classes: tuple[str, ...]

    def probabilities(self, values: Array, first_row: int = 0) -> Array:
        """Probabilities of shape (n, K) from the columns' numbers; each row is checked."""
        p = as_probabilities(values, self.found, self.columns.names, self.source, first_row)
        if self.classes == self.columns.classes:
            return np.ascontiguousarray(p)
        return np.ascontiguousarray(p[:, [self.columns.classes.index(c) for c in self.classes]])


def readers_of(
    tables: Sequence[Table],
    labels: Sequence[str],
    classes: Sequence[str] | None,
    positive: str | None,
    logits: bool,
) -> list[Reader]:
    """A reader a table; what the numbers are is found out from all rows that it has.

    Parameters
    ----------
    labels
        The classes that the labels name, in order.
    classes
        Of the columns of arrays, where the caller says.
    positive, logits
        As in `aligned`.

    Raises
    ------
    InputError
        Columns that fit no class, or tables of different classes.
    """
    found = []
    for table in tables:
        columns = _columns(table, labels, classes, positive)
        found.append((columns, understand(numbers(table, columns), table.source, logits=logits)))
    common = found[0][0].classes
    ordered = [c for c in labels if c in common] + [c for c in common if c not in labels]
    for table, (columns, _) in zip(tables, found, strict=True):
        if set(columns.classes) != set(common):
            odd = sorted(set(columns.classes) ^ set(common))
            raise InputError(
                f"{tables[0].source} and {table.source} don't have the same classes (one alone has "
                f"{listed(odd)}): give both a column for each."
            )
    lacking = [label for label in labels if label not in common]
    if lacking:
        raise InputError(
            f"The labels name {listed(lacking)}, and {tables[0].source} has columns for "
            f"{listed(common)} alone: add a column, or leave those rows out."
        )
    return [
        Reader(table.source, columns, understood, tuple(ordered))
        for table, (columns, understood) in zip(tables, found, strict=True)
    ]


def numbers(table: Table, columns: ClassColumns) -> Array:
    """The numbers of a table's columns of probabilities, (n, columns); missing ones are NaN."""
    if isinstance(table.values, np.ndarray):
        return table.values
    chosen = table.values.select(pl.col(columns.names).cast(pl.Float64))
    return np.ascontiguousarray(chosen.to_numpy())


def label_names(target: pl.Series) -> list[str]:
    """The distinct labels in order, as columns may be named by them."""
    return [str(label) for label in np.unique(class_labels(target.unique())).tolist()]


def as_strings(target: pl.Series) -> pl.Series:
    """Labels as `label_names` writes them."""
    if is_text(target.dtype):
        return target.cast(pl.String)
    if target.dtype == pl.Boolean:
        return pl.Series(target.name, ["False", "True"]).gather(target.cast(pl.UInt32))
    if target.dtype.is_float() and bool((target == target.round()).all()):
        return target.cast(pl.Int64).cast(pl.String)
    return target.cast(pl.String)


def label_codes(target: pl.Series, classes: Sequence[str]) -> npt.NDArray[np.int64]:
    """Place of each label among the classes, shape (n,)."""
    return as_strings(target).cast(pl.Enum(classes)).to_physical().cast(pl.Int64).to_numpy()


def _columns(
    table: Table, labels: Sequence[str], classes: Sequence[str] | None, positive: str | None
) -> ClassColumns:
    if not isinstance(table.values, np.ndarray):
        return class_columns(table.values, labels, table.source, positive)
    width = table.values.shape[1]
    if width == 1:
        frame = pl.DataFrame({"probability": table.values[:, 0]})
        single = class_columns(frame, labels, table.source, positive)
        return ClassColumns(single.names, single.classes, "")
    named = table.classes or classes or tuple(labels)
    if len(named) != width or len(set(named)) != width:
        where = "classes name" if table.classes or classes else "labels name"
        raise InputError(
            f"{table.source} has {width} columns of probabilities and the {where} "
            f"{len(set(named))} classes ({listed(named)}): pass classes= with the label of each "
            "column."
        )
    return ClassColumns(tuple(f"column {j}" for j in range(width)), tuple(named), "")
