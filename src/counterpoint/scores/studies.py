"""What it takes all rows at hand to say of a model, and of two: parts, reliability, scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from counterpoint.scores.arrays import FloatArray, IntArray
from counterpoint.scores.parts import (
    LossRows,
    PartChanges,
    Parts,
    loss_rows,
    part_changes,
    parts_of,
)
from counterpoint.scores.proper import SMALLEST_PROBABILITY
from counterpoint.scores.recalibration import log_scores
from counterpoint.scores.reliability import Reliability, reliability
from counterpoint.scores.scale_direction import (
    BestScale,
    ScaleDirection,
    ScaledLosses,
    parted_change,
    scaled_losses,
)


@dataclass(frozen=True)
class Study:
    """What all rows together say of one model.

    Attributes
    ----------
    parts : mapping
        By score; accuracy's are those of the error rate.
    reliability : Reliability
        Of the second of two classes; of the predicted class where there are more.
    scale : BestScale
        The multiplier of the logits that would make the log loss least.
    """

    parts: Mapping[str, Parts]
    reliability: Reliability
    scale: BestScale


@dataclass(frozen=True)
class PairStudy:
    """What all rows together say of the change from one model to another.

    Attributes
    ----------
    parts : mapping
        How the parts of each score differ.
    split : ScaleDirection
        The change of log loss as scale and direction.
    """

    parts: Mapping[str, PartChanges]
    split: ScaleDirection


@dataclass(frozen=True)
class StudiedRows:
    """One model's rows, as its study leaves them for pairs of models.

    Attributes
    ----------
    weight : array of shape (n,)
    losses : mapping
        What the parts are means of, by score.
    scaled : ScaledLosses
    """

    weight: FloatArray
    losses: Mapping[str, LossRows]
    scaled: ScaledLosses


def study(
    probability: FloatArray, label_index: IntArray, weight: FloatArray
) -> tuple[Study, StudiedRows]:
    """Look at all rows of one model.

    Parameters
    ----------
    probability : array of shape (n, K)
    label_index : array of int, shape (n,)
    weight : array of shape (n,)
        Above 0.

    Returns
    -------
    Study, StudiedRows
        The second is what `pair_study` takes.
    """
    losses = loss_rows(probability, label_index, weight)
    if probability.shape[1] == 2:
        forecast, event = np.ascontiguousarray(probability[:, 1]), label_index == 1
    else:
        forecast, event = probability.max(axis=1), label_index == probability.argmax(axis=1)
    # The floor of the log loss itself: then both split one number.
    logits = log_scores(probability, SMALLEST_PROBABILITY)
    scaled = scaled_losses(logits, label_index, weight)
    found = Study(
        parts={name: parts_of(each, weight) for name, each in losses.items()},
        reliability=reliability(forecast, event.astype(float), weight),
        scale=scaled.best,
    )
    return found, StudiedRows(weight, losses, scaled)


def pair_study(before: StudiedRows, after: StudiedRows) -> PairStudy:
    """Look at all rows of two models."""
    weight = after.weight
    return PairStudy(
        parts={
            name: part_changes(old, after.losses[name], weight)
            for name, old in before.losses.items()
        },
        split=parted_change(before.scaled, after.scaled),
    )
