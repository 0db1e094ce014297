"""A population on the terminal, and as plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, plain, strength
from counterpoint.fit.nets.result import PopulationFit
from counterpoint.report.columns import Column, print_columns
from counterpoint.report.population_rows import MemberRow, in_short, member_rows
from counterpoint.report.quantities import score_text
from counterpoint.report.terminal import MOST_ROWS, print_findings, print_lines, text_width
from counterpoint.text import printable


def print_population(console: Console, fit: PopulationFit, findings: Sequence[Finding]) -> None:
    """Print what was trained, a row an alpha, and the findings."""
    print_lines(console, [printable(in_short(fit))])
    rows = member_rows(fit)
    step = math.ceil(len(rows) / MOST_ROWS)
    shown = [row for i, row in enumerate(rows) if i % step == 0 or row.taken]
    print_columns(console, _COLUMNS, shown, lambda row: row.taken)
    parts = [
        f"Validation scores at the epoch of the least {fit.chosen_by[1].replace('_', ' ')}, and at "
        "the last",
        "data loss and penalty at the last",
        *(["the best seed of each alpha"] if len(fit.settings.seeds) > 1 else []),
        *([f"{len(shown)} of {len(rows)} alphas shown"] if len(shown) < len(rows) else []),
    ]
    key = "; ".join(parts) + "."
    console.print(Text(key, style="dim"), width=text_width(console))
    console.print()
    print_findings(console, findings)


_COLUMNS: tuple[Column[MemberRow], ...] = (
    Column("", lambda r: "→" if r.taken else ""),
    Column("\nalpha", lambda r: strength(r.alpha)),
    Column("best\nepoch", lambda r: str(r.best.epoch)),
    Column("log\nloss", lambda r: score_text(r.best.log_loss)),
    Column("\naccuracy", lambda r: score_text(r.best.accuracy)),
    Column("Brier\nscore", lambda r: score_text(r.best.brier), rank=3),
    Column("last\nepoch", lambda r: str(r.last.epoch), rank=1),
    Column("log\nloss", lambda r: score_text(r.last.log_loss), rank=1),
    Column("\naccuracy", lambda r: score_text(r.last.accuracy), rank=1),
    Column("data\nloss", lambda r: _figure(r.data_loss), rank=2),
    Column("\npenalty", lambda r: _figure(r.penalty), rank=2),
)


def _figure(value: float) -> str:
    return figure(value) if math.isfinite(value) else "–"


def plain_population(fit: PopulationFit, findings: Sequence[Finding]) -> dict[str, Any]:
    """What `counterpoint train --json` prints: a row an alpha, findings and choice."""
    member, epoch = fit.chosen
    alpha, seed = fit.settings.members[member]
    return {
        "alphas": fit.alphas.tolist(),
        "seeds": list(fit.settings.seeds),
        "epochs": fit.epochs,
        "members": [_plain(row) for row in member_rows(fit)],
        "choice": {"alpha": alpha, "seed": seed, "epoch": epoch},
        "findings": [{**vars(f), "evidence": dict(f.evidence)} for f in findings],
    }


def _plain(row: MemberRow) -> dict[str, Any]:
    """JSON has no NaN."""

    def finite(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: finite(part) for name, part in value.items()}
        return plain(value) if isinstance(value, float) else value

    return {name: finite(value) for name, value in asdict(row).items()}
