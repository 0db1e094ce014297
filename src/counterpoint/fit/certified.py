"""Certificates from passes over the data as they are, for fits that were found another way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import certify
from counterpoint.fit.task import Path, PathTask

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Raw scores certified at once: bounds the memory (8 bytes each, some ten arrays).
CELLS_AT_ONCE = 2_500_000


def certified(task: PathTask, groups: Index, v: Array) -> Path:
    """Fits of some groups at all alphas of a task, with their certificates.

    Parameters
    ----------
    groups : array (k,)
    v : array (alphas, k, outputs, width)
        Their intercepts are moved to the optimum.
    """
    out = Path(v.copy(), *(np.empty(v.shape[:2]) for _ in range(3)))
    at_once = max(CELLS_AT_ONCE // (v.shape[1] * v.shape[2] * task.design.n), 1)
    for start in range(0, len(v), at_once):
        some = v[start : start + at_once]
        target = task.group_targets
        if not task.loss.joint:
            target = np.tile(target[groups], (len(some), 1, 1))
        moved, certificate = certify(
            task.design,
            task.loss,
            task.penalty,
            target,
            np.repeat(task.alphas[start : start + at_once], len(groups)),
            np.tile(task.group_fold[groups], len(some)),
            some.reshape(-1, *v.shape[2:]),
        )
        here = slice(start, start + len(some))
        out.v[here] = moved.reshape(some.shape)
        for name in ("data_loss", "penalty", "gap"):
            getattr(out, name)[here] = getattr(certificate, name).reshape(some.shape[:2])
    return out
