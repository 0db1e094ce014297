"""Accuracy stands still while the loss of the same rows moves.

**When it appears.** Over the second half (six points or more) accuracy neither trends nor leaves
a range of one point, while the loss of the same rows changes by 30% or more beyond its noise.

**Why.** Loss moves with every probability, accuracy with the predictions that flip alone.
Multiplying all raw scores by a constant flips none. A falling loss is then growing sureness, or
margins of rows that are right already; a rising one is sureness on mistakes.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.turn import turn_of
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, percent, plain, share

summary = "Accuracy stands still while the loss of the same rows moves."

_RANGE = 0.01
_MOVES = 0.30
_FEWEST = 12


def find(course: Course) -> Finding | None:
    """Find a second half in which accuracy stands and loss moves."""
    turned = turn_of(course) is not None
    for split in dict.fromkeys((None if turned else course.held, course.trained)):
        both = course.pair(split)
        if both is None or len(both[0]) < _FEWEST:
            continue
        loss, accuracy = (curve.last(0.5) for curve in both)
        levels = loss.smooth
        begin, end = float(levels[0]), float(levels[-1])
        moves = abs(end - begin) / max(abs(begin), abs(end), 1e-12)
        still = float(np.ptp(accuracy.smooth)) <= _RANGE and accuracy.end > 0.0
        if not still or moves < _MOVES or abs(end - begin) < 4.0 * loss.error():
            continue
        done = accuracy.end > 0.995
        return Finding(
            name="accuracy_flat_loss_moves",
            level="note",
            title=f"{capital(called(accuracy))} stands at {share(accuracy.end)} while the loss "
            f"goes from {figure(begin)} to {figure(end)}",
            explanation=f"Since {loss.where(0)} the loss {'falls' if end < begin else 'rises'} by "
            f"{percent(moves)} and no prediction to speak of flips. "
            + ("There is nothing left for accuracy to gain; " if done else "")
            + (
                "the model grows surer of what it says already."
                if end < begin
                else "its mistakes cost more."
            ),
            evidence={
                "accuracy": plain(accuracy.end),
                "loss_begin": plain(begin),
                "loss_end": plain(end),
            },
            since=loss.where(0),
            sure="measured",
            remedy="Judge by the loss if probabilities matter; for accuracy alone these epochs "
            "bring nothing.",
        )
    return None
