"""Work that a crash or an interruption does not lose: a path's finished fits, in a file."""

from __future__ import annotations

import hashlib
import time
import zipfile
from dataclasses import dataclass, field, fields
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from counterpoint.arrays import npz_bytes, read_npz
from counterpoint.errors import InputError
from counterpoint.files import write_atomically
from counterpoint.fit.task import Path, PathTask
from counterpoint.fit.threads import in_threads

#: Seconds between two writings.
INTERVAL = 10.0


@dataclass
class Checkpoint:
    """A file that holds what is finished of one task, and of no other.

    Attributes
    ----------
    file
        Written whole or not at all.
    task
    """

    file: FilePath
    task: PathTask
    _mark: str = field(init=False)
    _written: float = field(init=False)

    def __post_init__(self) -> None:
        self._mark = fingerprint(self.task)
        self._written = time.monotonic()

    def read(self) -> Path | None:
        """What an earlier run has finished, or None where there is no file.

        Raises
        ------
        InputError
            Where the file is of another sweep, or can't be read.
        """
        try:
            arrays = read_npz(self.file.read_bytes())
            mark = str(arrays.pop("fingerprint"))
            if mark == self._mark:
                return Path(**arrays)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, LookupError, TypeError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{self.file} is no checkpoint that can be read ({error}); delete it to start anew."
            ) from None
        raise InputError(
            f"{self.file} is the checkpoint of other data or settings; name another folder, or "
            "delete it to start anew."
        )

    def watch(self, path: Path) -> None:
        """Write what is finished, if the last time is long enough ago."""
        if time.monotonic() - self._written > INTERVAL:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write what is finished."""
        arrays = {f.name: getattr(path, f.name) for f in fields(path)}
        write_atomically(self.file, npz_bytes({"fingerprint": self._mark, **arrays}))
        self._written = time.monotonic()


def fingerprint(task: PathTask) -> str:
    """A sum over all that decides a path: data, folds, labels, objective, alphas, tolerance."""
    rows = task.design.double

    def block(at: int) -> bytes:
        x: Any = rows.block(at)
        parts = (x.data, x.indices, x.indptr) if task.design.sparse else (x,)
        return b"".join(hashlib.blake2b(np.ascontiguousarray(p).data).digest() for p in parts)

    total = hashlib.blake2b(digest_size=16)
    settings = (task.loss.name, task.loss.joint, task.penalty.name, task.penalty.l1_ratio, task.tol)
    total.update(repr((settings, task.design.n, task.design.width)).encode())
    for array in (
        task.alphas,
        task.targets,
        task.design.train_weight,
        task.design.shift,
        task.design.scale,
    ):
        total.update(np.ascontiguousarray(array).data)
    for digest in in_threads(block, range(len(rows.parts))):
        total.update(digest)
    return total.hexdigest()
