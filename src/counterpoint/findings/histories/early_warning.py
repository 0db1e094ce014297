"""Loss or gradients went bad before accuracy showed it.

**When it appears.** The training loss, or a gradient norm, leaves the range of all that went
before it for good (by eight standard deviations and by half of its level), and accuracy falls
below its own range only later, by two points or more of the log.

**What it means.** Who watches accuracy alone sees it too late: the earlier curve is the one to
alarm on, and weights from before it are the ones to keep.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.words import called, capital

summary = "Loss or gradients went bad before accuracy showed it."

_FEWEST = 8
_BEFORE = 4
_DEVIATIONS = 8.0
_OF_LEVEL = 0.5
_LATER = 2


def find(course: Course) -> Finding | None:
    """Find a curve that leaves its range for good before accuracy does."""
    accuracy = course.train_accuracy or course.held_accuracy
    if accuracy is None or len(accuracy.finite) < _FEWEST:
        return None
    fell = leaves(accuracy, falling=True)
    if fell is None:
        return None
    loss = course.train_loss
    for curve in [*([loss] if loss is not None else []), *course.named("gradient_norm")]:
        if len(curve.finite) < _FEWEST or curve.unit != accuracy.unit:
            continue
        left = leaves(curve, falling=False)
        if left is None or curve.place(left) >= accuracy.place(fell):
            continue
        between = int(
            np.sum(
                (accuracy.finite.at > curve.place(left))
                & (accuracy.finite.at <= accuracy.place(fell))
            )
        )
        if between >= _LATER:
            return _finding(curve, left, accuracy, fell)
    return None


def leaves(curve: Curve, falling: bool) -> int | None:
    """Index from which on a curve stays outside of the range before it; None where it does not."""
    values = -curve.finite.values if falling else curve.finite.values
    if len(values) < _FEWEST:
        return None
    noise = max(curve.noise, 1e-12)
    floor = 0.05 if falling else _OF_LEVEL * abs(float(np.median(values[: len(values) // 2])))
    highest_after = np.minimum.accumulate(values[::-1])[::-1]
    recent = np.array([np.max(values[max(0, i - 10) : i]) for i in range(_BEFORE, len(values) - 1)])
    out = highest_after[_BEFORE:-1] > recent + np.maximum(_DEVIATIONS * noise, floor)
    return int(np.argmax(out)) + _BEFORE if out.any() else None


def _finding(curve: Curve, left: int, accuracy: Curve, fell: int) -> Finding:
    return Finding(
        name="early_warning",
        level="caution",
        title=f"{capital(called(curve))} goes bad at {curve.where(left)}, accuracy shows it at "
        f"{accuracy.where(fell)} only",
        explanation=f"From {curve.where(left)} on {called(curve)} stays above all that went "
        f"before it; accuracy holds until {accuracy.where(fell)}.",
        evidence={"warned_at": curve.place(left), "accuracy_fell_at": accuracy.place(fell)},
        since=curve.where(left),
        sure="measured",
        remedy=f"Keep the weights from before {curve.where(left)}; alarm on that curve, not on "
        "accuracy.",
    )
