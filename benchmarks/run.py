"""The benchmark: Counterpoint and its peers on the same work in one run. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import limit
from contest import Settings, contest
from contestants import CONTESTANTS
from data_sets import Missing
from environments import DEFAULT_FOLDER
from machine import machine
from works import WORKS

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    arguments = _arguments()
    if arguments.list:
        print("works:", *WORKS, limit.NAME, sep="\n  ")
        print("peers:", *CONTESTANTS, sep="\n  ")
        return
    # Every child inherits these cores, for libraries that ask no variable how many to use.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.threads])
    settings = Settings(
        repeats=1 if arguments.quick else arguments.repeats,
        limit=arguments.limit,
        threads=arguments.threads,
        environments=arguments.environments,
    )
    path = arguments.results / f"{arguments.name or ('quick' if arguments.quick else 'full')}.json"
    for name in arguments.works:
        print(name, flush=True)
        about = {
            "machine": machine(),
            "date": datetime.now(UTC).date().isoformat(),
            "quick": arguments.quick,
        }
        # After every run, so that who is stopped has what was measured.
        for record in _records(name, arguments.peers, settings, arguments.quick):
            keep(path, name, record | about)


def _records(
    name: str, peers: tuple[str, ...] | None, settings: Settings, quick: bool
) -> Iterator[dict[str, Any]]:
    """One work's record, ever fuller; a work whose data are missing says so."""
    if name == limit.NAME:
        yield limit.measure(settings.threads, quick)
        return
    work = WORKS[name]
    asked = work.only or tuple(CONTESTANTS)
    if peers is not None:
        asked = tuple(each for each in asked if each == "counterpoint" or each in peers)
    record: dict[str, Any] = {
        "title": work.title,
        "targets": [{"times": target.times, "peer": target.peer} for target in work.targets],
    }
    try:
        problem = work.problem(quick)
    except Missing as missing:
        print(f"  {missing}", flush=True)
        yield record | {"missing": str(missing)}
        return
    for more in contest(problem, [CONTESTANTS[each] for each in asked], settings):
        yield record | more


def keep(path: Path, name: str, record: dict[str, Any]) -> None:
    """Put a work's record in the file, in place of an older one of that work."""
    records = json.loads(path.read_text()) if path.is_file() else {}
    records[name] = record
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(records, indent=1, allow_nan=False) + "\n")
    draft.replace(path)


def _names(known: list[str]) -> Any:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(name for name in re.split(r"[,\s]+", text) if name)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(known)}")
        return names

    return parse


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    works = [*WORKS, limit.NAME]
    add = parser.add_argument
    add("--works", type=_names(works), default=tuple(works), metavar="NAME,…", help="default: all")
    add("--peers", type=_names(list(CONTESTANTS)), metavar="NAME,…", help="default: all")
    add("--repeats", type=int, default=3, help="runs of each contestant that gets there")
    add("--limit", type=float, default=600.0, metavar="SECONDS", help="for each run")
    add("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: the cores")
    add("--quick", action="store_true", help="a few rows, alphas and folds: does it all work?")
    add("--list", action="store_true", help="list works and peers")
    add("--name", help="of the results file; default: full, or quick with --quick")
    add("--results", type=Path, default=RESULTS, metavar="FOLDER")
    add("--environments", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER")
    return parser.parse_args()


if __name__ == "__main__":
    main()
