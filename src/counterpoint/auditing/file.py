"""Auditing a network in a user's file, which runs in a process of its own with a time limit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counterpoint.errors import InputError

#: Parts of the child's answer.
TEXT, FIGURES, ERROR, PRINTED = "text", "figures", "error", "printed"


@dataclass(frozen=True)
class FileAudit:
    """What the child found.

    Attributes
    ----------
    text
        The report for people.
    figures
        The same as JSON values.
    printed
        Lines that the user's file printed; they are left out.
    """

    text: str
    figures: dict[str, Any]
    printed: int


def audit_file(
    target: str,
    data: str | None,
    label: str | None,
    sizes: tuple[int, ...],
    options: Mapping[str, Any],
    time_limit: float,
) -> FileAudit:
    """Audit ``FILE.py:NAME`` in a process of its own.

    Parameters
    ----------
    target
        A file and the name in it: a network, a class, or a function that makes one.
    data, label
        A table and its target column, as `counterpoint.data.load_dataset` takes them; without a
        table rows are made up.
    sizes
        Handed to the class or function, as one list; empty calls it without arguments first.
    options
        Further arguments of `counterpoint.audit`.
    time_limit
        Seconds after which the process is ended.

    Raises
    ------
    InputError
        The file, or what it holds, can't be audited; or it took too long.
    """
    path, _, name = target.rpartition(":")
    if not path or not name.isidentifier():
        raise InputError(f"{target!r} names no network: give a file and a name, mynet.py:Network.")
    if not Path(path).is_file():
        raise InputError(f"there is no file {path!r}.")
    if not time_limit > 0:
        raise InputError(f"the time limit is {time_limit:g} s: give a positive number.")
    asked = {
        "path": path,
        "name": name,
        "data": data,
        "label": label,
        "sizes": list(sizes),
        "options": dict(options),
    }
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        status = _run(json.dumps({**asked, "answer": str(answer)}), path, time_limit)
        if not answer.is_file():
            raise InputError(f"{path} ended the process ({_ending(status)}) before it was audited.")
        told = json.loads(answer.read_text(encoding="utf-8"))
    if ERROR in told:
        raise InputError(told[ERROR])
    return FileAudit(told[TEXT], told[FIGURES], told[PRINTED])


def _run(asked: str, path: str, time_limit: float) -> int:
    child = subprocess.Popen(
        [sys.executable, "-m", "counterpoint.auditing.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    try:
        child.communicate(asked, timeout=time_limit)
    except subprocess.TimeoutExpired:
        raise InputError(
            f"{path} was not audited within {time_limit:g} s and was ended: see whether it waits "
            "or trains when it is imported, or raise --time-limit."
        ) from None
    finally:
        _end(child)
    return child.returncode


def _end(child: subprocess.Popen[str]) -> None:
    """End the child and what it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    elif child.poll() is None:
        child.kill()
    child.wait()


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
