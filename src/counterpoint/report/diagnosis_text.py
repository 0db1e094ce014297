"""Diagnoses of runs as text: a section a run, or a line a run where they are many."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count
from counterpoint.report.pair_text import WIDTH, finding_lines
from counterpoint.runs.history import History
from counterpoint.text import printable

#: More runs than this get a line each, and only those with a problem a section.
SECTIONS = 3
#: Sections at the most.
_MOST = 5
_LEVELS = ("problem", "caution", "note")

Diagnosed = tuple[History, Sequence[Finding]]


def diagnosis_text(runs: Sequence[Diagnosed]) -> str:
    """Everything, for a terminal or a notebook."""
    if len(runs) <= SECTIONS:
        return "\n\n".join(map(_section, runs))
    grave = [run for run in runs if _level(run[1]) == "problem"]
    lines = [_summary(runs), "", *map(_line, runs)]
    for run in grave[:_MOST]:
        lines += ["", _section(run)]
    if len(grave) > _MOST:
        lines += ["", f"{len(grave) - _MOST} more have a problem: name one alone to see it."]
    return "\n".join(lines)


def _section(run: Diagnosed) -> str:
    history, findings = run
    notes = [line for note in history.notes for line in _wrapped(f"Read: {note}")]
    return "\n".join([_heading(history), *notes, *finding_lines(findings)])


def _heading(history: History) -> str:
    quantities = "; ".join(
        f"{split or 'no split'}: {', '.join(map(_shown, names[:4]))}"
        + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        for split, names in history.quantities().items()
    )
    about = f"{printable(history.name)}, {count(history.length(), 'point')}"
    kind = f", read as {history.format}" if history.format else ""
    return "\n".join([f"{about}{kind}", *_wrapped(f"  {quantities}")])


def _shown(quantity: str) -> str:
    return printable(quantity.replace("_", " "))[:40]


def _summary(runs: Sequence[Diagnosed]) -> str:
    levels = [_level(findings) for _, findings in runs]
    parts = [
        f"{levels.count(level)} {words}"
        for level, words in zip(
            _LEVELS, ("with a problem", "to look at", "without either"), strict=True
        )
        if level in levels
    ]
    return f"{count(len(runs), 'run')}: {', '.join(parts)}"


def _line(run: Diagnosed) -> str:
    history, findings = run
    level = _level(findings)
    named = [f for f in findings if f.level == level] if level != "note" else findings
    said = ", ".join(
        f.name.replace("_", " ") + (f" ({f.since})" if f.since and level != "note" else "")
        for f in named
    )
    sign = {"problem": "!!", "caution": " !", "note": "  "}[level]
    return f"{sign} {printable(history.name)[-44:]:<44}  {said}"[: WIDTH + 24]


def _level(findings: Sequence[Finding]) -> str:
    levels = {finding.level for finding in findings}
    return next((level for level in _LEVELS if level in levels), "note")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), WIDTH, subsequent_indent="  ", drop_whitespace=True)
