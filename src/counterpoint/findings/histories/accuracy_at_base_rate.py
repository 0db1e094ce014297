"""Accuracy is stuck at a base rate: one class is predicted for every row.

**When it appears.** Accuracy is the same number over and over for the last four fifths of the
run, or more, the loss stands as well, and the accuracy is one that guessing gives.

**Why.** A constant accuracy is the share of one class among the rows. Every row gets that class:
dead units or saturated outputs, a collapse after a step that was too large, features that are
constant, or a penalty that leaves the intercepts alone.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.loss_at_uniform import INSTEAD, REMEDY
from counterpoint.findings.histories.stuck import stuck_of
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, plain, share

summary = "Accuracy is the same number over and over: one class is predicted."


def find(course: Course) -> Finding | None:
    """Find an accuracy that is one class's share."""
    stuck = stuck_of(course)
    if stuck is None or not stuck.constant:
        return None
    accuracy = stuck.accuracy
    assert accuracy is not None
    loss = (
        f" Loss goes from {figure(stuck.loss.first)} to {figure(stuck.loss.end)}."
        if stuck.loss is not None
        else ""
    )
    return Finding(
        name="accuracy_at_base_rate",
        level="problem",
        title=f"{capital(called(accuracy))} is stuck at {share(accuracy.end)}: one class is "
        "predicted",
        explanation=f"It does not change over {len(accuracy.finite)} points, as where every row "
        "gets the same "
        f"class: {share(accuracy.end)} is then that class's share.{loss}",
        evidence={"accuracy": plain(accuracy.end), "points": len(accuracy.finite)},
        since=accuracy.where(0),
        sure="likely",
        remedy=REMEDY,
        instead=(
            "a metric that compares the wrong things, such as a shape or a threshold",
            *INSTEAD,
        ),
        doubt="The counts of each predicted class would settle it.",
    )
