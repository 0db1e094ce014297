"""Passes over the data with all fits of a path at once, that hold no row longer than it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.fit.design import Design
from counterpoint.fit.folds import Folds
from counterpoint.fit.validation import train_margin, train_rows
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Bytes of the raw scores of a piece of the training rows, and its least rows.
PIECE_BYTES = 4 * 2**20
PIECE_ROWS = 64


@dataclass(frozen=True)
class OnTraining:
    """What the reported fits say of the rows that trained them.

    Attributes
    ----------
    scores : DataFrame
        As `counterpoint.fit.validation.train_rows`.
    margin : array (alphas,)
        As `counterpoint.fit.validation.train_margin`.
    """

    scores: pl.DataFrame
    margin: Array


def held_out_scores(design: Design, folds: Folds, v: Array) -> dict[int, Array]:
    """Raw scores of the rows that each judging fold holds out: fold → (alphas, outputs, rows).

    Parameters
    ----------
    v : array (alphas, folds, outputs, width)
    """
    return {
        f: design.on(np.flatnonzero(folds.held_out[f])).scores(v[:, f], np.full(len(v), f))
        for f in folds.judging.tolist()
    }


def on_training_rows(
    design: Design,
    loss: Loss,
    v: Array,
    label_index: Index,
    weight: Array,
    alphas: Array,
    n_classes: int,
) -> OnTraining:
    """Score the reported fits on their training rows, piece by piece: scores are means over rows.

    Parameters
    ----------
    v : array (alphas, outputs, width)
    label_index : array (n,)
    weight : array (n,)
        Training weights of fold 0; they sum to 1.
    """
    trained = np.flatnonzero(weight)
    size = max(PIECE_ROWS, PIECE_BYTES // (8 * v.shape[0] * v.shape[1]))
    fold = np.zeros(len(v), dtype=np.intp)
    frames, margins = [], []
    for start in range(0, len(trained), size):
        rows = trained[start : start + size]
        raw = design.on(rows).scores(v, fold)
        labels, shares = label_index[rows], weight[rows]
        means = train_rows(loss, raw, labels, shares, alphas, n_classes)
        frames.append(means.with_columns(pl.col("value") * float(shares.sum())))
        margins.append(train_margin(raw, labels, shares))
    columns = frames[0].columns
    pooled = pl.concat(frames).group_by("alpha", "split", "fold", "quantity", maintain_order=True)
    scores = pooled.agg(pl.col("value").sum(), pl.col("low", "high").first()).select(columns)
    return OnTraining(scores, np.min(margins, axis=0))
