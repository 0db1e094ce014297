"""Runs a peer's own command on each log named on standard input, in the peer's environment.

Argument: the peer. Prints a line of JSON a log: whether it was read, and the findings as the peer
names them. Nothing but the peer and the standard library is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from typing import Any

COMMANDS = {
    "runmedic": ["diagnose", "--json"],
    "trainproof": ["doctor", "--json"],
    "trainspotter": ["analyze", "--output", "json"],
    "losslint": ["check", "--format", "json"],
}


def said_by(peer: str, path: str) -> Any:
    """What the command prints, as JSON; None where it prints none."""
    main = importlib.import_module(f"{peer}.cli").main
    out, sys.argv = io.StringIO(), [peer, *COMMANDS[peer], path]
    # A peer's own crash is an answer too: it did not read the log.
    quiet = contextlib.redirect_stderr(io.StringIO())
    with contextlib.redirect_stdout(out), quiet, contextlib.suppress(SystemExit, Exception):
        main()
    try:
        return json.loads(out.getvalue())
    except ValueError:
        return None


def findings_of(peer: str, said: Any) -> tuple[bool, list[dict[str, str]]]:
    """Whether the log was read, and each finding's name and level."""
    if not said:
        return False, []
    if peer == "runmedic":
        found = [each for run in said for each in run["findings"]]
        return True, _named(found, "check", "severity")
    if peer == "trainproof":
        reports = [r for r in said["reports"] if r.get("num_records")]
        found = [each for report in reports for each in report["findings"]]
        return bool(reports), _named(found, "id", "level")
    if peer == "trainspotter":
        return bool(said["run"]["metrics"]), _named(said["findings"], "title", "severity")
    read = any(run["points"] for run in said["runs"])
    return read, _named([f for f in said["findings"] if f["check"] != "parse"], "check", "severity")


def _named(found: list[dict[str, Any]], name: str, level: str) -> list[dict[str, str]]:
    return [{"name": str(each[name]), "level": str(each[level])} for each in found]


def main() -> None:
    peer = sys.argv[1]
    for path in sys.stdin.read().splitlines():
        try:
            read, found = findings_of(peer, said_by(peer, path))
        except (KeyError, TypeError, IndexError):
            read, found = False, []
        print(json.dumps({"read": read, "findings": found}), flush=True)


if __name__ == "__main__":
    main()
