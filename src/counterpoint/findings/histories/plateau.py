"""No further progress: the numbers that judge have stood for the last third of the run, or more.

**When it appears.** The held-out loss (else accuracy, else those of training) gained less than a
fiftieth of all its gain over the last third of the run (half, where training still gains, and no
fewer than twelve points), shows no trend there beyond its noise, and stays within a twentieth of
its gain, in a run that learnt something.

**What it means.** More epochs at this rate bring nothing. A lower rate may: falls after a decay
of the rate are the rule.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.diverging import rises_for_good
from counterpoint.findings.histories.idle import is_idle
from counterpoint.findings.histories.progress import Progress, judging, progress_of
from counterpoint.findings.histories.turn import turn_of
from counterpoint.findings.histories.words import called, capital, change
from counterpoint.findings.words import plain

summary = "No further progress over the last third of the run or more."

#: Share of the first value that it gained: less is no learning to speak of.
_LEARNT = 0.05
#: Share of all its gain that a loss moves over the last two fifths where it turned, and otherwise.
_STANDS, _WANDERS = 0.03, 0.05
#: Share of the run before which it came to a stand, and where training still gains: a loss of few
#: rows seems to stand sooner than it does.
_LATE, _LONG = 2.0 / 3.0, 0.5
#: Points that it has stood for where training still gains: wrongly said were stands of 8 and 11.
_POINTS = 12


def find(course: Course) -> Finding | None:
    """Find a course that has come to a stand."""
    curve = judging(course)
    progress = progress_of(curve) if curve is not None else None
    if curve is None or progress is None or progress.gain <= 0.0 or progress.moves:
        return None
    if is_idle(course) or rises_for_good(curve):
        return None
    if not _stands(curve, progress, _STANDS if turn_of(course) else _WANDERS):
        return None
    train = course.train_loss
    own = progress_of(train) if train is not None and train is not curve else None
    going = own is not None and own.moves
    points = len(curve.finite)
    if progress.since > (_LONG if going else _LATE) * points:
        return None
    if going and points - progress.since < _POINTS:
        return None
    if progress.gain < max(_LEARNT * abs(curve.first), 4.0 * curve.error()):
        return None
    return Finding(
        name="plateau",
        level="note",
        title=f"{capital(called(curve))} stands since about {curve.where(progress.since)}",
        explanation=f"It goes from {change(curve, curve.first, curve.end)}; of that less than 2% "
        f"came after {curve.where(progress.since)}."
        + (
            " Training loss still falls: what it gains is of no use to other rows, and "
            "over-fitting may follow."
            if going
            else ""
        ),
        evidence={
            "since": curve.place(progress.since),
            "gain": plain(progress.gain),
            "late_gain": plain(progress.late),
        },
        since=curve.where(progress.since),
        sure="measured",
        remedy=f"Stop there, or lower the rate: later epochs than {curve.where(progress.since)} "
        "bring nothing at this one.",
        doubt="",
    )


def _stands(curve: Curve, progress: Progress, most: float) -> bool:
    """Whether the last two fifths stay within a share of all its gain, noise apart."""
    late = curve.smooth[int(0.6 * len(curve.smooth)) :]
    if most == _STANDS:
        return abs(float(late[-1] - late[0])) < most * progress.gain
    return float(np.ptp(late)) < most * progress.gain
