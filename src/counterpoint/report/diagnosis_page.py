"""Diagnoses of runs as one self-contained page with charts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from counterpoint.files import write_atomically
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count
from counterpoint.report import theme
from counterpoint.report.document import Figure, drawings, template
from counterpoint.report.history_charts import has_chart, history_chart
from counterpoint.report.origin import versions
from counterpoint.runs.history import History
from counterpoint.text import printable

#: Runs with charts at the most; the others have their findings.
CHARTED = 12

Diagnosed = tuple[History, Sequence[Finding]]


def render_diagnosis(runs: Sequence[Diagnosed]) -> str:
    """Write the runs as one page: style and charts in it, no script, no address outside."""
    return template("diagnosis.html.j2").render(
        title="Counterpoint diagnosis",
        in_short=_in_short(runs),
        runs=[_run(i, *run) for i, run in enumerate(runs)],
        origin=versions(),
        dark=Markup(theme.dark_rules()),
    )


def write_diagnosis(path: Path, runs: Sequence[Diagnosed]) -> None:
    """Write the page to a file."""
    write_atomically(path, render_diagnosis(runs))


def _in_short(runs: Sequence[Diagnosed]) -> str:
    if len(runs) == 1:
        return runs[0][0].name
    grave = sum(any(f.level == "problem" for f in findings) for _, findings in runs)
    return f"{count(len(runs), 'run')}, {grave} with a problem"


def _run(number: int, history: History, findings: Sequence[Finding]) -> dict[str, Any]:
    name = printable(history.name)
    figures = []
    if number < CHARTED and has_chart(history):
        drawn = drawings(partial(history_chart, history), f"run{number}", f"The log of {name}")
        figures.append(Figure("The log", "As logged; a line a split.", drawn))
    facts = {"Read as": history.format, "From": history.source}
    facts |= {fact.replace("_", " "): str(value) for fact, value in history.facts.items()}
    return {
        "name": name,
        "points": count(history.length(), "point"),
        "findings": findings,
        "figures": figures,
        "facts": {fact: value for fact, value in facts.items() if value},
        "notes": history.notes,
    }
