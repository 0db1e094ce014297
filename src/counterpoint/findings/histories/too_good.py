"""Too good to be true: nearly perfect on rows that judge, at once.

**When it appears.** At the first two evaluations accuracy on the rows that judge is at least
0.9995, or the loss under 0.001, though training began with more.

**Why.** A leak: the label, or a copy of it, is among the features; rows are in both splits; or
all rows have one class.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, plain, share

summary = "Nearly perfect on validation rows at once: a leak, or one class."

_ACCURACY = 0.9995
_LOSS = 1e-3


def find(course: Course) -> Finding | None:
    """Find held-out numbers that are perfect from the start."""
    accuracy, loss = course.held_accuracy, course.held_loss
    first = None
    if (
        accuracy is not None
        and float(accuracy.finite.values[:2].max()) >= _ACCURACY <= accuracy.end
    ):
        first = accuracy
    elif (
        accuracy is None and loss is not None and 0.0 <= float(loss.finite.values[:2].max()) < _LOSS
    ):
        first = loss
    if first is None:
        return None
    shown = share(first.end) if first is accuracy else figure(first.end)
    return Finding(
        name="too_good",
        level="caution",
        title=f"{capital(called(first))} is {shown} at once: too good to be true?",
        explanation=f"{capital(called(first))} is {shown} from {first.where(0)} on."
        + (
            f" Training loss is {figure(course.train_loss.end)}."
            if course.train_loss is not None
            else ""
        ),
        evidence={"first": plain(first.first), "end": plain(first.end)},
        since=first.where(0),
        sure="likely",
        remedy="Count the classes among the validation rows; look for rows that are in both "
        "splits; train on each feature alone and see "
        "whether one of them tells all.",
        instead=(
            "a label that leaks into the features",
            "the same rows in both splits",
            "rows of one class",
            "a problem that is easy",
        ),
        doubt="Accuracy with shuffled validation labels, and the count of each class, would "
        "settle it.",
    )
