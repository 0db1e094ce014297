"""Parquet with columns of a training."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.records import Rows, tells_training
from counterpoint.runs.source import Source

name = "Parquet"
summary = "any with recognisable columns"
_ROWS_AT_ONCE = 50_000


def recognises(source: Source) -> bool:
    """Whether it is Parquet."""
    return source.head.startswith(b"PAR1")


def read(source: Source, gathered: Gatherer) -> None:
    """Read it some rows at a time."""
    try:
        frame = pl.scan_parquet(source.path)
        kinds = frame.collect_schema()
        wanted = [
            column
            for column, kind in kinds.items()
            if kind.is_numeric() or kind in (pl.String, pl.Categorical)
        ]
        if not tells_training(wanted, source.explained) and not {"value", "step"} <= set(wanted):
            raise InputError("its columns name no loss and no accuracy.")
        rows = Rows(gathered)
        for row in _rows(frame.select(wanted)):
            rows.add(tuple(wanted), row)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"it is damaged ({str(error).splitlines()[0][:200]}).") from error
    except pl.exceptions.PanicException as error:  # a bug of the library, set off by the file
        raise InputError("it is damaged.") from error


def _rows(frame: pl.LazyFrame) -> Iterator[tuple[object, ...]]:
    start = 0
    while True:
        part = frame.slice(start, _ROWS_AT_ONCE).collect()
        yield from part.iter_rows()
        if part.height < _ROWS_AT_ONCE:
            return
        start += part.height
