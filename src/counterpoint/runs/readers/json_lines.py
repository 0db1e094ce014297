"""JSON Lines: one object a line, each a row."""

from __future__ import annotations

import json
from typing import Any

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.records import Rows, number_of, tells_training
from counterpoint.runs.source import Source

name = "JSON Lines"
summary = "one JSON object a line, such as MMEngine's `scalars.json` and DETR's `log.txt`"


def recognises(source: Source) -> bool:
    """Whether the first lines are JSON objects, and some of them tell of a training."""
    lines = [line for line in source.text.split("\n")[:200] if line.strip()]
    if source.size > len(source.head):
        lines = lines[:-1]
    rows = [_row(line) for line in lines[:-1] or lines]
    whole = [row for row in rows if row is not None]
    if len(rows) == 1 and whole:  # One object alone may hold whole curves.
        whole = [{name: each for name, each in whole[0].items() if "." not in name}]
    return (
        bool(whole)
        and 2 * len(whole) > len(rows)
        and any(_tells(row, source.explained) for row in whole)
    )


def read(source: Source, gathered: Gatherer) -> None:
    """Read every line; those that are no JSON object are counted and said."""
    rows = Rows(gathered)
    wrong = []
    for number, line in enumerate(source.lines(), start=1):
        row = _row(line)
        if row is not None:
            rows.add(tuple(row), list(row.values()))
        elif line.strip():
            wrong.append(number)
    if wrong:
        shown = ", ".join(map(str, wrong[:5])) + (", ..." if len(wrong) > 5 else "")
        gathered.note(f"{len(wrong):,} lines that are no JSON object left out: line {shown}")


def _row(line: str) -> dict[str, Any] | None:
    """A line's object; one level of objects in it becomes names with a dot."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    flat: dict[str, Any] = {}
    for key, each in value.items():
        if isinstance(each, dict):
            flat |= {f"{key}.{name}": inner for name, inner in each.items()}
        else:
            flat[key] = each
    return flat


def _tells(row: dict[str, Any], explained: frozenset[str]) -> bool:
    """Whether an object has numbers of a training, and not curves of them."""
    scalars = [name for name, value in row.items() if number_of(value)[0] is not None]
    return tells_training(scalars, explained)
