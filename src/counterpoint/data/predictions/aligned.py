"""Several models' tables as probabilities of the same rows and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.data.labels import check_labelled, row_weights
from counterpoint.data.predictions.readers import (
    as_strings,
    label_codes,
    label_names,
    numbers,
    readers_of,
)
from counterpoint.data.predictions.tables import Table
from counterpoint.data.predictions.values import Array
from counterpoint.data.wording import listed, near_names, plural
from counterpoint.errors import InputError


@dataclass(frozen=True, eq=False)
class Predictions:
    """What several models say of the same rows.

    Attributes
    ----------
    names : tuple of str
    probabilities : tuple of array of shape (n, K)
    classes : tuple of str
        In the order of the columns.
    label_index : array of int, shape (n,)
    weight : array of shape (n,) or None
    rows : Series or None
        Identifiers of the rows.
    notes : tuple of str
        How the tables were understood, a sentence each.
    """

    names: tuple[str, ...]
    probabilities: tuple[Array, ...]
    classes: tuple[str, ...]
    label_index: npt.NDArray[np.int64]
    weight: Array | None
    rows: pl.Series | None
    notes: tuple[str, ...]


def aligned(
    tables: Sequence[Table],
    *,
    labels: Any = None,
    weight: Any = None,
    classes: Sequence[Any] | None = None,
    positive: str | None = None,
    logits: bool = False,
    wanted: str | None = None,
) -> Predictions:
    """Bring tables to the same rows in the same order, and their numbers to probabilities.

    Parameters
    ----------
    tables
        One a model. Rows are matched by identifiers where there are any, else by position.
    labels, weight : Series, optional
        Where no table has them.
    classes
        Of the columns of arrays; by default the labels in order.
    positive
        The class that a single column is the probability of; by default the second.
    logits
        Whether the numbers are raw scores.
    wanted
        Name of the column of labels that was looked for in the tables.

    Raises
    ------
    InputError
        Tables of different rows, labels that differ or are no class, columns that fit no class,
        or numbers that are no probabilities.

    Examples
    --------
    >>> a = Table("a", np.array([[0.2], [0.9]]))
    >>> both = aligned([a, Table("b", np.array([[25.0], [75.0]]))], labels=pl.Series(["n", "y"]))
    >>> both.probabilities[1].tolist(), both.notes[-1]
    ([[0.75, 0.25], [0.25, 0.75]], 'b: read as per cent, divided by 100')
    """
    tables, notes = _matched(tables)
    target = agreed_labels(tables, labels, wanted=wanted)
    given = None if classes is None else tuple(map(str, classes))
    readers = readers_of(tables, label_names(target), given, positive, logits)
    common = readers[0].classes
    weights = weight if weight is not None else _first(tables, "weight")
    return Predictions(
        names=tuple(table.source for table in tables),
        probabilities=tuple(
            reader.probabilities(numbers(table, reader.columns))
            for reader, table in zip(readers, tables, strict=True)
        ),
        classes=common,
        label_index=label_codes(target, common),
        weight=None if weights is None else row_weights(weights, len(target)),
        rows=tables[0].ids,
        notes=(
            *notes,
            *(note for r in readers for note in (r.columns.note, r.found.note) if note),
            *_one_class(target),
        ),
    )


def _matched(tables: Sequence[Table]) -> tuple[list[Table], list[str]]:
    """The tables with the rows of the first, in its order."""
    first = tables[0]
    if first.ids is None:
        for table in tables[1:]:
            if len(table) != len(first):
                raise InputError(
                    f"{first.source} has {plural(len(first), 'row')} and {table.source} "
                    f"{len(table):,}: they must be of the same rows; if a column identifies them, "
                    "name it with --id and the rows that all have are compared."
                )
        return list(tables), []
    keys = [_distinct(table) for table in tables]
    common = keys[0]
    for key in keys[1:]:
        common = common.filter(common.is_in(key.implode()))
    if common.is_empty():
        raise InputError(
            f"{listed([t.source for t in tables])} have no row in common: is "
            f"{str(first.ids.name)!r} the same identifier in each?"
        )
    notes = [
        f"{plural(len(common), 'row')} of {len(table):,} in {table.source} are in all tables and "
        "compared"
        for table in tables
        if len(table) != len(common)
    ]
    return [_taken(table, key, common) for table, key in zip(tables, keys, strict=True)], notes


def _distinct(table: Table) -> pl.Series:
    """Identifiers as text, each once."""
    assert table.ids is not None
    key = table.ids.cast(pl.String)
    twice = key.is_duplicated() | key.is_null()
    if twice.any():
        row = int(twice.arg_max() or 0)
        raise InputError(
            f"{table.source}, data row {row + 1}: identifier {key[row]!r} is missing or there "
            f"twice in {str(table.ids.name)!r}: rows can be matched by distinct identifiers only."
        )
    return key


def _taken(table: Table, key: pl.Series, common: pl.Series) -> Table:
    places = pl.DataFrame({"key": key}).with_row_index("at")
    at = common.to_frame("key").join(places, on="key", how="left", maintain_order="left")["at"]
    where = at.to_numpy()

    def picked(series: pl.Series | None) -> pl.Series | None:
        return None if series is None else series.gather(at)

    values = table.values[where] if isinstance(table.values, np.ndarray) else table.values[at]
    return replace(
        table,
        values=values,
        labels=picked(table.labels),
        weight=picked(table.weight),
        ids=picked(table.ids),
    )


def agreed_labels(
    tables: Sequence[Table],
    given: pl.Series | None,
    first_row: int = 0,
    wanted: str | None = None,
) -> pl.Series:
    """The labels, on which all tables that have them must agree.

    Parameters
    ----------
    given
        Labels that stand in no table.
    first_row
        Where these rows begin in the tables.
    wanted
        As in `aligned`.

    Raises
    ------
    InputError
        There are none, one is missing, or two tables differ.
    """
    target = given if given is not None else _first(tables, "labels")
    if target is None:
        raise InputError(_no_labels(tables, wanted))
    if len(target) != len(tables[0]):
        raise InputError(
            f"There are {len(target):,} labels for {len(tables[0]):,} rows of predictions: pass "
            "one label a row."
        )
    check_labelled(target, first_row)
    known = as_strings(target)
    for table in tables:
        if table.labels is None or table.labels is target:
            continue
        check_labelled(table.labels, first_row)
        theirs = as_strings(table.labels)
        differs = known.ne_missing(theirs)
        if differs.any():
            row = int(differs.arg_max() or 0)
            raise InputError(
                f"Data row {first_row + row + 1} is {known[row]!r} in {tables[0].source} and "
                f"{theirs[row]!r} in {table.source} ({plural(int(differs.sum()), 'row')} in all): "
                "the rows are in another order or not the same; name a column that identifies "
                "them with --id."
            )
    return target


def _one_class(target: pl.Series) -> list[str]:
    if target.n_unique() > 1:
        return []
    return [
        f"Every row is of class {as_strings(target)[0]!r}: these rows can't show what tells it "
        "from others"
    ]


def _no_labels(tables: Sequence[Table], wanted: str | None) -> str:
    sources = listed([t.source for t in tables])
    if wanted is None:
        return (
            f"None of {sources} has a column of labels that is known as such: name it with "
            "--target (in Python pass y_true, or target)."
        )
    columns = [c for t in tables if isinstance(t.values, pl.DataFrame) for c in t.values.columns]
    return (
        f"None of {sources} has a column {wanted!r} for --target: "
        f"{near_names(wanted, dict.fromkeys(columns))}"
    )


def _first(tables: Sequence[Table], part: str) -> pl.Series | None:
    return next((getattr(t, part) for t in tables if getattr(t, part) is not None), None)
