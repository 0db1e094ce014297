"""Nothing wrong was found, and what was looked at.

**When it appears.** No other diagnosis is a problem or asks for care.

**What it does not mean.** A log shows what was logged. Without validation rows nothing speaks of
over-fitting, without an accuracy nothing of confident mistakes, and so on: what is missing is
listed.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.words import count, listing

summary = "Nothing wrong was found, and what could not be looked at."


def find(course: Course) -> Finding:
    """Say what was looked at, and what the log lacks."""
    missing = [
        what
        for what, there in (
            ("numbers of validation rows", course.held is not None),
            ("an accuracy", course.train_accuracy is not None or course.held_accuracy is not None),
            ("a loss", course.train_loss is not None or course.held_loss is not None),
            ("the number of classes (--classes)", course.classes is not None),
            ("the penalty apart from the data loss", any(q == "penalty" for _, q in course.curves)),
            ("gradient norms", any(q.startswith("gradient_norm") for _, q in course.curves)),
        )
        if not there
    ]
    lacks = (
        f" It lacks {listing(missing)}, so that what these would show is not judged."
        if missing
        else ""
    )
    return Finding(
        name="nothing_wrong",
        level="note",
        title="Nothing wrong was found"
        if course.epochs
        else "No loss and no accuracy is in the log: next to nothing was judged",
        explanation=f"Every diagnosis was tried on {count(course.epochs, 'point')} of the "
        f"log.{lacks}",
        evidence={"points": course.epochs, "missing": missing},
    )
