"""The loss falls in a straight line and is far from done: steps are too small.

**When it appears.** Over six points or more the training loss falls beyond its noise, its second
half at least half as steeply as its first, its last quarter not much less than its third, and the
loss on other rows falls too, by a tenth of that share at least, and does not rise again. And it is
far from done. Where loss and K are known, and the loss is not on another scale, that is above 0.6
of the even guess's (0.65 without other rows), or 0.5 if other rows lose as large a share: then
nothing is learnt by heart yet. Else it lost less than a quarter of where it began; or fell steadily
with less than half of the rows right; or lost less than 0.45 of it steadily, after an accuracy that
began as a guess.

**Why.** A rate that is far too low makes progress in a straight line; a rate that fits falls fast
and then slowly. Predictions turn right long before small steps make them sure.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import accuracy_at_base_rate, loss_impossible
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
#: The last quarter's slope over the third's: 0.47 and more in the tuning corpus's runs that creep,
#: 0.16 and 0.37 in two that came to a stand.
_LATE = 0.4
#: Share of the even guess's loss at the end that is far from done, where K is known: in general,
#: where the loss on other rows falls as much, and where none is logged. Noisy classes end at 0.55
#: and 0.59 in a straight line, and on other rows they stand or rise; at 0.62 without other rows.
_OF_GUESS, _OF_GUESS_TOO, _OF_GUESS_ALONE = 0.6, 0.5, 0.65
#: As much, as a share: 0.94 and more in runs that creep to many right, 0.85 in one that did not.
#: Less than the other is nothing to speak of: what is learnt holds for the training rows alone.
_AS_MUCH, _SOME = 0.9, 0.1
#: An accuracy at which a loss above that has another scale, unless it begins near the guess's.
_IS_RIGHT, _NEAR = 0.9, 1.25
#: An accuracy that says, where K is not known, that much is learnt.
_LEARNT = 0.8
#: And one that says that little is.
_FEW_RIGHT = 0.5
_LOST = 0.25
#: More than that where nearly every step goes down, and not ever faster: networks that hesitate at
#: first and then learn speed up.
_LOST_STEADILY, _STEADY, _SPEEDS_UP = 0.45, 0.95, 1.0
#: An accuracy that begins as a guess: 0.65 at most in the tuning corpus's runs that creep to 0.84
#: of rows right and more; 0.86 in one that lost as much and did not creep.
_GUESSED = 0.7


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
    lost = 1.0 - loss.end / loss.first
    if course.held_loss is not None and _stands(course.held_loss, lost):
        return None  # small steps would lower it too
    straight = slope_ratio(loss.smooth)
    late = slope_ratio(loss.smooth[len(loss.smooth) // 2 :])
    if lost < 0.002 or straight < _STRAIGHT or late < _LATE:
        return None
    if not _is_far(course, loss, lost, straight):
        return None
    return _finding(loss, lost)


def _stands(held: Curve, lost: float) -> bool:
    """Whether other rows have next to nothing of what training lost, or get worse again."""
    most = min(held.first * (1.0 - _SOME * lost), float(held.smooth[len(held.smooth) // 2]))
    return held.end > most + held.error()


def _is_far(course: Course, loss: Curve, lost: float, straight: float) -> bool:
    """Whether little of what there is to learn is learnt."""
    guess = _guess(course, loss)
    if guess is not None:
        return _is_far_from_guess(course, loss, guess)
    steady = _is_steady(loss)
    right = [c.end for c in (course.train_accuracy, course.held_accuracy) if c is not None]
    if right and max(right) > _LEARNT:
        return lost < _LOST or (lost < _LOST_STEADILY and steady and _came_from_guess(course, loss))
    if right and max(right) < _FEW_RIGHT and steady:
        return True
    return lost < _LOST or (lost < _LOST_STEADILY and steady and straight < _SPEEDS_UP)


def _guess(course: Course, loss: Curve) -> float | None:
    """What the even guess costs, where the loss has the scale that it is said to have."""
    if course.classes is None or course.loss_name is None:
        return None
    guess = proper_loss_named(course.loss_name).even_guess(course.classes)
    if loss_impossible.find(course) and not guess / _NEAR < loss.first < guess * _NEAR:
        return None
    # A binary cross-entropy of two classes may be summed over two outputs.
    of_two = course.facts.get("loss") == "bce" and course.classes == 2
    return 2.0 * guess if of_two and loss.first > _NEAR * guess else guess


def _is_far_from_guess(course: Course, loss: Curve, guess: float) -> bool:
    """Whether a loss of known scale kept most of what guessing costs."""
    accuracy = course.train_accuracy or course.held_accuracy
    falls_too = _falls_too(course, loss)
    if accuracy is not None and accuracy.end > _IS_RIGHT:
        begins_there = guess / _NEAR < loss.first < guess * _NEAR
        return loss.end > _OF_GUESS * guess and falls_too and begins_there
    alone = course.held_loss is None
    most = _OF_GUESS_TOO if falls_too else _OF_GUESS_ALONE if alone else _OF_GUESS
    return loss.end > most * guess


def _falls_too(course: Course, loss: Curve) -> bool:
    """Whether the loss on other rows loses as large a share: nothing is learnt by heart yet."""
    held = course.held_loss
    if held is None or held is loss or held.first <= 0.0:
        return False
    return 1.0 - held.end / held.first > _AS_MUCH * (1.0 - loss.end / loss.first)


def _came_from_guess(course: Course, loss: Curve) -> bool:
    """Whether accuracy rose from a guess, and other rows, where logged, lose as much."""
    accuracy = course.train_accuracy or course.held_accuracy
    if accuracy is None or accuracy.first > _GUESSED:
        return False
    return course.held_loss is None or _falls_too(course, loss)


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
