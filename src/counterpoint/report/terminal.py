"""A sweep on the terminal: the table, the findings in plain words, and what to take."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, strength
from counterpoint.fit.result import SweepFit
from counterpoint.report.columns import Column, print_columns
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
    print_columns(console, _COLUMNS, shown, lambda r: bool(r.candidate and r.candidate.taken))
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


def _signs(row: TableRow) -> str:
    sign = "" if row.candidate is None else "→" if row.candidate.taken else "·"
    return sign if row.settled else sign + "!"


def _with_margin(score: Score) -> str:
    """A value and half the width of its interval."""
    half = (score.high - score.low) / 2.0
    margin = f" ±{score_text(half)}" if math.isfinite(half) else ""
    return f"{score_text(score.value)}{margin}"


#: From left to right.
_COLUMNS: tuple[Column[TableRow], ...] = (
    Column("", _signs),
    Column("alpha", lambda r: strength(r.alpha)),
    Column("accuracy", lambda r: _with_margin(r.scores[0])),
    Column("trained", lambda r: training_text(r.scores[0].training), rank=3),
    Column("log loss", lambda r: _with_margin(r.scores[1])),
    Column("trained", lambda r: training_text(r.scores[1].training), rank=6),
    Column("Brier score", lambda r: _with_margin(r.scores[2]), rank=4),
    Column("trained", lambda r: training_text(r.scores[2].training), rank=5),
    Column("data loss", lambda r: figure(r.data_loss), rank=1),
    Column("penalty", lambda r: figure(r.penalty), rank=1),
    Column("norm", lambda r: figure(r.weight_norm), rank=2),
    Column("nonzero", lambda r: str(r.nonzero), rank=2),
)


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
