"""A training as it goes on, for a terminal: last values, their course, and what was found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure
from counterpoint.runs.history import History
from counterpoint.text import printable

#: Characters that a course is drawn in.
COURSE = 32
_BARS = "▁▂▃▄▅▆▇█"
#: What is shown first; the rest follows in the order of the log.
_FIRST = ("loss", "data_loss", "penalty", "accuracy", "batch_loss", "batch_accuracy", "error_rate")
_MOST_ROWS, _MOST_RUNS = 16, 8
_STYLES = {"problem": "bold red", "caution": "yellow", "note": "dim"}

Diagnosed = tuple[History, Sequence[Finding]]


def live_view(runs: Sequence[Diagnosed]) -> RenderableType:
    """The newest run in full, those before it in a line each.

    Parameters
    ----------
    runs
        The one that was written to last at the end.
    """
    *earlier, (history, findings) = runs
    parts: list[RenderableType] = [_run_line(*run) for run in earlier[-_MOST_RUNS:]]
    if len(earlier) > _MOST_RUNS:
        parts.insert(0, Text(f"and {count(len(earlier) - _MOST_RUNS, 'run')} before these"))
    if parts:
        parts.append(Text())
    return Group(*parts, _heading(history), _courses(history), *_found(findings))


def sparkline(values: Sequence[float], width: int = COURSE) -> str:
    """The course of values in as many characters, each the mean of its stretch.

    A stretch with a value that is not finite is an ×.

    Examples
    --------
    >>> sparkline([4.0, 3.0, 2.0, 1.0]), sparkline([1.0, float("nan"), 2.0])
    ('█▆▃▁', '▁×█')
    """
    parts = np.array_split(np.asarray(values, dtype=float), min(width, len(values)) or 1)
    means = np.array([part.mean() if len(part) else math.nan for part in parts])
    finite = means[np.isfinite(means)]
    if not len(finite):
        return "×" * len(means)
    low, high = float(finite.min()), float(finite.max())
    # Halves first: the difference of two numbers of single precision's ends overflows.
    span = high / 2 - low / 2
    shares = (means / 2 - low / 2) / (span or 1.0)
    top = len(_BARS) - 1
    return "".join(_BARS[round(top * s)] if math.isfinite(s) else "×" for s in shares)


def _heading(history: History) -> Text:
    kind = f", read as {history.format}" if history.format else ""
    text = Text(f"{printable(history.name)}{kind}", style="bold")
    last = history.rows.tail(1)
    place = [f"{key} {last[key][0]:g}" for key in ("epoch", "step") if last[key][0] is not None]
    return text.append(f"  {', '.join(place)}" if place else "", style="not bold")


def _courses(history: History) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, side in (("rows", "left"), ("quantity", "left"), ("first", "right")):
        table.add_column(name, justify=side, no_wrap=True)  # type: ignore[arg-type]
    for name in ("last", "least", "greatest"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    shown = list(_series(history))
    for split, quantity, values in shown[:_MOST_ROWS]:
        finite = [v for v in values if math.isfinite(v)] or [math.nan]
        numbers = (values[0], values[-1], min(finite), max(finite))
        name = printable(quantity.replace("_", " "))[:24]
        table.add_row(split or "-", Text(name), *map(_number, numbers), sparkline(values))
    if len(shown) > _MOST_ROWS:
        table.add_row("", Text(f"and {len(shown) - _MOST_ROWS} more", style="dim"))
    return table


def _series(history: History) -> Iterator[tuple[str, str, list[float]]]:
    """Split, quantity and values, the measures that matter most first."""
    kinds = [(split, name) for split, names in history.quantities().items() for name in names]
    ranked = sorted(kinds, key=lambda k: _FIRST.index(k[1]) if k[1] in _FIRST else len(_FIRST))
    for split, quantity in ranked:
        yield split, quantity, history.series(split, quantity)["value"].to_list()


def _number(value: float) -> str:
    return figure(value) if math.isfinite(value) else str(value)


def _found(findings: Sequence[Finding]) -> Iterator[Text]:
    yield Text()
    for finding in findings:
        yield finding_line(finding)
    if not findings:
        yield Text("nothing found so far", style="dim")


def finding_line(finding: Finding) -> Text:
    """Level, title and since when, if the title does not say so."""
    said = f" {finding.since} " in f"{finding.title} "
    since = f" (since {finding.since})" if finding.since and not said else ""
    line = Text(f"{finding.level:<8}", style=_STYLES[finding.level])
    return line.append(f"{printable(finding.title)}{printable(since)}", style="default")


def _run_line(history: History, findings: Sequence[Finding]) -> Text:
    last = " ".join(
        f"{split or '-'} {quantity} {_number(values[-1])}"
        for split, quantity, values in list(_series(history))[:3]
    )
    grave = [f.name.replace("_", " ") for f in findings if f.level == "problem"]
    line = Text(f"{printable(history.name)[-40:]:<40}  {printable(last)}", style="dim")
    return line.append(f"  {', '.join(grave)}", style="red") if grave else line
