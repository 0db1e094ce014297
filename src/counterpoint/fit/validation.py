"""Scores of a path on training and held-out rows, as one tidy table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.fit.design import Design
from counterpoint.fit.folds import Folds
from counterpoint.fit.result import HeldOut
from counterpoint.fit.threads import in_threads
from counterpoint.objective import Loss, predicted_index
from counterpoint.scores import SCORES, Calibration, score_interval
from counterpoint.scores.calibration import calibration_folds, fit_calibrations
from counterpoint.scores.intervals import mean_interval

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Raw scores of a block's rows that are formed at once, 8 bytes each.
SCORES_AT_ONCE = 1_000_000


def held_out_scores(design: Design, v: Array, folds: Folds) -> Array:
    """Raw scores of every held-out row by the fold that did not train on it.

    Parameters
    ----------
    v : array (alphas, folds, outputs, width)

    Returns
    -------
    array (alphas, outputs, N), rows ascending.
    """
    rows, fold = _held_out_rows(folds)
    raw = np.empty((len(v), v.shape[2], len(rows)))

    def score(here: slice) -> None:
        block = design.of_rows(rows[here])
        for f in np.unique(fold[here]):
            # Only the rows that the fold judges: each row is scored once, not once a fold.
            mine = np.flatnonzero(fold[here] == f)
            for a, scores in enumerate(_scores(block.of_rows(mine), v[:, f], int(f))):
                raw[a][:, here.start + mine] = scores

    for _ in in_threads(score, _blocks(design, rows)):
        pass
    return raw


def _blocks(design: Design, rows: Index) -> list[slice]:
    """Where ascending rows lie in the same block of a design: each block is made but once."""
    ends = np.searchsorted(rows, [part.stop for part in design.parts]).tolist()
    return [slice(low, high) for low, high in pairwise([0, *ends]) if low < high]


def _held_out_rows(folds: Folds) -> tuple[Index, Index]:
    """Rows that judge, ascending, and the fold that each of them judges."""
    fold, rows = np.nonzero(folds.held_out)
    order = np.argsort(rows, kind="stable")
    return rows[order], fold[order]


def _scores(design: Design, v: Array, fold: int) -> Iterator[Array]:
    """Raw scores (outputs, n) for each alpha of v (alphas, outputs, width)."""
    at_once = max(SCORES_AT_ONCE // (v.shape[1] * design.n), 1)
    for a in range(0, len(v), at_once):
        some = v[a : a + at_once]
        yield from design.scores(some, np.full(len(some), fold))


@dataclass(frozen=True)
class _Judged:
    """One alpha's predictions and their scores, row by row: arrays (N,)."""

    predicted: Index
    log_loss: Array
    brier: Array
    own_loss: Array


def judge(
    loss: Loss, raw: Array, label_index: Index, weight: Array, folds: Folds, n_classes: int
) -> HeldOut:
    """Predictions for every held-out row by the fold that did not train on it.

    Parameters
    ----------
    raw : array (alphas, outputs, N)
        From `held_out_scores`.
    """
    rows, fold = _held_out_rows(folds)
    labels, w = label_index[rows], weight[rows]
    target = loss.encode(labels, n_classes)
    calibrated = loss.probability(raw[0]) is None
    calibrations = _calibrations(raw, labels, fold, w) if calibrated else []

    def judge_one(a: int) -> _Judged:
        own = loss.value(raw[a], target)
        probability = loss.probability(raw[a])
        if probability is None:
            by_class = np.empty((len(rows), n_classes))
            for mine, fitted in calibrations:
                by_class[mine] = fitted[a].probability(raw[a][:, mine])
            log_loss = SCORES["log_loss"].per_observation(by_class, labels)
        else:
            by_class = np.swapaxes(probability, -1, -2)
            # The loss itself keeps digits that probabilities lose; like any log loss here it ends
            # where a probability can't be told from zero.
            log_loss = np.minimum(own, SCORES["log_loss"].greatest)
        brier = SCORES["brier"].per_observation(by_class, labels)
        return _Judged(predicted_index(raw[a]), log_loss, brier, own)

    judged = list(in_threads(judge_one, range(len(raw))))
    return HeldOut(
        row=rows,
        label_index=labels,
        fold=fold,
        weight=w,
        raw=raw,
        predicted=np.stack([one.predicted for one in judged]),
        log_loss=np.stack([one.log_loss for one in judged]),
        brier=np.stack([one.brier for one in judged]),
        own_loss=np.stack([one.own_loss for one in judged]),
        calibrated=calibrated,
    )


def _calibrations(
    raw: Array, labels: Index, fold: Index, weight: Array
) -> list[tuple[Index, list[Calibration]]]:
    """The rows of each fold, and for each alpha the calibration fitted on all other rows."""
    fold = calibration_folds(labels, fold)
    parts = [(np.flatnonzero(fold == f), np.flatnonzero(fold != f)) for f in np.unique(fold)]

    def calibrate(others: Index) -> list[Calibration]:
        # Along alpha, not over folds: a fold's start must not know its own rows either.
        return fit_calibrations((r[:, others] for r in raw), labels[others], weight[others])

    fitted = in_threads(calibrate, [others for _, others in parts])
    return [(mine, path) for (mine, _), path in zip(parts, fitted, strict=True)]


