"""The numbers of a relation, row by row, for the terminal and for files."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from counterpoint.theory.dirichlet_losses import loss_law
from counterpoint.theory.laws import Brier
from counterpoint.theory.relation import LossRelation

#: True-class probabilities and accuracies at which numbers are given.
_TRUTHS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
_ACCURACIES = (0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
#: Numbers of classes that show how a scatter narrows.
_CLASSES = (2, 3, 10, 100)


class LawRow(NamedTuple):
    """The law of the loss at one probability of the true class."""

    t: float
    mean: float
    std: float
    low_5: float
    median: float
    high_95: float
    least: float
    greatest: float


class RegionRow(NamedTuple):
    """Mean losses at one accuracy; infinite where there is no ceiling."""

    accuracy: float
    least: float
    calibrated_least: float
    calibrated_greatest: float
    greatest: float


class NarrowingRow(NamedTuple):
    """How far the Brier score strays from its mean given the true class's probability."""

    classes: int
    deviation: float
    explained: float


def law_rows(relation: LossRelation) -> list[LawRow]:
    """The law at some t; nothing where the loss has none."""
    if not relation.has_law:
        return []
    rows = []
    for t in _TRUTHS:
        law, (least, greatest) = relation.law(t), relation.envelope(t)
        low, median, high = law.quantile([0.05, 0.5, 0.95])
        numbers = (law.mean(), law.std(), low, median, high, least, greatest)
        rows.append(LawRow(t, *map(float, numbers)))
    return rows


def region_rows(relation: LossRelation) -> list[RegionRow]:
    """The region at the accuracy of guessing and above."""
    guess = 1.0 / relation.classes
    shown = np.array([guess, *(a for a in _ACCURACIES if a > guess)])
    region = relation.region(shown)
    columns = (
        region.accuracy,
        region.reachable.low,
        region.calibrated.low,
        region.calibrated.high,
        region.reachable.high,
    )
    return [RegionRow(*map(float, row)) for row in zip(*columns, strict=True)]


def narrowing_rows(relation: LossRelation) -> list[NarrowingRow]:
    """Brier score at several numbers of classes, all with the relation's concentration."""
    rows = []
    for classes in sorted({*_CLASSES, relation.classes}):
        a = np.full(classes, relation.concentration[0])
        given, over_all = loss_law("brier", a, t=0.0), loss_law("brier", a)
        assert isinstance(over_all, Brier)
        rows.append(NarrowingRow(classes, given.std() / given.mean(), over_all.var_explained()))
    return rows
