"""Row by row work on stored scores, a few problems a thread at a time."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import numpy.typing as npt

from counterpoint.fit.proximal.batch import Batch, Moved, line_search
from counterpoint.fit.proximal.work import Work
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Raw scores that a thread takes at a time.
CHUNK = 100_000


def _chunks(batch: Batch) -> list[Index]:
    """Problems in runs that a thread takes at a time."""
    problems = len(batch.alpha)
    size = max(1, CHUNK // batch.target[0].size)
    return [np.arange(i, min(i + size, problems)) for i in range(0, problems, size)]


def residuals(batch: Batch, z: Array) -> Array:
    """`Batch.residual`."""
    chunks = _chunks(batch)
    return np.concatenate(list(in_threads(lambda i: batch.subset(i).residual(z[i]), chunks)))


def data_losses(batch: Batch, z: Array) -> Array:
    """`Batch.data_loss`."""
    chunks = _chunks(batch)
    return np.concatenate(list(in_threads(lambda i: batch.subset(i).data_loss(z[i]), chunks)))


def searched(batch: Batch, work: Work, direction: Array, dz: Array) -> Moved:
    """`line_search`."""

    def search(i: Index) -> Moved:
        start = (work.v[i], work.z[i], work.data_loss[i], work.slope[i])
        return line_search(batch.subset(i), *start, direction[i], dz[i])

    found = list(in_threads(search, _chunks(batch)))
    return Moved(*(np.concatenate([getattr(m, f.name) for m in found]) for f in fields(Moved)))
