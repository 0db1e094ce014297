"""Nothing of other rows is logged, or their last value alone: over-fitting can't be judged.

**When it appears.** The log holds losses or accuracies of training rows alone, or one value of
other rows beside a curve of training.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.too_short import FEWEST

summary = "No numbers on other rows than those trained on."


def find(course: Course) -> Finding | None:
    """Say that no rows judge."""
    trained = max((len(c) for c in (course.train_loss, course.train_accuracy) if c), default=0)
    held = max((len(c) for c in (course.held_loss, course.held_accuracy) if c), default=0)
    broken = held == 0 and course.held is not None  # there, and never finite
    if course.trained != "train" or broken or held > 1 or (held == 1 and trained < FEWEST):
        return None
    return Finding(
        name="train_only",
        level="note",
        title="Only training rows are logged: over-fitting can't be judged"
        if held == 0
        else f"Of {course.held} rows the last value alone is logged",
        explanation="No loss or accuracy of validation or test rows is in the log."
        if held == 0
        else "Whether over-fitting costs anything, and since when, can't be told from one value.",
        evidence={},
        sure="measured",
        remedy="Evaluate on rows that are not trained on, once an epoch, and log loss and "
        "accuracy.",
    )
