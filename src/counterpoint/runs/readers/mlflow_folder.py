"""The folder of one MLflow run: a file a metric, and a file a parameter."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from counterpoint.errors import InputError
from counterpoint.runs.facts import fact_named
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.records import Rows, number_of
from counterpoint.runs.source import Source

name = "MLflow run"
summary = "the folder of a run in `mlruns/`, or `mlruns/` itself"
_MOST_METRICS = 2_000


def claims(folder: Path) -> bool:
    """Whether a folder has what every run has."""
    return (folder / "meta.yaml").is_file() and (folder / "metrics").is_dir()


def read_folder(folder: Path, gathered: Gatherer) -> None:
    """Read all metrics in the order of their times, and the parameters as facts."""
    meta = Source.of(folder / "meta.yaml").text
    if match := re.search(r"^run_name:\s*['\"]?([^'\"\n]+)", meta, re.MULTILINE):
        gathered.note(f"it is called {match[1].strip()[:100]}")
    gathered.facts(dict(_parameters(folder / "params")))
    paths = sorted(path for path in (folder / "metrics").rglob("*") if path.is_file())
    if len(paths) > _MOST_METRICS:
        raise InputError(f"it has {len(paths):,} metrics: is it a log?")
    names = [path.relative_to(folder / "metrics").as_posix() for path in paths]
    streams = [_points(path, label, gathered) for path, label in zip(paths, names, strict=True)]
    rows = Rows(gathered, counts=False)
    for (_, step), together in groupby(
        heapq.merge(*streams, key=lambda each: each[0]), key=lambda each: (each[0], each[1])
    ):
        values = {label: value for _, _, label, value in together}
        rows.add(("step", *values), [step, *values.values()])


def _points(
    path: Path, label: str, gathered: Gatherer
) -> Iterator[tuple[int, int | None, str, float]]:
    """Time, step, name and value; old files have no step."""
    for number, line in enumerate(Source.of(path).lines(), start=1):
        cells = line.split()
        value = number_of(cells[1])[0] if len(cells) in (2, 3) else None
        if value is None or not all(
            re.fullmatch(r"-?\d{1,18}", each) for each in (cells[0], *cells[2:])
        ):
            if line.strip():
                gathered.note(f"{label}: line {number} is damaged and left out")
            continue
        yield int(cells[0]), int(cells[2]) if len(cells) == 3 else None, label, value


def _parameters(folder: Path) -> Iterator[tuple[str, str]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir())[:_MOST_METRICS]:
        if path.is_file() and fact_named(path.name):
            yield fact_named(path.name), Source.of(path).text.strip()[:200]
