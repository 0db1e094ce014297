"""What Counterpoint's own recorder wrote."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.names import NAMES, SPLITS, Meaning, meaning_of
from counterpoint.runs.recorder import FORMAT, MARK
from counterpoint.runs.source import Source

name = "Counterpoint record"
summary = "the folder that `cp.record` writes, or one file of it"
#: Quantities that are taken as they are called.
_OURS = {"loss", "data_loss", "penalty", "objective", "accuracy", "error_rate", *NAMES}


@dataclass(frozen=True)
class _Part:
    """One writer's file: its first line, its rows, and what was wrong with them."""

    header: dict[str, Any]
    rows: list[dict[str, Any]]
    damage: str


def recognises(source: Source) -> bool:
    """Whether the first line is a record's."""
    return f'"{MARK}"' in source.text.partition("\n")[0]


def claims(folder: Path) -> bool:
    """Whether a folder is a record."""
    first = next((path for path in folder.glob("run-*.jsonl") if path.is_file()), None)
    return first is not None and recognises(Source.of(first))


def read(source: Source, gathered: Gatherer) -> None:
    """Read one run: this file, and those that it goes on from."""
    parts = list(_chain(source.path))
    limit = math.inf
    kept = []
    for part in parts:
        kept.append(_up_to(part.rows, limit))
        limit = min(limit, part.header.get("after_step", math.inf))
    for part in parts:
        gathered.facts(part.header.get("facts", {}))
        if part.damage:
            gathered.note(part.damage)
    for rows in reversed(kept):
        for row in rows:
            _add(row, gathered)


def read_folder(folder: Path, gathered: Gatherer) -> None:
    """Read every run in a record: each file that no other one goes on from."""
    paths = sorted(folder.glob("run-*.jsonl"))
    headers = {path: _part(path).header for path in paths}
    resumed = {header.get("resumes") for header in headers.values()}
    for path in paths:
        if path.name not in resumed:
            gathered.new_run()
            read(Source.of(path), gathered)


def _chain(path: Path) -> Iterator[_Part]:
    """The parts of a run, the newest first."""
    seen = set()
    here: Path | None = path
    while here is not None:
        if here in seen:
            raise InputError(f"{path} goes on from itself: its first line is damaged.")
        seen.add(here)
        part = _part(here)
        yield part
        earlier = part.header.get("resumes")
        # A name only: a record never points out of its folder.
        here = path.with_name(Path(earlier).name) if isinstance(earlier, str) else None


def _part(path: Path) -> _Part:
    rows, damaged = [], []
    header: dict[str, Any] = {}
    for number, line in enumerate(Source.of(path).lines(), start=1):
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise TypeError(line)
        except (ValueError, TypeError, RecursionError):
            damaged.append(number)
            continue
        if number == 1:
            header = row
        else:
            rows.append(row)
    if header.get(MARK) != FORMAT:
        raise InputError(f"{path} is no record of format {FORMAT}: its first line says otherwise.")
    said = ", ".join(map(str, damaged[:5])) + (", ..." if len(damaged) > 5 else "")
    return _Part(
        header, rows, f"{path.name}: torn or damaged lines left out: {said}" if said else ""
    )


def _up_to(rows: list[dict[str, Any]], limit: float) -> list[dict[str, Any]]:
    """Rows up to a step; one without a step stands where the one before it does."""
    kept, step = [], -math.inf
    for row in rows:
        here = row.get("step")
        step = here if isinstance(here, int) else step
        if step <= limit:
            kept.append(row)
    return kept


def _add(row: dict[str, Any], gathered: Gatherer) -> None:
    step, epoch, split = row.pop("step", None), row.pop("epoch", None), row.pop("split", None)
    for key, value in row.items():
        meaning = Meaning(key, "") if key in _OURS else meaning_of(key)
        if split is not None:
            meaning = Meaning(meaning.quantity, SPLITS.get(split, ""))
        try:
            place = None if epoch is None else float(epoch)
            gathered.point(meaning, float(value), step, place, key)
        except (TypeError, ValueError):
            gathered.note(f"{key} is {value!r}: no number, left out")
