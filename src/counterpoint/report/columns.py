"""Tables on the terminal that leave out the least important columns as the console narrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column.

    Attributes
    ----------
    title
        On one line or more.
    cell
        What it says of a row.
    rank
        The greater, the sooner it goes; those of rank 0 always stay.
    """

    title: str
    cell: Callable[[Row], str]
    rank: int = 0


def print_columns(
    console: Console,
    columns: Sequence[Column[Row]],
    rows: Sequence[Row],
    taken: Callable[[Row], bool],
) -> None:
    """Print a row a line, those that are taken in bold; columns with nothing to show are left out.

    Parameters
    ----------
    console
    columns
        From left to right.
    rows
    taken
        Whether a row is to be seen at once.
    """
    told = [c for c in columns if any(c.cell(row) not in ("", "–") for row in rows)]
    kept = _fitting(told, rows, console.width)
    gap = 2 if _width(kept, rows, gap=2) <= console.width else 1
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    for column in kept:
        table.add_column(Text(column.title, justify="right"), justify="right", no_wrap=True)
    for row in rows:
        cells = (Text(column.cell(row)) for column in kept)
        table.add_row(*cells, style="bold" if taken(row) else None)
    console.print(table)


def _fitting(columns: Sequence[Column[Row]], rows: Sequence[Row], width: int) -> list[Column[Row]]:
    kept = list(columns)
    while _width(kept, rows) > width and any(column.rank for column in kept):
        worst = max(column.rank for column in kept)
        kept = [column for column in kept if column.rank != worst]
    return kept


def _width(columns: Sequence[Column[Row]], rows: Sequence[Row], gap: int = 1) -> int:
    widths = (
        max(map(len, [*column.title.split("\n"), *(column.cell(row) for row in rows)]))
        for column in columns
    )
    return sum(widths) + gap * (len(columns) - 1)
