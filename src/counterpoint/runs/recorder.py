"""Writing down a training while it runs: append-only, and whole up to the last flush.

A record is a folder. Every writer has a file of its own in it, so that several never meet: a line
of JSON with the facts, then one line a call of `Recorder.log`. To go on with a run is to start a
new file that names the one before it and the step up to which that one counts; nothing that was
written is ever changed.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import secrets
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from counterpoint.errors import InputError
from counterpoint.runs.facts import checked_facts
from counterpoint.runs.names import SPLITS

#: The key of a record's first line, and the version of its form.
MARK, FORMAT = "counterpoint_record", 1
#: More than this waits for no clock.
_MOST_WAITING = 65_536
#: The facts must fit into what a reader looks at to know a file.
_MOST_HEADER = 60_000
#: Made once, as json.dumps makes one a call.
_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class Recorder:
    """Writes what one training logs. Made by `record`.

    Parameters
    ----------
    path
        The file of this writer, which is new.
    header
        Its first line.
    flush_seconds
        As in `record`.

    Attributes
    ----------
    path : Path
        The file of this writer.
    """

    def __init__(self, path: Path, header: Mapping[str, Any], flush_seconds: float) -> None:
        self.path = path
        self._header = dict(header)
        self._every = flush_seconds
        self._open()

    def _open(self) -> None:
        self._process, self._lock = os.getpid(), threading.RLock()
        self._waiting = bytearray()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
            self._file: int | None = os.open(self.path, flags, 0o666)
            self._waiting += _line(self._header)
            self._write()
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self.path.parent} can't hold a record ({error}): name another folder."
            ) from error
        atexit.register(self.close)

    def log(
        self,
        *,
        step: int | None = None,
        epoch: float | None = None,
        split: str | None = None,
        **quantities: Any,
    ) -> None:
        """Write down numbers of one moment.

        Parameters
        ----------
        step
            Updates so far.
        epoch
            Passes over the training rows so far.
        split
            ``train``, ``validation`` or ``test``; None where the names say it (``val_loss``).
        **quantities
            Name → number. Keep ``data_loss`` and ``penalty`` apart where you can: then what the
            penalty does need not be guessed. An array or tensor of one number is one.

        Raises
        ------
        InputError
            Something is not a number.

        Warns
        -----
        RuntimeWarning
            The system refuses to write, as in `flush`.
        """
        if self._file is None:
            raise InputError(f"the record {self.path} is closed: log inside of its with block.")
        if os.getpid() != self._process:  # A forked child has a file of its own.
            self.path = _fresh(self.path.parent)
            self._open()
        row = _place(step, epoch, split) | {name: _plain(name, q) for name, q in quantities.items()}
        with self._lock:
            self._waiting += _line(row)
            if len(self._waiting) > _MOST_WAITING or time.monotonic() >= self._due:
                self.flush()

    def flush(self) -> bool:
        """Hand everything logged so far to the system, which keeps it though this process dies.

        Returns
        -------
        bool
            Whether the system took it all.

        Warns
        -----
        RuntimeWarning
            It did not. The training is worth more than its record, and goes on; the rows wait.
        """
        return self._tried(self._write)

    def _tried(self, write: Callable[[], None]) -> bool:
        """Whether the system did it; a warning where it did not."""
        try:
            write()
        except OSError as error:
            message = f"{self.path} can't be written ({error.strerror}): make room, its rows wait."
            warnings.warn(message, RuntimeWarning, stacklevel=3)
            return False
        return True

    def _write(self) -> None:
        self._due = time.monotonic() + self._every
        with self._lock:
            while self._waiting and self._file is not None:
                # What was written goes, so that a line torn by a full disk is completed later.
                del self._waiting[: os.write(self._file, self._waiting)]

    def close(self) -> None:
        """Flush, also to the disk itself, and end. A second time does nothing.

        Warns
        -----
        RuntimeWarning
            The system refuses to write. The record stays open, and is closed again when the
            program ends.
        """
        if self._file is None:
            return
        if os.getpid() == self._process:
            file = self._file
            if not (self.flush() and self._tried(lambda: os.fsync(file))):
                return
        os.close(self._file)
        self._file = None
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def record(
    folder: str | os.PathLike[str],
    *,
    resume_after_step: int | None = None,
    flush_seconds: float = 1.0,
    **facts: Any,
) -> Recorder:
    """Record a training, row by row, so that it survives a crash.

    Parameters
    ----------
    folder
        The record; made where it is missing. Each call is a run of its own in it.
    resume_after_step
        Go on with the newest run in the folder, of which only what was logged up to this step
        counts: that of the checkpoint the training resumes from.
    flush_seconds
        The system is handed what waits in this process by the first call of `log` after so long.
        Zero waits for none.
    **facts
        What is known: ``classes``, ``train_samples``, ``validation_samples``, ``loss``, ``alpha``,
        ``optimiser``, ``learning_rate`` and so on, each optional, or anything else of your own.

    Returns
    -------
    Recorder
        To be used in a ``with`` statement, or closed.

    Raises
    ------
    InputError
        The folder can't be written, a fact is not of its kind, or there is nothing to resume.

    Examples
    --------
    >>> import tempfile
    >>> from counterpoint import runs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with record(folder, classes=10, loss="log") as run:
    ...         run.log(step=1, split="train", data_loss=2.3, penalty=0.1)
    ...         run.log(step=1, split="validation", data_loss=2.2, accuracy=0.4)
    ...     [history] = runs.read(folder)
    >>> history.facts["classes"], history.series("train", "penalty")["value"].to_list()
    (10, [0.1])
    """
    home = Path(folder)
    if not flush_seconds >= 0.0:
        raise InputError(f"flush_seconds is {flush_seconds!r}: pass a number from 0.")
    header: dict[str, Any] = {MARK: FORMAT, "started": datetime.now(UTC).isoformat()}
    if resume_after_step is not None:
        after = _step("resume_after_step", resume_after_step)
        earlier = max(home.glob("run-*.jsonl"), default=None)
        if earlier is None:
            raise InputError(f"{home} holds no run to resume: leave out resume_after_step.")
        header |= {"resumes": earlier.name, "after_step": after}
    header["facts"] = {
        name: fact if isinstance(fact, str | bool) else _plain(name, fact)
        for name, fact in checked_facts(facts).items()
    }
    if (size := len(_line(header))) > _MOST_HEADER:
        raise InputError(
            f"the facts of the record take {size:,} bytes, at most {_MOST_HEADER:,} are kept: "
            "leave out the longest."
        )
    return Recorder(_fresh(home), header, flush_seconds)


def _fresh(folder: Path) -> Path:
    """A name that sorts by time and that no other writer has."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    return folder / f"run-{now}-{secrets.token_hex(4)}.jsonl"


