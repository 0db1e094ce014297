"""The loss is less than a calibrated model with so many mistakes has.

**When it appears.** K is known, and at the end the loss on rows that judge lies below the band of
calibrated models, beyond rounding and chance.

**What it means.** Mostly the two numbers are not of the same predictions: other rows, another
mode, another moment, a threshold other than the most probable class; or the loss is in another
unit (a mean over outputs, logarithms to base ten).

**What settles it.** Both numbers computed again, from one table of probabilities.
"""

from __future__ import annotations

from dataclasses import replace

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.loss_outside import outside, since
from counterpoint.findings.pairs import too_little_loss

summary = "The loss is below that of any calibrated model with so many mistakes."


def find(course: Course) -> Finding | None:
    """Find a last pair below the band."""
    both = outside(course, "below")
    found = too_little_loss.find(both.end) if both is not None else None
    if both is None or found is None:
        return None
    begin = both.loss.where(since(both, "below"))
    return replace(found, name="loss_below_calibrated", since=begin, sure="proven")
