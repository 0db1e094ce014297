"""One penalty strength in every library's convention, on the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from counterpoint.objective.strength import Equivalent


def print_strengths(console: Console, alpha: float, equivalents: Iterable[Equivalent]) -> None:
    """Print a table of conventions: what each calls the strength, and its value there."""
    console.print(Text(f"alpha = {alpha!r}", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for title in ("convention", "parameter", "value", "Counterpoint's alpha is"):
        table.add_column(title, overflow="fold", justify="right" if title == "value" else "left")
    for row in equivalents:
        value = "–" if row.value is None else f"{row.value:.6g}"
        table.add_row(Text(row.convention), Text(row.parameter), value, Text(row.formula))
    console.print(table)
    for row in equivalents:
        if row.value is None:
            console.print(Text(str(row.why_none), style="dim"))
