"""The loss falls in a straight line and is far from done: steps are too small.

**When it appears.** Over six points or more the training loss falls beyond its noise, its
second half as steeply as its first (at least half of that), and it is far from done: above 0.6 of
the even guess's where loss and K are known, else with less than a quarter lost of where it began,
or steadily falling with less than half of the rows right.
The loss on other rows does not rise meanwhile.

**Why.** A rate that is far too low makes progress in a straight line; a rate that fits falls fast
and then slowly.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import accuracy_at_base_rate
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.trend import rises, slope_ratio
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, percent, plain
from counterpoint.theory.proper_losses import proper_loss_named

summary = "The loss falls in a straight line and is far from done."

_FEWEST = 6
#: Standard deviations of the fall by Mann and Kendall's test.
_TREND = 4.0
_STRAIGHT = 0.5
#: Share of the even guess's loss at the end that is far from done, where K is known.
_OF_GUESS = 0.6
#: An accuracy at which a loss above that has another scale.
_IS_RIGHT = 0.9
#: An accuracy that says, where K is not known, that much is learnt.
_LEARNT = 0.8
#: And one that says that little is.
_FEW_RIGHT = 0.5
_LOST = 0.25
#: More than that where nearly every step goes down, and not ever faster: networks that hesitate at
#: first and then learn speed up.
_LOST_STEADILY, _STEADY, _SPEEDS_UP = 0.45, 0.95, 0.9


@once
def find(course: Course) -> Finding | None:
    """Find a training that creeps."""
    loss = course.train_loss or course.held_loss
    if (
        loss is None
        or len(loss.finite) < _FEWEST
        or loss.first <= 0.0
        or not rises(-loss.finite.values, _TREND)
    ):
        return None
    if accuracy_at_base_rate.find(course) and not _is_steady(loss):
        return None
    held = course.held_loss
    if held is not None and held.end > held.first + held.error():
        return None  # small steps would lower it too
    lost = 1.0 - loss.end / loss.first
    straight = slope_ratio(loss.smooth)
    if lost < 0.002 or straight < _STRAIGHT or not _is_far(course, loss, lost, straight):
        return None
    return _finding(loss, lost)


def _is_far(course: Course, loss: Curve, lost: float, straight: float) -> bool:
    """Whether little of what there is to learn is learnt."""
    if course.classes is not None and course.loss_name is not None:
        guess = proper_loss_named(course.loss_name).even_guess(course.classes)
        accuracy = course.train_accuracy or course.held_accuracy
        is_right = accuracy is not None and accuracy.end > _IS_RIGHT
        return loss.end > _OF_GUESS * guess and not is_right
    steady = _is_steady(loss)
    right = [c.end for c in (course.train_accuracy, course.held_accuracy) if c is not None]
    if right and max(right) > _LEARNT:
        return lost < _LOST
    if right and max(right) < _FEW_RIGHT and steady:
        return True
    return lost < _LOST or (lost < _LOST_STEADILY and steady and straight < _SPEEDS_UP)


def _is_steady(loss: Curve) -> bool:
    """Whether nearly every step goes down."""
    return float(np.mean(np.diff(loss.smooth) <= 0.0)) > _STEADY


def _finding(loss: Curve, lost: float) -> Finding:
    return Finding(
        name="too_slow",
        level="caution",
        title=f"{capital(called(loss))} creeps: {percent(lost)} lower after {len(loss.finite)} "
        "points, in a straight line",
        explanation=f"It goes from {figure(loss.first)} to {figure(loss.end)}; the second half "
        f"falls {slope_ratio(loss.smooth):.2f} times as steeply as the first, where a rate that "
        "fits falls fast and then slowly.",
        evidence={"lost": plain(lost), "slope_ratio": plain(slope_ratio(loss.smooth))},
        since=loss.where(0),
        sure="likely",
        remedy="Raise the rate tenfold, and again, until the loss falls fast; then train longer.",
        instead=(
            "a warm-up that is not over",
            "a plateau at the start, which some networks have before they learn",
        ),
        doubt="A short run at ten times the rate would settle it.",
    )
