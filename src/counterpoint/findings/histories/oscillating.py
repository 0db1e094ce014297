"""The training loss swings to and fro: steps jump across the valley.

**When it appears.** After the first fifth the training loss swings around its course by more than
10% of its level and by more than a fiftieth of all that it gained, turning at a third of the points
or more, and it still does at the end. Values of single batches are not judged: they swing by their
nature.

**Why.** A rate that is too high, or batches that are too small for it.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.diverging import rises_for_good
from counterpoint.findings.histories.swings import Swings, swings_of
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, percent, plain

summary = "The training loss swings to and fro."

#: In the tuning corpus runs that verifiably swing have 0.114 of their level and more, 0.037 of
#: their gain and 0.375 of turns (a swing of six points turns at a third); those that do not, and
#: have 0.08 of the level, at most 0.019 of the gain.
_OF_LEVEL, _OF_GAIN, _TURNS = 0.1, 0.02, 1.0 / 3.0


#: Share of the run at its end over which it still swings: one that settled had 0.02 of the level.
_LATE = 0.6


def find(course: Course) -> Finding | None:
    """Find a training loss that swings."""
    loss = course.train_loss
    if loss is None or loss.quantity == "batch_loss" or rises_for_good(loss):
        return None
    swings, late = swings_of(loss), swings_of(loss.last(_LATE))
    if swings is None or swings.of_gain < _OF_GAIN:
        return None
    if not all(_swings(each) for each in (swings, late or swings)):
        return None
    return _finding(loss, swings)


def _swings(swings: Swings) -> bool:
    return swings.of_level >= _OF_LEVEL and swings.turns >= _TURNS


def _finding(loss: Curve, swings: Swings) -> Finding:
    return Finding(
        name="oscillating",
        level="caution",
        title=f"{capital(called(loss))} swings by {percent(swings.of_level)} of its level from "
        "point to point",
        explanation=f"Around its course it swings by {figure(swings.noise)} (standard deviation), "
        f"{percent(swings.of_gain)} of all that it gained, and turns at {percent(swings.turns)} "
        "of the points.",
        evidence={
            "noise": plain(swings.noise),
            "of_level": plain(swings.of_level),
            "of_gain": plain(swings.of_gain),
        },
        since=loss.where(len(loss.finite) // 5),
        sure="measured",
        remedy="Lower the rate (a third), or let it decay; larger batches where the rows are few.",
        instead=("a rate that is too high", "values of few rows each, which swing by chance"),
        doubt="The same run at a third of the rate would settle it.",
    )
