"""Too good to be true: nearly perfect on rows that judge, at once.

**When it appears.** Within the first three evaluations, or the first fifth of them, accuracy on
the rows that judge is at least 0.999, and stays there with a loss under 0.05; without an
accuracy, where the loss is under 0.001 from the start. Not for fewer than 50 rows.

**Why.** A leak: the label, or a copy of it, is among the features; rows are in both splits; or
all rows have one class.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, plain, share

summary = "Nearly perfect on validation rows at once: a leak, or one class."

#: One row in a thousand may be wrong. In the tuning corpus healthy runs of no data set come near
#: this so soon.
_ACCURACY = 0.999 - 1e-9
_LOSS = 1e-3
#: Fewer rows are all right by chance, or because they are easy.
_FEWEST_ROWS = 50


def find(course: Course) -> Finding | None:
    """Find held-out numbers that are perfect from the start."""
    accuracy, loss = course.held_accuracy, course.held_loss
    rows = course.samples(course.held)
    first = accuracy if accuracy is not None else loss
    if first is None or (rows is not None and rows < _FEWEST_ROWS):
        return None
    soon = first.finite.values[: max(3, len(first.finite) // 5)]
    if first is accuracy:
        perfect = float(soon.max()) >= _ACCURACY and first.end >= _ACCURACY
        # Few rows can all be right; then the loss is not that low.
        sure = loss is None or loss.end < 0.05
    else:
        perfect, sure = 0.0 <= float(soon[:2].max()) < _LOSS, True
    if not (perfect and sure):
        return None
    at = int(np.argmax(soon >= _ACCURACY)) if first is accuracy else 0
    shown = share(first.end) if first is accuracy else figure(first.end)
    return Finding(
        name="too_good",
        level="caution",
        title=f"{capital(called(first))} is {shown} at once: too good to be true?",
        explanation=f"{capital(called(first))} is {shown} from {first.where(at)} on."
        + (
            f" Training loss is {figure(course.train_loss.end)}."
            if course.train_loss is not None
            else ""
        ),
        evidence={"first": plain(first.first), "end": plain(first.end)},
        since=first.where(at),
        sure="likely",
        remedy="Count the classes among the validation rows; look for rows that are in both "
        "splits; train on each feature alone and see whether one of them tells all.",
        instead=(
            "a label that leaks into the features",
            "the same rows in both splits",
            "rows of one class",
            "a problem that is easy",
        ),
        doubt="Accuracy with shuffled validation labels, and the count of each class, would "
        "settle it.",
    )
