"""A log that is still being written: what it says so far, without reading it anew each time.

A reader of lines runs in a thread of its own and waits at the end of its file; in between, what it
has gathered can be looked at. Other formats, such as notebooks and event files, are read again
when their file has changed.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from counterpoint.errors import InputError
from counterpoint.runs.facts import Fact, checked_facts
from counterpoint.runs.finish import histories_of
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.history import History
from counterpoint.runs.names import Meaning
from counterpoint.runs.readers import Reader, json_lines, recorded, table, text
from counterpoint.runs.reading import meanings_of, read_unit, reader_of, units
from counterpoint.runs.source import HEAD, Source

#: Readers that take their file line by line and hold nothing back until its end.
_OF_LINES: tuple[Reader, ...] = (recorded, json_lines, table, text)
#: A look at a file that is not read to its end ends after so many seconds.
_PATIENCE = 0.5
#: Logs that nobody has written to for so many seconds are not waited for.
_ASLEEP = 3600.0
#: What is read again as a whole takes at most this share of the time.
_BUSY = 0.1


class _Tail:
    """A file that waits at its end for more, until it is told that there is none.

    Attributes
    ----------
    done : int
        Bytes read so far.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.done = 0
        self.ended = False
        self.waiting, self.grown = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        while not (data := self._file.read(size)) and not self.ended:
            self.grown.clear()
            self.waiting.set()
            self.grown.wait()
        self.done += len(data)
        return data

    def __enter__(self) -> _Tail:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@dataclass(frozen=True)
class _Growing(Source):
    """A file whose reader waits at its end."""

    tail: _Tail | None = None

    def open(self) -> IO[bytes]:
        return cast("IO[bytes]", self.tail)


