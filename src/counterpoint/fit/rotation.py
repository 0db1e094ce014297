"""Wide data under L2: fit in the rows' own space, where it is as small as the row count.

An L2-penalised optimum is a combination of rows. So with X̃ = U S Qᵀ (over a fold's training
rows) the weights are Q u, with the same norm as u, and X̃ Q has at most as many columns as rows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import relative_gap
from counterpoint.fit.certified import certified
from counterpoint.fit.design import Design
from counterpoint.fit.path import smooth_path
from counterpoint.fit.preconditioner import OUTPUT_LIMIT
from counterpoint.fit.rows import array_rows
from counterpoint.fit.task import Path, PathTask, Watch

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


def rotated_path(task: PathTask, watch: Watch) -> Path:
    """`smooth_path` for dense data with more columns than rows.

    Folds that see the same rows, but for a shift, share a basis, and so one batch.
    """
    path = task.beginning()
    for folds in _alike(task.design):
        groups = np.flatnonzero(np.isin(task.group_fold, folds))
        if path.finished[:, groups].all():
            continue
        small, basis = _rotate(task.design, folds)
        # To a quarter of the tolerance: rotating back costs digits.
        part = smooth_path(replace(task, design=small, tol=task.tol / 4, known=None), _unwatched)
        v = np.concatenate([part.v[..., :-1] @ basis, part.v[..., -1:]], axis=-1)
        path.put(groups, certified(task, groups, v), part.finished)
        if not part.finished.all():
            break
        watch(path)
    _rescue(task, path)
    return path


def _rescue(task: PathTask, path: Path) -> None:
    """Fit on the data as they are what lost too many digits in turning back.

    That is, columns in units far apart: a direction's rounding is a large column's error.
    """
    relative = relative_gap(path.gap, path.data_loss + path.penalty)
    lost = np.flatnonzero((path.finished & (relative > task.tol)).any(axis=1))
    if len(lost) and task.design.width <= OUTPUT_LIMIT:
        again = smooth_path(replace(task, alphas=task.alphas[lost], known=None), _unwatched)
        part = Path(*(array[lost] for array in vars(path).values()))
        part.put(np.arange(task.shape[1]), again, again.gap < part.gap)
        for name, array in vars(path).items():
            array[lost] = getattr(part, name)


def _alike(design: Design) -> list[Index]:
    """Folds that scale columns alike; missing cells stand elsewhere in each."""
    count = len(design.scale)
    if design.missing is not None:
        return [np.array([fold]) for fold in range(count)]
    kind = np.unique(design.scale, axis=0, return_inverse=True)[1].reshape(count)
    return [np.flatnonzero(kind == k) for k in range(kind.max() + 1)]


def _unwatched(path: Path) -> None:
    """Weights in the rows' own space mean nothing outside."""


def _rotate(design: Design, folds: Index) -> tuple[Design, Array]:
    """Folds with one scale in the basis of their training rows: a smaller design, and Qᵀ."""
    scaled = design.scaled(int(folds[0]))
    weight = design.train_weight[folds]
    trained = scaled[(weight > 0).any(axis=0)]
    # Not by the eigenvectors of trained trainedᵀ: squaring would lose small columns beside large.
    basis = np.linalg.qr(trained.T)[0].T
    rotated = scaled @ basis.T
    rows = array_rows(rotated, np.zeros(len(basis)), np.ones(len(basis)))
    # Every fold's mean is a mean of rows: it lies in their span.
    shift = (design.shift[folds] - design.shift[folds[0]]) / design.scale[folds[0]] @ basis.T
    return Design(rows, rows, None, shift, np.ones_like(shift), weight, design.plan), basis
