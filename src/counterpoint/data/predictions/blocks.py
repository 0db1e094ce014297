"""Parquet tables of predictions that are read a block of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.data.labels import check_labelled, row_weights
from counterpoint.data.predictions.aligned import agreed_labels
from counterpoint.data.predictions.columns import guessed_target
from counterpoint.data.predictions.readers import (
    Reader,
    label_codes,
    label_names,
    numbers,
    readers_of,
)
from counterpoint.data.predictions.tables import Roles, Table, split_frame
from counterpoint.data.predictions.values import Array
from counterpoint.data.wording import plural
from counterpoint.errors import InputError

#: Times its own size that a table takes where it is compared whole.
WHOLE = 6
#: Blocks that are in memory at once: those that wait for a thread, and their temporary arrays.
AT_ONCE = 40
#: Rows that the numbers' meaning is found out from, and that a block has at most.
FIRST_ROWS = 100_000


@dataclass(frozen=True)
class Block:
    """Some rows of every model.

    Attributes
    ----------
    first_row : int
    probabilities : tuple of array of shape (rows, K)
    label_index : array of int, shape (rows,)
    weight : array of shape (rows,)
    """

    first_row: int
    probabilities: tuple[Array, ...]
    label_index: npt.NDArray[np.int64]
    weight: Array


@dataclass(frozen=True)
class BlockReader:
    """Parquet tables of the same rows, and how to read them.

    Attributes
    ----------
    paths, names : tuple of str
    roles : Roles
    readers : tuple of Reader
    n : int
        Rows.
    block_rows : int
        Rows of a block.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    roles: Roles
    readers: tuple[Reader, ...]
    n: int
    block_rows: int

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of the probabilities' columns."""
        return self.readers[0].classes

    @property
    def rows(self) -> None:
        """Identifiers of the rows: there are none."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """How the tables were understood."""
        told = (n for r in self.readers for n in (r.columns.note, r.found.note) if n)
        return (
            *told,
            f"Rows were read in blocks of {self.block_rows:,}: what is a sum over rows is exact; "
            "parts, scale and reliability need all rows in memory and are left out",
        )

    def blocks(self) -> Iterator[Block]:
        """All rows in order, a block at a time; each is checked as a whole table would be."""
        for start in range(0, self.n, self.block_rows):
            tables = _tables(self.paths, self.names, self.roles, start, self.block_rows)
            target = agreed_labels(tables, None, start)
            weight = next((t.weight for t in tables if t.weight is not None), None)
            yield Block(
                first_row=start,
                probabilities=tuple(
                    reader.probabilities(numbers(table, reader.columns), start)
                    for reader, table in zip(self.readers, tables, strict=True)
                ),
                label_index=label_codes(target, self.classes),
                weight=np.ones(len(target)) if weight is None else _weights(weight, start),
            )


def blocks_of(
    paths: Sequence[str],
    names: Sequence[str],
    roles: Roles,
    *,
    memory: int,
    positive: str | None = None,
    logits: bool = False,
) -> BlockReader | None:
    """How to read Parquet tables in blocks, if comparing them whole would take too much memory.

    Parameters
    ----------
    paths
        One a model.
    memory : int
        Bytes.

    Returns
    -------
    BlockReader or None
        None where they fit, or where one isn't a Parquet file.

    Raises
    ------
    InputError
        As `aligned`; or where rows are to be matched by identifiers, which takes them all.
    """
    if not all(path.lower().endswith(".parquet") for path in paths):
        return None
    try:
        lazy = [pl.scan_parquet(path, glob=False) for path in paths]
        types = [dict(each.collect_schema()) for each in lazy]
        counts = [int(each.select(pl.len()).collect().item()) for each in lazy]
    except (pl.exceptions.PolarsError, OSError):
        return None
    width = 8 * sum(map(len, types))
    if WHOLE * width * max(counts) <= memory:
        return None
    if roles.id is not None:
        raise InputError(
            "Rows can be matched by --id only where all fit in --memory: sort the tables alike "
            "and leave --id out, or allow more."
        )
    for name, n in zip(names, counts, strict=True):
        if n != counts[0]:
            raise InputError(
                f"{names[0]} has {plural(counts[0], 'row')} and {name} {n:,}: they must be of the "
                "same rows."
            )
    labels = _distinct_labels(lazy, types, names, roles)
    rows = max(1000, min(FIRST_ROWS, memory // (AT_ONCE * width)))
    first = _tables(paths, names, roles, 0, min(rows, FIRST_ROWS))
    readers = readers_of(first, labels, None, positive, logits)
    return BlockReader(tuple(paths), tuple(names), roles, tuple(readers), counts[0], rows)


def _tables(
    paths: Sequence[str], names: Sequence[str], roles: Roles, start: int, rows: int
) -> list[Table]:
    return [
        split_frame(pl.scan_parquet(path, glob=False).slice(start, rows).collect(), name, roles)
        for path, name in zip(paths, names, strict=True)
    ]


def _distinct_labels(
    lazy: Sequence[pl.LazyFrame],
    types: Sequence[dict[str, pl.DataType]],
    names: Sequence[str],
    roles: Roles,
) -> list[str]:
    """The classes that the labels of all rows name, in order."""
    for each, known in zip(lazy, types, strict=True):
        target = roles.target or guessed_target(list(known))
        if target in known:
            distinct = each.select(target).unique().collect(engine="streaming").to_series()
            check_labelled(distinct)
            return label_names(distinct)
    raise InputError(
        f"None of {', '.join(map(repr, names))} has a column of labels that is known as such: name "
        "it with --target."
    )


def _weights(weight: pl.Series, first_row: int) -> Array:
    """Weights of a block, where all may be zero; a bad one is named by its row in the table."""
    if weight.dtype.is_numeric() and bool((weight == 0).all()):
        return np.zeros(len(weight))
    try:
        return row_weights(weight, len(weight))
    except InputError as error:
        raise InputError(f"In the rows from {first_row + 1:,} on: {error}") from None
