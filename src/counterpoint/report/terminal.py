"""A sweep on the terminal: the table, the findings in plain words, and what to take."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, strength
from counterpoint.fit.result import SweepFit
from counterpoint.report.marks import NO_MARKS, Marks, marks_of
from counterpoint.report.origin import data_in_short, scale_in_words
from counterpoint.report.quantities import score_text, training_text
from counterpoint.report.rows import Score, TableRow, table_rows
from counterpoint.report.subject import Subject, name_of
from counterpoint.text import TEXT_WIDTH, printable

LEVEL_STYLE = {"note": "cyan", "caution": "yellow", "problem": "red"}
#: Rows that a table shows at most; of a longer grid every second, third … is shown.
MOST_ROWS = 31


def print_sweeps(
    console: Console, sweeps: Sequence[Subject], comparisons: Sequence[Finding] = ()
) -> None:
    """Print what became of the data, each sweep's table and findings, and what they show together.

    The choice is the last finding of each sweep.
    """
    print_data(console, sweeps[0].fit)
    for subject in sweeps:
        console.print(Text(name_of(subject.fit), style="bold"))
        print_table(console, subject.fit, marks_of(subject.choice, subject.findings))
        # Sorting keeps the order of the rest.
        print_findings(console, sorted(subject.findings, key=lambda f: f.name == "choice"))
    if comparisons:
        console.print(Text("Side by side", style="bold"))
        print_findings(console, comparisons)


def print_data(console: Console, fit: SweepFit) -> None:
    """Print the size of the data, and what was done to it before the fits."""
    print_lines(console, (data_in_short(fit), f"Features: {scale_in_words(fit)}", *fit.facts.notes))


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Print a sentence a line, as what stands above the rest, and a gap."""
    for line in lines:
        console.print(
            Text(printable(line).rstrip(".") + ".", style="dim"), width=text_width(console)
        )
    console.print()


def print_table(console: Console, fit: SweepFit, marks: Marks = NO_MARKS) -> None:
    """Print alpha against scores, parts of the objective and weights.

    Columns that don't fit the console's width are left out, the least important first.
    """
    rows = table_rows(fit, marks)
    step = math.ceil(len(rows) / MOST_ROWS)
    shown = [row for i, row in enumerate(rows) if i % step == 0 or row.candidate]
    columns = _fitting(_columns(rows), shown, console.width)
    gap = 2 if _width(columns, shown, gap=2) <= console.width else 1
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(Text(column.title), justify="right", no_wrap=True)
    for row in shown:
        table.add_row(
            *(Text(column.cell(row)) for column in columns),
            style="bold" if row.candidate and row.candidate.taken else None,
        )
    console.print(table)
    _print_key(console, fit, rows, len(shown))
    console.print()


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Print each finding: its level and conclusion; below, explanation, remedy and doubt."""
    for finding in findings:
        heading = Text(f"{finding.level}: ", style=LEVEL_STYLE[finding.level])
        console.print(
            heading.append(printable(finding.title), style="bold"), width=text_width(console)
        )
        for label, text in _parts(finding):
            _print_paragraph(console, label, text)
        console.print()


def explanation(findings: Iterable[Finding]) -> str:
    """Findings in plain words, as text.

    Examples
    --------
    >>> found = Finding("x", "note", "Accuracy stands still", "31 of 1797 rows differ.", {})
    >>> print(explanation([found]), end="")
    note: Accuracy stands still
      31 of 1797 rows differ.
    """
    out = io.StringIO()
    print_findings(Console(file=out, width=TEXT_WIDTH, color_system=None), findings)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines()) + "\n"


def _parts(finding: Finding) -> list[tuple[str, str]]:
    parts = (("", finding.explanation), ("What to do", finding.remedy), ("Open", finding.doubt))
    return [(label, text) for label, text in parts if text]


def _print_paragraph(console: Console, label: str, text: str) -> None:
    words = Text(f"{label}: " if label else "", style="italic").append(
        printable(text), style="not italic"
    )
    console.print(Padding(words, (0, 0, 0, 2), expand=False), width=text_width(console))


def text_width(console: Console) -> int:
    """Columns that running text takes."""
    return min(console.width, TEXT_WIDTH)


@dataclass(frozen=True)
class _Column:
    title: str
    cell: Callable[[TableRow], str]
    #: The greater, the sooner it goes as the console narrows.
    rank: int = 0


def _columns(rows: Sequence[TableRow]) -> list[_Column]:
    """Columns from left to right, without those that have nothing to show."""
    columns = [
        _Column("", _signs),
        _Column("alpha", lambda r: strength(r.alpha)),
        _Column("accuracy", lambda r: _with_margin(r.scores[0])),
        _Column("trained", lambda r: training_text(r.scores[0].training), rank=3),
        _Column("log loss", lambda r: _with_margin(r.scores[1])),
        _Column("trained", lambda r: training_text(r.scores[1].training), rank=6),
        _Column("Brier score", lambda r: _with_margin(r.scores[2]), rank=4),
        _Column("trained", lambda r: training_text(r.scores[2].training), rank=5),
        _Column("data loss", lambda r: figure(r.data_loss), rank=1),
        _Column("penalty", lambda r: figure(r.penalty), rank=1),
        _Column("norm", lambda r: figure(r.weight_norm), rank=2),
        _Column("nonzero", lambda r: str(r.nonzero), rank=2),
    ]
    return [column for column in columns if any(column.cell(row) not in ("", "–") for row in rows)]


def _fitting(columns: Sequence[_Column], rows: Sequence[TableRow], width: int) -> list[_Column]:
    """The columns that fit, the least important left out; those of rank 0 always stay."""
    kept = list(columns)
    while _width(kept, rows) > width and any(column.rank for column in kept):
        worst = max(column.rank for column in kept)
        kept = [column for column in kept if column.rank != worst]
    return kept


def _width(columns: Sequence[_Column], rows: Sequence[TableRow], gap: int = 1) -> int:
    widths = (
        max(len(column.title), *(len(column.cell(row)) for row in rows)) for column in columns
    )
    return sum(widths) + gap * (len(columns) - 1)


def _signs(row: TableRow) -> str:
    sign = "" if row.candidate is None else "→" if row.candidate.taken else "·"
    return sign if row.settled else sign + "!"


def _with_margin(score: Score) -> str:
    """A value and half the width of its interval."""
    half = (score.high - score.low) / 2.0
    margin = f" ±{score_text(half)}" if math.isfinite(half) else ""
    return f"{score_text(score.value)}{margin}"


def _print_key(console: Console, fit: SweepFit, rows: Sequence[TableRow], n_shown: int) -> None:
    """Say what the columns are, and what the signs mean as far as the table has them."""
    candidates = [row.candidate for row in rows if row.candidate]
    parts = [
        f"Held out ({fit.scheme}), ± half the 95% interval",
        "trained: on the rows trained on",
        *(["log loss and Brier score after calibration"] if fit.held_out.calibrated else []),
        *(f"{'→ take' if c.taken else '·'} {strength(c.alpha)}: {c.why}" for c in candidates),
    ]
    if not all(row.settled for row in rows):
        parts.append(f"! not certified to {fit.tol:.0e}")
    if n_shown < len(rows):
        parts.append(f"{n_shown} of {len(rows)} alphas shown")
    console.print(Text("; ".join(parts) + ".", style="dim"), width=text_width(console))