def score_rows(held_out: HeldOut, alphas: Array) -> pl.DataFrame:
    """Pooled and fold-wise held-out scores, with 95% intervals for the pooled ones."""
    suffix = "_calibrated" if held_out.calibrated else ""
    per_row = {
        "accuracy": held_out.correct.astype(np.float64),
        f"log_loss{suffix}": held_out.log_loss,
        f"brier{suffix}": held_out.brier,
        "loss": held_out.own_loss,
    }
    frames, folds = [], np.unique(held_out.fold)
    insides = [held_out.fold == f for f in folds]
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
        by_fold = [
            np.average(values[:, inside], axis=-1, weights=held_out.weight[inside])
            for inside in insides
        ]
        # One frame for all folds: leave-one-out has as many as rows.
        every_alpha, of_fold = np.tile(alphas, len(folds)), np.repeat(folds, len(alphas))
        frames.append(_frame(every_alpha, "validation", of_fold, quantity, np.concatenate(by_fold)))
    return pl.concat(frames)


@dataclass(frozen=True)
class Trained:
    """How the reported fits do on the rows that trained them.

    Attributes
    ----------
    means : name of a quantity → array (alphas,)
    margin : array (alphas,)
        Least lead of the label's raw score over the greatest other.
    """

    means: dict[str, Array]
    margin: Array


def score_training(
    loss: Loss, design: Design, v: Array, label_index: Index, n_classes: int
) -> Trained:
    """Scores of the reported fits on the rows that trained them.

    Parameters
    ----------
    v : array (alphas, outputs, width)
        Of fold 0.
    """
    trained = np.flatnonzero(design.train_weight[0])

    def score(here: slice) -> tuple[list[dict[str, float]], list[float]]:
        rows = trained[here]
        part, labels = design.of_rows(rows), label_index[rows]
        target, weight = loss.encode(labels, n_classes), part.train_weight[0]
        sums, margins = [], []
        for raw in _scores(part, v, 0):
            per_row = _per_row(loss, raw, target, labels)
            sums.append({name: float(x @ weight) for name, x in per_row.items()})
            margins.append(_margin(raw, labels))
        return sums, margins

    # Block by block: the raw scores of all rows would take as much memory as the data.
    scored = list(in_threads(score, _blocks(design, trained)))
    totals = {
        name: np.sum([[one[name] for one in sums] for sums, _ in scored], axis=0)
        for name in scored[0][0][0]
    }
    # The weights sum to 1 but for rounding, which must not show in an accuracy of 1.
    share = totals.pop("share")
    means = {name: total / share for name, total in totals.items()}
    return Trained(means, np.min([margins for _, margins in scored], axis=0))


def _per_row(loss: Loss, raw: Array, target: Array, labels: Index) -> dict[str, Array]:
    """One alpha's scores of each row, and its share in their means."""
    own = loss.value(raw, target)
    per_row = {
        "share": np.ones(len(labels)),
        "accuracy": (predicted_index(raw) == labels).astype(np.float64),
        "loss": own,
    }
    probability = loss.probability(raw)
    if probability is not None:
        by_class = np.swapaxes(probability, -1, -2)
        per_row |= {"log_loss": own, "brier": SCORES["brier"].per_observation(by_class, labels)}
    return per_row


def _margin(raw: Array, labels: Index) -> float:
    """Least lead of the label's raw score over the greatest other."""
    if len(raw) == 1:
        return float((np.where(labels == 1, 1.0, -1.0) * raw[0]).min())
    others = raw.copy()
    place = labels, np.arange(len(labels))
    others[place] = -np.inf
    return float((raw[place] - others.max(axis=0)).min())


def fit_rows(alphas: Array, quantities: dict[str, Array]) -> pl.DataFrame:
    """Quantities of the reported fits themselves, such as the parts of the objective."""
    return pl.concat(
        [_frame(alphas, "train", None, name, value) for name, value in quantities.items()]
    )


def _frame(
    alphas: Array,
    split: str,
    fold: Index | None,
    quantity: str,
    value: npt.NDArray[np.generic],
    low: Array | None = None,
    high: Array | None = None,
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "alpha": alphas,
            "split": split,
            "fold": pl.Series(fold if fold is not None else [None] * len(alphas), dtype=pl.Int64),
            "quantity": quantity,
            "value": np.asarray(value, dtype=np.float64),
            "low": pl.Series(low if low is not None else [None] * len(alphas), dtype=pl.Float64),
            "high": pl.Series(high if high is not None else [None] * len(alphas), dtype=pl.Float64),
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))