class _Reading:
    """One reader at work on one growing file, in a thread."""

    def __init__(self, source: Source, reader: Reader, meanings: Mapping[str, Meaning]) -> None:
        self.gathered = Gatherer(meanings)
        self.reader = reader
        self.tail = _Tail(source.open())
        self.error: Exception | None = None
        self._source = _Growing(
            source.path, source.head, source.size, source.explained, tail=self.tail
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with self.tail:
            try:
                self.reader.read(self._source, self.gathered)
            except Exception as error:
                self.error = error
        self.tail.waiting.set()

    def goes_on_in(self, source: Source, reader: Reader) -> bool:
        """Whether a file is the same as before with more at its end, and still looks alike."""
        longer = source.size >= self.tail.done
        alike = reader is self.reader or source.size > HEAD
        begins = source.head.startswith(self._source.head)
        return longer and alike and begins and self.error is None

    def go_on(self) -> bool:
        """Read what was added; whether all of it was read in time."""
        self.tail.waiting.clear()
        self.tail.grown.set()
        return self.tail.waiting.wait(_PATIENCE)

    def end(self) -> None:
        """Let the thread go."""
        self.tail.ended = True
        self.tail.grown.set()
        self._thread.join()


class _Unit:
    """A file, or a folder of one format, and what it said at the last look.

    Attributes
    ----------
    histories
    trouble : str
        Why there are none; empty where nothing is wrong.
    """

    def __init__(
        self, path: Path, name: str, meanings: Mapping[str, Meaning], facts: Mapping[str, Fact]
    ) -> None:
        self.path, self.name = path, name
        self.histories: list[History] = []
        self.trouble = ""
        self._meanings, self._facts = meanings, facts
        self._seen: object = None
        self._reading: _Reading | None = None
        self._due = 0.0

    def look(self, wait: bool) -> bool:
        """Read what is new; whether there was anything.

        Parameters
        ----------
        wait
            Whether more may come soon, so that it is worth a thread.
        """
        state = _state(self.path)
        if state == self._seen or time.monotonic() < self._due:
            return False
        begin = time.monotonic()
        try:
            source = None if self.path.is_dir() else Source.of(self.path, self._meanings)
            reader = source and (reader_of(source) or (text if source.text else None))
            if source and source.size and reader and reader in _OF_LINES and wait:
                done = self._go_on(source, reader)
            else:
                self.histories = read_unit(self.path, self.name, self._meanings, self._facts)
                self._due = begin + (time.monotonic() - begin) / _BUSY
                done = True
            self.trouble = ""
        except InputError as error:
            self.trouble, done = str(error), True
            self._due = begin + (time.monotonic() - begin) / _BUSY
        # Of a file that is still being read there is more to see at once.
        self._seen = state if done else None
        return True

    def _go_on(self, source: Source, reader: Reader) -> bool:
        """Read on; whether the end was reached."""
        now = self._reading
        if now is not None and not now.goes_on_in(source, reader):
            now.end()
            now = None
        if now is None:
            now = self._reading = _Reading(source, reader, self._meanings)
        if now.error is None and not now.go_on():
            return False
        if now.error is not None:
            raise InputError(f"{self.path} can't be read as {now.reader.name}: {now.error}")
        gathered = _as_if_ended(now.gathered)
        kind = gathered.kind or now.reader.name
        self.histories = histories_of(gathered, self.name, kind, str(self.path), self._facts)
        return True

    def unread(self) -> float | None:
        """Share of the file that is still to be read; None where its end was reached."""
        now = self._reading
        if now is None or self._seen is not None:
            return None
        return max(0.0, 1.0 - now.tail.done / max(1, _size(self.path)))

    def end(self) -> None:
        if self._reading is not None:
            self._reading.end()


class Following:
    r"""The runs in a log or a folder, as they grow; to be closed.

    Parameters
    ----------
    path
        A file or a folder.
    map, **facts
        As in `counterpoint.runs.read`.

    Raises
    ------
    InputError
        There is nothing of that name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = Path(folder) / "log.csv"
    ...     _ = log.write_text("epoch,loss\n0,2.5\n")
    ...     following = Following(log)
    ...     lengths = [following.look() and following.histories[0].length()]
    ...     with log.open("a") as file:
    ...         _ = file.write("1,2.0\n2,1.5\n")
    ...     lengths += [following.look() and following.histories[0].length()]
    ...     following.close()
    >>> lengths
    [1, 3]
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        map: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        self.path = Path(path)
        if not self.path.exists():
            raise InputError(f"{self.path} does not exist: name a log, or a folder of runs.")
        self._meanings, self._facts = meanings_of(map or {}), checked_facts(facts)
        self._units: dict[tuple[Path, str], _Unit] = {}

    @property
    def histories(self) -> list[History]:
        """One a run, the one that was written to last at the end."""
        known = sorted(self._units.values(), key=lambda unit: _newest(unit.path))
        return [history for unit in known for history in unit.histories]

    @property
    def trouble(self) -> str:
        """Why there is nothing to see; empty where there is."""
        return "" if self.histories else next((u.trouble for u in self._units.values()), "")

    @property
    def unread(self) -> float | None:
        """The largest share of a file that is still to be read; None where all was read."""
        shares = [share for unit in self._units.values() if (share := unit.unread()) is not None]
        return max(shares, default=None)

    def look(self) -> bool:
        """Read what is new since the last look; whether there was anything."""
        now = set(self._named())
        for gone in set(self._units) - now:
            self._units.pop(gone).end()
        for path, name in sorted(now - set(self._units)):
            self._units[path, name] = _Unit(path, name, self._meanings, self._facts)
        asleep = time.time() - _ASLEEP
        alone = not self.path.is_dir()
        changed = [
            unit.look(wait=alone or _newest(unit.path) > asleep) for unit in self._units.values()
        ]
        return any(changed)

    def close(self) -> None:
        """Stop reading."""
        for unit in self._units.values():
            unit.end()

    def _named(self) -> Iterator[tuple[Path, str]]:
        """Every unit with the name of its run."""
        if not self.path.is_dir():
            yield self.path, self.path.name
            return
        for path in units(self.path):
            name = path.resolve().name if path == self.path else str(path.relative_to(self.path))
            if not (path.is_dir() and recorded.claims(path)):
                yield path, name
                continue
            # Each run of a record is followed by itself.
            files = recorded.latest(path)
            for number, file in enumerate(files, start=1):
                yield file, f"{name} #{number}" if len(files) > 1 else name


def _as_if_ended(gathered: Gatherer) -> Gatherer:
    """With what the reader holds back, while the reading itself goes on."""
    told = gathered if gathered.ending is None else deepcopy(gathered)
    if told.ending is not None:
        told.ending()
    return told


def _state(path: Path) -> object:
    """What changes when something is written."""
    try:
        files = path.rglob("*") if path.is_dir() else [path]
        return [(str(f), s.st_size, s.st_mtime_ns) for f in files for s in [f.stat()]]
    except OSError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _newest(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
