"""A log as it grows, on the terminal: its numbers, and findings as they arise."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from counterpoint.diagnosis import diagnose
from counterpoint.findings.finding import Finding
from counterpoint.report.live import finding_line, live_view
from counterpoint.runs.following import Following
from counterpoint.runs.history import History
from counterpoint.runs.reading import read

#: Seconds from one look to the next.
EVERY = 1.0
#: Looking and diagnosing take at most this share of the time: the training may need the rest.
_BUSY = 0.1


class Diagnosing:
    """Findings of runs that are looked at again and again: only what changed is judged anew.

    Parameters
    ----------
    **known
        As `counterpoint.diagnose` takes it.
    """

    def __init__(self, **known: Any) -> None:
        self._known = known
        self._found: dict[int, tuple[History, tuple[Finding, ...]]] = {}

    def of(self, histories: Sequence[History]) -> list[tuple[History, tuple[Finding, ...]]]:
        """Each run with its findings."""
        now = {}
        for history in histories:
            kept = self._found.get(id(history))
            now[id(history)] = kept or (history, diagnose(history, **self._known).findings)
        self._found = now
        return list(now.values())


def watch(
    path: str | os.PathLike[str],
    console: Console,
    *,
    map: Mapping[str, str] | None = None,
    **known: Any,
) -> None:
    """Show a log until Ctrl-C; where the console is no terminal, once.

    Parameters
    ----------
    path
        A file or a folder. On a terminal one that holds nothing yet is waited for.
    console
    map
        As in `counterpoint.runs.read`.
    **known
        ``classes``, ``loss`` and ``samples`` as in `counterpoint.diagnose`.

    Raises
    ------
    InputError
        There is nothing of that name or, where it is shown once, nothing that could be read.
    """
    diagnosing = Diagnosing(**known)
    if not console.is_terminal:
        console.print(live_view(diagnosing.of(read(path, map=map))))
        return
    following = Following(path, map=map)
    try:
        with Live(console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
            _follow(following, diagnosing, live)
    except KeyboardInterrupt:
        console.print(Text(f"counterpoint diagnose {os.fspath(path)} says more.", style="dim"))
    finally:
        following.close()


def _follow(following: Following, diagnosing: Diagnosing, live: Live) -> None:
    """Look, show, wait; without an end."""
    said: set[tuple[str, str]] = set()
    runs: list[tuple[History, tuple[Finding, ...]]] = []
    while True:
        begin = time.monotonic()
        if following.look() and following.histories:
            first = not runs
            runs = diagnosing.of(following.histories)
            for history, finding in _new(runs, said):
                if not first:
                    _announce(live, history, finding)
        live.update(_screen(following, runs), refresh=True)
        spent = time.monotonic() - begin
        time.sleep(max(EVERY, spent / _BUSY) if following.unread is None else 0.0)


def _new(
    runs: Sequence[tuple[History, tuple[Finding, ...]]], said: set[tuple[str, str]]
) -> list[tuple[History, Finding]]:
    """Findings that were not there before."""
    new = [(h, f) for h, fs in runs for f in fs if (h.name, f.name) not in said]
    said |= {(h.name, f.name) for h, f in new}
    return new


def _announce(live: Live, history: History, finding: Finding) -> None:
    if finding.level != "note":
        line = Text(time.strftime("%H:%M:%S  ")).append_text(finding_line(finding))
        live.console.print(line)


def _screen(
    following: Following, runs: Sequence[tuple[History, tuple[Finding, ...]]]
) -> RenderableType:
    parts: list[RenderableType] = [live_view(runs)] if runs else []
    if following.unread is not None:
        parts.append(Text(f"reading: {1.0 - following.unread:.0%}", style="dim"))
    elif not runs:
        trouble = f" ({following.trouble})" if following.trouble else ""
        parts.append(Text(f"Waiting for the first numbers{trouble}. Ctrl-C ends.", style="dim"))
    return Group(*parts)
