"""The learning rate is zero while training goes on.

**When it appears.** A logged rate is zero at 30% of its points or more, or at the last 20% while
the run goes on for five points or more. A schedule that ends at zero in its very last steps is
not meant. Nor is a rate that is rounded to zero: where the greatest is under fifty units of the
last decimal printed, or where all are zero and the training loss falls.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.pairs_of import rounding
from counterpoint.findings.histories.trend import rises
from counterpoint.findings.words import percent, plain

summary = "The learning rate is zero while training goes on."

_SHARE = 0.3
#: Standard deviations by which a loss falls that a rate of zero can not lower, by Mann and Kendall.
_FALLS = 4.0
#: A last decimal to which rates are cut, and so many of it that a schedule falls below one.
_DECIMALS, _UNITS = 1e-3, 50.0


def find(course: Course) -> Finding | None:
    """Find a rate of zero."""
    for rate in course.named("learning_rate"):
        zero = rate.finite.values == 0.0
        share = float(np.mean(zero))
        if len(zero) < 3 or share < _SHARE or _is_rounded(course, rate.finite.values):
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


def _is_rounded(course: Course, rates: np.ndarray) -> bool:
    """Whether the zeros may be small rates, by the decimals of the others or by what is learnt."""
    if rates.any():
        unit = 2.0 * rounding(rates)
        return 0.0 < unit <= _DECIMALS and float(rates.max()) < _UNITS * unit
    loss = course.train_loss
    return loss is not None and rises(-loss.finite.values, _FALLS)
