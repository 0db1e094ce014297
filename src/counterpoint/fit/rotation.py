"""Wide data under L2: fit in the rows' own space, where it is as small as the row count.

An L2-penalised optimum is a combination of rows. So with X̃ = U S Qᵀ (over a fold's training
rows) the weights are Q u, with the same norm as u, and X̃ Q has at most as many columns as rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import certify
from counterpoint.fit.design import Design
from counterpoint.fit.path import Path, Progress, smooth_path
from counterpoint.fit.task import PathTask

Array = npt.NDArray[np.float64]

#: Raw scores certified at once: bounds the memory (8 bytes each, some ten arrays).
CELLS_AT_ONCE = 2_500_000


def rotated_path(task: PathTask, progress: Progress) -> Path:
    """`smooth_path` for dense data with more columns than rows, fold by fold."""
    parts = []
    for fold in range(len(task.design.train_weight)):
        small, basis = _rotate(task.design, fold)
        path = smooth_path(replace(task, design=small), progress)
        v = np.concatenate([path.v[..., :-1] @ basis, path.v[..., -1:]], axis=-1)
        parts.append(certified(task, fold, v))
    return joined(parts, axis=1)


def certified(task: PathTask, fold: int, v: Array) -> Path:
    """One fold's fits with certificates from passes over the data as they are.

    Parameters
    ----------
    v : array (alphas, groups of the fold, outputs, width)
        Their intercepts are moved to the optimum.
    """
    cells = v[0, ..., 0].size * task.targets.shape[1]
    at_once = max(CELLS_AT_ONCE // cells, 1)
    starts = range(0, len(v), at_once)
    return joined([_certified(task, fold, v[i : i + at_once], i) for i in starts], axis=0)


def joined(parts: Sequence[Path], axis: int) -> Path:
    """Paths that follow one another along alpha (axis 0) or over groups (axis 1)."""
    return Path(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=axis)
            for name in ("v", "data_loss", "penalty", "gap")
        )
    )


def _certified(task: PathTask, fold: int, v: Array, first: int) -> Path:
    m, groups, outputs, width = v.shape
    target = task.targets[None] if task.loss.joint else np.tile(task.targets[:, None], (m, 1, 1))
    moved, certificate = certify(
        task.design,
        task.loss,
        task.penalty,
        target,
        np.repeat(task.alphas[first : first + m], groups),
        np.full(m * groups, fold),
        v.reshape(m * groups, outputs, width),
    )
    parts = (certificate.data_loss, certificate.penalty, certificate.gap)
    return Path(moved.reshape(v.shape), *(part.reshape(m, groups) for part in parts))


def scaled_rows(design: Design, fold: int) -> Array:
    """All rows of dense data as a fold scales them, missing cells at zero: (n, features)."""
    assert isinstance(design.x, np.ndarray)
    scaled: Array = design.x - design.shift[fold]
    if design.missing is not None:
        scaled[design.missing.nonzero()] = 0.0
    scaled /= design.scale[fold]
    return scaled


def _rotate(design: Design, fold: int) -> tuple[Design, Array]:
    """One fold's scaled rows in the basis of its training rows: a design of one fold, and Qᵀ."""
    scaled = scaled_rows(design, fold)
    weight = design.train_weight[fold : fold + 1]
    trained = scaled[weight[0] > 0]
    # Not by the eigenvectors of trained trainedᵀ: squaring would lose small columns beside large.
    basis = np.linalg.qr(trained.T)[0].T
    rotated = scaled @ basis.T
    flat = np.zeros((1, rotated.shape[1]))
    small = Design(rotated, None, flat[0], flat, np.ones_like(flat), weight)
    return small, basis
