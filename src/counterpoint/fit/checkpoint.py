"""Work that a crash or an interruption does not lose: what is done, in a file."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from counterpoint.errors import InputError
from counterpoint.files import write_atomically

#: Seconds between two writings.
INTERVAL = 10.0

Work = TypeVar("Work")


@dataclass
class Checkpoint(Generic[Work]):
    """A file that holds what is done of one task, and of no other.

    Attributes
    ----------
    file
        Written whole or not at all.
    fingerprint
        Of all that decides the task's outcome.
    content
        Work and fingerprint → the file's bytes.
    parse
        File and fingerprint → the work; None where the file has another fingerprint. Fails with
        an `OSError`, or with one of the errors of data that are not as they should be.
    """

    file: Path
    fingerprint: str
    content: Callable[[Work, str], bytes]
    parse: Callable[[Path, str], Work | None]
    _written: float = field(init=False, default_factory=time.monotonic)

    def read(self) -> Work | None:
        """What an earlier run has done, or None where there is no file.

        Raises
        ------
        InputError
            Where the file is of another task, or can't be read.
        """
        unreadable = (OSError, ValueError, EOFError, LookupError, TypeError, RuntimeError)
        try:
            if not self.file.exists():
                return None
            work = self.parse(self.file, self.fingerprint)
        except (*unreadable, zipfile.BadZipFile) as error:
            raise InputError(
                f"{self.file} is no checkpoint that can be read ({error}); delete it to start anew."
            ) from None
        if work is None:
            raise InputError(
                f"{self.file} is the checkpoint of other data or settings; name another folder, "
                "or delete it to start anew."
            )
        return work

    def watch(self, work: Work) -> None:
        """Write what is done, if the last time is long enough ago."""
        if time.monotonic() - self._written >= INTERVAL:
            self.write(work)

    def write(self, work: Work) -> None:
        """Write what is done."""
        write_atomically(self.file, self.content(work, self.fingerprint))
        self._written = time.monotonic()
