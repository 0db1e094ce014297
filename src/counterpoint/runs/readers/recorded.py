"""What Counterpoint's own recorder wrote."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.names import NAMES, SPLITS, Meaning
from counterpoint.runs.recorder import FORMAT, MARK
from counterpoint.runs.source import Source

name = "Counterpoint record"
summary = "the folder that `cp.record` writes, or one file of it"
#: Quantities that are taken as they are called.
_OURS = {"loss", "data_loss", "penalty", "objective", "accuracy", "error_rate", *NAMES}


def recognises(source: Source) -> bool:
    """Whether the first line is a record's."""
    return f'"{MARK}"' in source.text.partition("\n")[0]


def claims(folder: Path) -> bool:
    """Whether a folder is a record."""
    first = next((path for path in folder.glob("run-*.jsonl") if path.is_file()), None)
    return first is not None and recognises(Source.of(first))


def read(source: Source, gathered: Gatherer) -> None:
    """Read one run: this file, and those that it goes on from.

    Rows are handed over one by one, so that a long record takes little memory, and one that is
    still written can be followed.
    """
    parts = list(_chain(source))
    for _, header in parts:
        facts = header.get("facts")
        gathered.facts(facts if isinstance(facts, dict) else {})
    limits = [math.inf]
    for _, header in parts:
        after = header.get("after_step")
        limits.append(min(limits[-1], after) if isinstance(after, int) else limits[-1])
    for (part, _), limit in reversed(list(zip(parts, limits, strict=False))):
        _read_part(part, limit, gathered)


def read_folder(folder: Path, gathered: Gatherer) -> None:
    """Read every run in a record."""
    for path in latest(folder):
        gathered.new_run()
        read(Source.of(path), gathered)


def latest(folder: Path) -> list[Path]:
    """The file of each run in a record that no other one goes on from, by time."""
    headers = {path: _header(Source.of(path)) for path in sorted(folder.glob("run-*.jsonl"))}
    resumed = {header.get("resumes") for header in headers.values()}
    return [path for path in headers if path.name not in resumed]


def _chain(source: Source) -> Iterator[tuple[Source, dict[str, Any]]]:
    """The files of a run with their first lines, the newest first."""
    seen = set()
    while True:
        if source.path in seen:
            raise InputError(f"{source.path} goes on from itself: its first line is damaged.")
        seen.add(source.path)
        header = _header(source)
        yield source, header
        earlier = header.get("resumes")
        if not isinstance(earlier, str):
            return
        # A name only: a record never points out of its folder.
        source = Source.of(source.path.with_name(Path(earlier).name))


def _header(source: Source) -> dict[str, Any]:
    """The first line, which stands in the head."""
    header = _row(source.text.partition("\n")[0])
    if header is None or header.get(MARK) != FORMAT:
        message = f"{source.path} is no record of format {FORMAT}: its first line says otherwise."
        raise InputError(message)
    return header


def _row(line: str) -> dict[str, Any] | None:
    """What a line holds; None where it was torn."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _read_part(source: Source, limit: float, gathered: Gatherer) -> None:
    """Rows up to a step; one without a step stands where the one before it does."""
    step, damaged = -math.inf, []
    for number, line in enumerate(source.lines(), start=1):
        row = _row(line) if number > 1 else {}
        if row is None:
            damaged.append(number)
            continue
        here = row.get("step")
        step = here if isinstance(here, int) else step
        if step <= limit:
            _add(row, gathered)
    if damaged:
        said = ", ".join(map(str, damaged[:5])) + (", ..." if len(damaged) > 5 else "")
        gathered.note(f"{source.path.name}: torn or damaged lines left out: {said}")


def _add(row: dict[str, Any], gathered: Gatherer) -> None:
    step, epoch, split = row.pop("step", None), row.pop("epoch", None), row.pop("split", None)
    step = step if isinstance(step, int) and abs(step) < 2**53 else None
    meanings = gathered.meanings(row)
    for (key, value), meaning in zip(row.items(), meanings, strict=True):
        meaning = Meaning(key, "") if key in _OURS else meaning
        if split is not None:
            own = SPLITS.get(split, "") if isinstance(split, str) else ""
            meaning = Meaning(meaning.quantity, own)
        try:
            place = None if epoch is None else float(epoch)
            gathered.point(meaning, float(value), step, place, key)
        except (TypeError, ValueError):
            gathered.note(f"{key} is {value!r}: no number, left out")
