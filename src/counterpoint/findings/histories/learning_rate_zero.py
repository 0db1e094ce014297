"""The learning rate is zero while training goes on.

**When it appears.** A logged rate is zero at 30% of its points or more, or at the last 20% while
the run goes on for five points or more. A schedule that ends at zero in its very last steps is
not meant. Nor is a rate that is rounded to zero throughout, at which the training loss falls.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.trend import rises
from counterpoint.findings.words import percent, plain

summary = "The learning rate is zero while training goes on."

_SHARE = 0.3
#: Standard deviations by which a loss falls that a rate of zero can not lower, by Mann and Kendall.
_FALLS = 4.0


def find(course: Course) -> Finding | None:
    """Find a rate of zero."""
    for rate in course.named("learning_rate"):
        zero = rate.finite.values == 0.0
        share = float(np.mean(zero))
        if len(zero) < 3 or share < _SHARE or _still_learns(course, zero):
            continue
        begin = int(np.argmax(zero))
        return Finding(
            name="learning_rate_zero",
            level="problem",
            title=f"The learning rate is zero at {percent(share)} of the points, from "
            f"{rate.where(begin)} on",
            explanation="With a rate of zero no weight moves: these epochs are lost.",
            evidence={"share": plain(share), "first_at": rate.place(begin)},
            since=rate.where(begin),
            sure="measured",
            remedy="Look at the schedule: its length against the number of steps, a warm-up that "
            "never ends, a rate rounded to a whole number.",
            instead=("a rate that is logged rounded", "another group of parameters' rate"),
            doubt="Whether the loss stands exactly still would settle it.",
        )
    return None


def _still_learns(course: Course, zero: np.ndarray) -> bool:
    """Whether every rate is printed as zero and the loss of training falls all the same."""
    loss = course.train_loss
    return bool(zero.all()) and loss is not None and rises(-loss.finite.values, _FALLS)
