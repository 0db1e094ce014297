"""Wide data under L2: fit in the rows' own space, where it is as small as the row count.

An L2-penalised optimum is a combination of rows. So with X̃ = U S Qᵀ (over a fold's training
rows) the weights are Q u, with the same norm as u, and X̃ Q has at most as many columns as rows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import certify
from counterpoint.fit.design import Design
from counterpoint.fit.path import Path, Progress, smooth_path
from counterpoint.fit.rows import array_rows
from counterpoint.fit.task import PathTask

Array = npt.NDArray[np.float64]


def rotated_path(task: PathTask, progress: Progress) -> Path:
    """`smooth_path` for dense data with more columns than rows, fold by fold."""
    parts = []
    for fold in range(len(task.design.train_weight)):
        small, basis = _rotate(task.design, fold)
        # To a quarter of the tolerance: rotating back costs digits.
        path = smooth_path(replace(task, design=small, tol=task.tol / 4), progress)
        v = np.concatenate([path.v[..., :-1] @ basis, path.v[..., -1:]], axis=-1)
        parts.append(_certified(task, fold, v))
    return Path(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=1)
            for name in ("v", "data_loss", "penalty", "gap")
        )
    )


def _certified(task: PathTask, fold: int, v: Array) -> Path:
    """One fold's fits with certificates for the data as they are, not as they were rotated."""
    m, groups, outputs, width = v.shape
    target = task.targets[None] if task.loss.joint else np.tile(task.targets[:, None], (m, 1, 1))
    moved, certificate = certify(
        task.design,
        task.loss,
        task.penalty,
        target,
        np.repeat(task.alphas, groups),
        np.full(m * groups, fold),
        v.reshape(m * groups, outputs, width),
    )
    parts = (certificate.data_loss, certificate.penalty, certificate.gap)
    return Path(moved.reshape(v.shape), *(part.reshape(m, groups) for part in parts))


def _rotate(design: Design, fold: int) -> tuple[Design, Array]:
    """One fold's scaled rows in the basis of its training rows: a design of one fold, and Qᵀ."""
    scaled = design.scaled(fold)
    weight = design.train_weight[fold : fold + 1]
    trained = scaled[weight[0] > 0]
    # Not by the eigenvectors of trained trainedᵀ: squaring would lose small columns beside large.
    basis = np.linalg.qr(trained.T)[0].T
    rotated = scaled @ basis.T
    flat = np.zeros((1, rotated.shape[1]))
    rows = array_rows(rotated, flat[0], np.ones(rotated.shape[1]))
    return Design(rows, rows, None, flat, np.ones_like(flat), weight, design.row_products), basis