def _line(row: Mapping[str, Any]) -> bytes:
    return _JSON.encode(row).encode() + b"\n"


def _place(step: int | None, epoch: float | None, split: Any) -> dict[str, Any]:
    """Where a row stands, as far as that is said."""
    place: dict[str, Any] = {}
    if step is not None:
        place["step"] = _step("step", step)
    if epoch is not None:
        place["epoch"] = _plain("epoch", epoch)
    if split is not None:
        if not isinstance(split, str) or split not in SPLITS:
            raise InputError(f"split is {split!r}: pass train, validation or test.")
        place["split"] = SPLITS[split]
    return place


def _step(name: str, value: Any) -> int:
    """A whole number, also one of NumPy's or a tensor's."""
    try:
        whole = int(value)
        if isinstance(value, str) or whole != value:
            raise TypeError(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InputError(f"{name} is {value!r}: pass a whole number.") from error
    return whole


def _plain(name: str, value: Any) -> int | float | str:
    """A number as JSON has it; NaN and infinity, which it has not, as text."""
    try:
        # An item of a tensor, where float() would warn of the gradient that it needs.
        number = value.item() if hasattr(value, "item") else value
        if isinstance(number, str):
            raise TypeError(value)
        number = number if type(number) is int else float(number)
        finite = math.isfinite(number)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InputError(f"{name} is {value!r}: log a number.") from error
    return number if finite else str(number)
