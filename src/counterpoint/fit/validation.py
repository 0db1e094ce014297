"""Scores of a path on training and held-out rows, as one tidy table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.fit.folds import Folds
from counterpoint.fit.result import HeldOut
from counterpoint.objective import Loss, predicted_index
from counterpoint.scores import SCORES, cross_fitted_probabilities, score_interval
from counterpoint.scores.intervals import mean_interval

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Groups of rows for calibration where each row was left out by itself.
CALIBRATION_GROUPS = 5


def judge(
    loss: Loss,
    raw_of_fold: dict[int, Array],
    label_index: Index,
    weight: Array,
    folds: Folds,
    n_classes: int,
) -> HeldOut:
    """Predictions for every held-out row by the fold that did not train on it.

    Parameters
    ----------
    raw_of_fold : fold → array (alphas, outputs, n)
        Raw scores of each judging fold's fits for all rows.
    """
    judging = [int(f) for f in folds.judging]
    counted = {f: np.flatnonzero(folds.held_out[f]) for f in judging}
    rows = np.concatenate([counted[f] for f in judging])
    fold = np.repeat(judging, [len(counted[f]) for f in judging])
    order = np.argsort(rows, kind="stable")
    raw = np.concatenate([raw_of_fold[f][..., counted[f]] for f in judging], axis=-1)
    raw, rows, fold = np.ascontiguousarray(raw[..., order]), rows[order], fold[order]
    labels, w = label_index[rows], weight[rows]
    target = loss.encode(labels, n_classes)
    own = loss.value(raw, target)
    probability = loss.probability(raw)
    calibrated = probability is None
    if probability is None:
        group = _dealt(labels) if folds.one_by_one else fold
        stacked = [cross_fitted_probabilities(r, labels, group, n_classes, w) for r in raw]
        by_class = np.stack(stacked)
    else:
        by_class = np.swapaxes(probability, -1, -2)
    scored = SCORES["log_loss"]
    # The loss itself keeps digits that probabilities lose; like any log loss here it ends where
    # a probability can't be told from zero.
    log_loss = (
        scored.per_observation(by_class, labels) if calibrated else np.minimum(own, scored.greatest)
    )
    return HeldOut(
        row=rows,
        label_index=labels,
        fold=fold,
        weight=w,
        raw=raw,
        predicted=predicted_index(raw),
        log_loss=log_loss,
        brier=SCORES["brier"].per_observation(by_class, labels),
        own_loss=own,
        calibrated=calibrated,
    )


def _dealt(labels: Index) -> Index:
    """Rows dealt into groups in turn, class by class."""
    group = np.empty(len(labels), dtype=np.intp)
    group[np.argsort(labels, kind="stable")] = np.arange(len(labels)) % CALIBRATION_GROUPS
    return group


def score_rows(held_out: HeldOut, alphas: Array) -> pl.DataFrame:
    """Pooled and fold-wise held-out scores, with 95% intervals for the pooled ones."""
    suffix = "_calibrated" if held_out.calibrated else ""
    per_row = {
        "accuracy": held_out.correct.astype(np.float64),
        f"log_loss{suffix}": held_out.log_loss,
        f"brier{suffix}": held_out.brier,
        "loss": held_out.own_loss,
    }
    frames = []
    for quantity, values in per_row.items():
        score = SCORES.get(quantity.removesuffix("_calibrated"))
        estimate = (
            mean_interval(values, held_out.weight)
            if score is None
            else score_interval(score, values, held_out.weight)
        )
        frames.append(
            _frame(
                alphas, "validation", None, quantity, estimate.value, estimate.low, estimate.high
            )
        )
        for f in np.unique(held_out.fold):
            inside = held_out.fold == f
            value = np.average(values[:, inside], axis=-1, weights=held_out.weight[inside])
            frames.append(_frame(alphas, "validation", int(f), quantity, value))
    return pl.concat(frames)


def train_rows(
    loss: Loss, raw: Array, label_index: Index, train_weight: Array, alphas: Array, n_classes: int
) -> pl.DataFrame:
    """Scores of the reported fits on the rows that trained them."""
    rows = np.flatnonzero(train_weight)
    raw, labels, weight = raw[..., rows], label_index[rows], train_weight[rows]
    own = loss.value(raw, loss.encode(labels, n_classes))
    per_row = {"accuracy": (predicted_index(raw) == labels).astype(np.float64), "loss": own}
    probability = loss.probability(raw)
    if probability is not None:
        by_class = np.swapaxes(probability, -1, -2)
        per_row["log_loss"] = own
        per_row["brier"] = SCORES["brier"].per_observation(by_class, labels)
    return pl.concat(
        [
            _frame(alphas, "train", None, quantity, np.average(values, axis=-1, weights=weight))
            for quantity, values in per_row.items()
        ]
    )


def fit_rows(alphas: Array, quantities: dict[str, Array]) -> pl.DataFrame:
    """Quantities of the reported fits themselves, such as the parts of the objective."""
    return pl.concat(
        [_frame(alphas, "train", None, name, value) for name, value in quantities.items()]
    )


def train_margin(raw: Array, label_index: Index, train_weight: Array) -> Array:
    """Least lead of the label's raw score over the greatest other, (alphas,)."""
    rows = np.flatnonzero(train_weight)
    raw, labels = raw[..., rows], label_index[rows]
    if raw.shape[-2] == 1:
        return np.asarray((np.where(labels == 1, 1.0, -1.0) * raw[:, 0]).min(axis=-1))
    own = np.take_along_axis(raw, labels[None, None, :], axis=1)[:, 0]
    others = np.where(np.arange(raw.shape[1])[:, None] == labels, -np.inf, raw).max(axis=1)
    return np.asarray((own - others).min(axis=-1))


def _frame(
    alphas: Array,
    split: str,
    fold: int | None,
    quantity: str,
    value: npt.NDArray[np.generic],
    low: Array | None = None,
    high: Array | None = None,
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "alpha": alphas,
            "split": split,
            "fold": pl.Series([fold] * len(alphas), dtype=pl.Int64),
            "quantity": quantity,
            "value": np.asarray(value, dtype=np.float64),
            "low": pl.Series(low if low is not None else [None] * len(alphas), dtype=pl.Float64),
            "high": pl.Series(high if high is not None else [None] * len(alphas), dtype=pl.Float64),
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))
