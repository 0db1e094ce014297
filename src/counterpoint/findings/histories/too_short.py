"""Too short to tell: fewer than four points.

**When it appears.** The longest curve of a loss or an accuracy has two or three points, or one of
a run that is said to be one epoch. A trend, over-fitting and a plateau can not be told from so
few.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.final_only import is_summary
from counterpoint.findings.once import once
from counterpoint.findings.words import count

summary = "Too few points to tell anything of the course."

FEWEST = 4


@once
def find(course: Course) -> Finding | None:
    """Say that the run is short."""
    if not 0 < course.epochs < FEWEST or is_summary(course):
        return None
    return Finding(
        name="too_short",
        level="note",
        title=f"Too short to tell: {count(course.epochs, 'point')}",
        explanation="A trend, over-fitting and a plateau need four points at least; only the "
        "numbers themselves can be judged.",
        evidence={"points": course.epochs},
        sure="measured",
        remedy="Train on, or give the log of the whole run.",
    )
