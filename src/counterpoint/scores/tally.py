"""What is a sum over rows, of several models at once: it adds up over blocks of rows.

Scores, paired differences, flips and the costliest rows need one pass and no memory but a block's:
a table of any length gives the same figures in pieces as whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.moments import Moments, moments_of
from counterpoint.scores.proper import SCORES, SMALLEST_PROBABILITY

COSTLIEST = 10
"""Rows kept of each model: those with the greatest log loss."""


@dataclass(frozen=True)
class CostlyRow:
    """A row and what each model says of it.

    Attributes
    ----------
    row : int
        Counted from 0 in the table.
    label : int
        Its class.
    weight : float
    predicted : tuple of int
        The class that each model gives most probability.
    probability : tuple of float
        What each model gives the true class.
    log_loss : tuple of float
    """

    row: int
    label: int
    weight: float
    predicted: tuple[int, ...]
    probability: tuple[float, ...]
    log_loss: tuple[float, ...]


@dataclass(frozen=True)
class Tally:
    """Sums over rows for M models; the first is what the others are compared with.

    Attributes
    ----------
    scores : Moments of shape (M, scores)
        In the order of `SCORES`.
    changes : Moments of shape (M − 1, scores)
        Each later model minus the first, row by row.
    flips : array of int, shape (M − 1, 3)
        Rows that went from wrong to right, right to wrong, and from one wrong class to another.
    class_weight : array of shape (K,)
    ruled_out, ruled_out_weight : array of int, array, shape (M,)
        Rows whose true class was given a probability of 0, and their weight: their log loss is
        infinite.
    costliest : tuple of tuple of CostlyRow
        For each model its `COSTLIEST` rows by log loss, the worst first.
    """

    scores: Moments
    changes: Moments
    flips: IntArray
    class_weight: FloatArray
    ruled_out: IntArray
    ruled_out_weight: FloatArray
    costliest: tuple[tuple[CostlyRow, ...], ...]

    def __add__(self, other: Tally) -> Tally:
        """Sums over both sets of rows."""
        costliest = tuple(
            _worst((*mine, *theirs), model)
            for model, (mine, theirs) in enumerate(
                zip(self.costliest, other.costliest, strict=True)
            )
        )
        return Tally(
            self.scores + other.scores,
            self.changes + other.changes,
            self.flips + other.flips,
            self.class_weight + other.class_weight,
            self.ruled_out + other.ruled_out,
            self.ruled_out_weight + other.ruled_out_weight,
            costliest,
        )


def tally(
    probabilities: Sequence[FloatArray],
    label_index: IntArray,
    weight: FloatArray,
    first_row: int = 0,
) -> Tally:
    """Sums over a block of rows.

    Parameters
    ----------
    probabilities : M arrays of shape (n, K)
    label_index : array of int, shape (n,)
    weight : array of shape (n,)
        Rows of weight 0 count for nothing.
    first_row : int
        Where the block begins in the table.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([[0.6, 0.4], [0.7, 0.3]])
    >>> both = tally(p, np.array([0, 1]), np.ones(2))
    >>> both.scores.mean[:, 0].tolist(), both.flips.tolist()
    ([1.0, 0.5], [[0, 1, 0]])
    """
    counted = np.flatnonzero(weight > 0.0)
    if counted.size < weight.size:
        probabilities = [p[counted] for p in probabilities]
        label_index, weight = label_index[counted], weight[counted]
    values = np.stack(
        [
            [score.per_observation(p, label_index) for score in SCORES.values()]
            for p in probabilities
        ]
    )
    rows = np.arange(label_index.size)
    predicted = np.stack([p.argmax(axis=1) for p in probabilities])
    ruled_out = np.stack([p[rows, label_index] < SMALLEST_PROBABILITY for p in probabilities])
    return Tally(
        scores=moments_of(values, weight),
        changes=moments_of(values[1:] - values[:1], weight),
        flips=_flips(predicted, label_index),
        class_weight=np.bincount(label_index, weight, minlength=probabilities[0].shape[1]).astype(
            np.float64
        ),
        ruled_out=ruled_out.sum(axis=1),
        ruled_out_weight=ruled_out @ weight,
        costliest=_costliest(
            probabilities,
            values[:, list(SCORES).index("log_loss")],
            predicted,
            label_index,
            weight,
            counted + first_row,
        ),
    )


def _flips(predicted: IntArray, label: IntArray) -> IntArray:
    right = predicted == label
    was, now = right[:1], right[1:]
    moved = ~was & ~now & (predicted[1:] != predicted[:1])
    return np.stack([each.sum(axis=1) for each in (~was & now, was & ~now, moved)], axis=1)


def _costliest(
    probabilities: Sequence[FloatArray],
    losses: FloatArray,
    predicted: IntArray,
    label: IntArray,
    weight: FloatArray,
    row: IntArray,
) -> tuple[tuple[CostlyRow, ...], ...]:
    def described(i: int) -> CostlyRow:
        return CostlyRow(
            row=int(row[i]),
            label=int(label[i]),
            weight=float(weight[i]),
            predicted=tuple(predicted[:, i].tolist()),
            probability=tuple(float(p[i, label[i]]) for p in probabilities),
            log_loss=tuple(losses[:, i].tolist()),
        )

    if label.size == 0:
        return ((),) * len(losses)
    return tuple(
        _worst(tuple(map(described, _greatest(cost).tolist())), model)
        for model, cost in enumerate(losses * weight)
    )


def _greatest(cost: FloatArray) -> IntArray:
    """Places of the `COSTLIEST` greatest values; of equal ones the first."""
    few = min(COSTLIEST, cost.size)
    least = np.partition(cost, cost.size - few)[cost.size - few]
    above, level = np.flatnonzero(cost > least), np.flatnonzero(cost == least)
    return np.concatenate([above, level[: few - above.size]])


def _worst(rows: tuple[CostlyRow, ...], model: int) -> tuple[CostlyRow, ...]:
    ordered = sorted(rows, key=lambda r: (-r.weight * r.log_loss[model], r.row))
    return tuple(ordered[:COSTLIEST])
