"""A population on the terminal, and as plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, plain, strength
from counterpoint.fit.nets.result import PopulationFit
from counterpoint.report.population_rows import MemberRow, in_short, member_rows
from counterpoint.report.quantities import score_text
from counterpoint.report.terminal import print_findings, print_lines, text_width
from counterpoint.text import printable


def print_population(console: Console, fit: PopulationFit, findings: Sequence[Finding]) -> None:
    """Print what was trained, a row an alpha, and the findings."""
    print_lines(console, [printable(in_short(fit))])
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    rows = member_rows(fit)
    columns = {name: [cell(row) for row in rows] for name, cell in _COLUMNS.items()}
    shown = {name: cells for name, cells in columns.items() if any(c.strip("–") for c in cells)}
    for name in shown:
        table.add_column(Text(name.rstrip()), justify="right", no_wrap=True)
    for i, row in enumerate(rows):
        cells = [Text(cells[i]) for cells in shown.values()]
        table.add_row(*cells, style="bold" if row.taken else None)
    console.print(table)
    seeds = "; the best seed of each alpha" if len(fit.settings.seeds) > 1 else ""
    key = f"Validation scores at the epoch of the least {fit.chosen_by[1].replace('_', ' ')}, and "
    key += f"at the last; data loss and penalty at the last{seeds}."
    console.print(Text(key, style="dim"), width=text_width(console))
    console.print()
    print_findings(console, findings)


_COLUMNS: dict[str, Callable[[MemberRow], str]] = {
    "": lambda r: "→" if r.taken else "",
    "alpha": lambda r: strength(r.alpha),
    "best epoch": lambda r: str(r.best.epoch),
    "log loss": lambda r: score_text(r.best.log_loss),
    "accuracy": lambda r: score_text(r.best.accuracy),
    "Brier score": lambda r: score_text(r.best.brier),
    "last epoch": lambda r: str(r.last.epoch),
    "log loss ": lambda r: score_text(r.last.log_loss),
    "accuracy ": lambda r: score_text(r.last.accuracy),
    "data loss": lambda r: _figure(r.data_loss),
    "penalty": lambda r: _figure(r.penalty),
}


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
