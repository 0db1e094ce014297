"""Nothing of other rows is logged: over-fitting can't be judged.

**When it appears.** The log holds losses or accuracies of training rows alone.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course

summary = "No numbers on other rows than those trained on."


def find(course: Course) -> Finding | None:
    """Say that no rows judge."""
    if course.held is not None or course.trained != "train":
        return None
    return Finding(
        name="train_only",
        level="note",
        title="Only training rows are logged: over-fitting can't be judged",
        explanation="No loss or accuracy of validation or test rows is in the log.",
        evidence={},
        sure="measured",
        remedy="Evaluate on rows that are not trained on, once an epoch, and log loss and "
        "accuracy.",
    )
