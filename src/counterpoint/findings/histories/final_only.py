"""Only the last values of a run are there: its summary, without the curve.

**When it appears.** Every loss and accuracy has one value, and the log is a summary by its
format, or says a later epoch than the first.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course

summary = "Only the last values are there, no curve."


def find(course: Course) -> Finding | None:
    """Say that there is no curve."""
    if not is_summary(course):
        return None
    return Finding(
        name="final_only",
        level="note",
        title="Only the last values are there: no curve to judge",
        explanation="Over-fitting, a plateau and their epochs show in the course of a run alone; "
        "only the numbers themselves are judged.",
        evidence={},
        sure="measured",
        remedy="Give the whole history, where the program kept it.",
    )


def is_summary(course: Course) -> bool:
    """Whether the log is the end of a run alone."""
    if course.epochs != 1:
        return False
    placed = [curve.at[-1] > 2.0 for curve in course.measured() if curve.unit != "point"]
    return "summary" in course.format.lower() or "MLflow" in course.format or any(placed)
