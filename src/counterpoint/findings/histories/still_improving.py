"""The numbers that judge were still improving when the run ended.

**When it appears.** Over the last third the held-out loss (else accuracy, else those of training)
improves beyond its noise, by more than a fiftieth of all its gain, and does not end in NaN. Nothing
is wrong with that: longer training would go on.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import too_slow
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.idle import is_idle
from counterpoint.findings.histories.progress import judging, progress_of
from counterpoint.findings.histories.turn import turn_of
from counterpoint.findings.histories.words import called, capital, change
from counterpoint.findings.words import percent, plain

summary = "Still improving when it ended: longer training would go on."


def find(course: Course) -> Finding | None:
    """Find a course that was not at its end."""
    curve = judging(course)
    progress = progress_of(curve) if curve is not None else None
    if (
        curve is None
        or progress is None
        or not progress.moves
        or progress.late < 0.02 * progress.gain
        or not math.isfinite(curve.values[-1])
    ):
        return None
    if is_idle(course) or turn_of(course) or too_slow.find(course):
        return None
    return Finding(
        name="still_improving",
        level="note",
        title=f"{capital(called(curve))} was still improving at the end "
        f"({change(curve, curve.first, curve.end)})",
        explanation=f"{percent(progress.late / progress.gain)} of all its gain came in the last "
        "third.",
        evidence={"late_share": plain(progress.late / progress.gain)},
        since=curve.where(0),
        sure="measured",
        remedy="Train longer if that pays.",
    )
