"""The finished fits of a path, in a file to go on from."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from counterpoint.arrays import npz_bytes, read_npz
from counterpoint.fit.checkpoint import Checkpoint
from counterpoint.fit.task import Path, PathTask
from counterpoint.fit.threads import in_threads


def path_checkpoint(file: FilePath, task: PathTask) -> Checkpoint[Path]:
    """A file for what is finished of a task."""
    return Checkpoint(file, fingerprint(task), _content, _parse)


def _content(path: Path, mark: str) -> bytes:
    return npz_bytes({"fingerprint": mark} | {f.name: getattr(path, f.name) for f in fields(path)})


def _parse(file: FilePath, mark: str) -> Path | None:
    arrays = read_npz(file.read_bytes())
    return Path(**arrays) if str(arrays.pop("fingerprint")) == mark else None


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
