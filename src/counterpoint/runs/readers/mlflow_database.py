"""MLflow's SQLite database, opened so that nothing can be written."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from counterpoint.errors import InputError
from counterpoint.runs.facts import fact_named
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.source import Source

name = "MLflow database"
summary = "`mlflow.db`, every run in it"
_METRICS = "SELECT run_uuid, key, value, step, is_nan FROM metrics"
_NAMES = "SELECT run_uuid, name FROM runs"
_PARAMETERS = "SELECT run_uuid, key, value FROM params"
#: Steps of SQLite's machine for each byte: a plain scan of a table takes far fewer.
_STEPS_A_BYTE, _STEPS = 100, 10_000_000


def recognises(source: Source) -> bool:
    """Whether it is an SQLite database."""
    return source.head.startswith(b"SQLite format 3\0")


def read(source: Source, gathered: Gatherer) -> None:
    """Read every metric of every run, in the order in which they were logged."""
    _check_whole(source)
    try:
        with closing(_connect(source)) as database:
            [(verdict,)] = database.execute("PRAGMA quick_check(1)")
            if verdict != "ok":
                said = " ".join(str(verdict).split())
                raise InputError(f"the database is damaged ({said[:200]}).")
            kinds = dict(database.execute("SELECT name, type FROM sqlite_master"))
            # A view could run anything.
            if kinds.get("metrics") != "table":
                raise InputError("it has no table of metrics, as MLflow's has.")
            names = dict(database.execute(_NAMES)) if kinds.get("runs") == "table" else {}
            facts: dict[str, dict[str, str]] = {}
            if kinds.get("params") == "table":
                for run, key, value in database.execute(_PARAMETERS):
                    if fact := fact_named(str(key)):
                        facts.setdefault(run, {})[fact] = value
            seen = set()
            for run, key, value, step, is_nan in database.execute(_METRICS):
                label = f"{names.get(run) or 'run'} {str(run)[:8]}"
                gathered.use_run(label)
                if run not in seen:
                    seen.add(run)
                    gathered.facts(facts.get(run, {}))
                _add(str(key), value, step, is_nan, gathered)
    except (sqlite3.Error, UnicodeError, OverflowError, TypeError) as error:
        raise InputError(f"the database is damaged or is no MLflow's ({error}).") from error


def _check_whole(source: Source) -> None:
    """Refuse a database that ends before its last page, which SQLite would take for empty pages."""
    page, pages = struct.unpack(">H10xI", source.head[16:32].ljust(16, b"\0"))
    page = 65_536 if page == 1 else page  # as its format has it
    if source.size < page * pages:
        raise InputError(
            f"the database is cut off: it has {source.size:,} of {page * pages:,} bytes."
        )


def _connect(source: Source) -> sqlite3.Connection:
    path = quote(str(Path(source.path).absolute()))
    database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda data: data.decode("utf-8", errors="replace")
    database.execute("PRAGMA trusted_schema = OFF")
    limit = _STEPS + _STEPS_A_BYTE * source.size
    passed = iter(range(limit // 100_000))
    database.set_progress_handler(lambda: next(passed, None) is None, 100_000)
    return database


def _add(key: str, value: object, step: object, is_nan: object, gathered: Gatherer) -> None:
    if not isinstance(value, int | float) or not isinstance(step, int | None):
        gathered.note(f"{key}: a damaged row is left out")
        return
    [meaning] = gathered.meanings([key])
    # MLflow keeps NaN as zero with a mark.
    number = float("nan") if is_nan else float(value)
    gathered.point(meaning, number, None if step is None or abs(step) > 2**53 else step, None, key)
