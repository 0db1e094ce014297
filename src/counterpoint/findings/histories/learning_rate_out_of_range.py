"""The learning rate is outside of what is usual.

**When it appears.** The greatest logged rate is above 10, or below 1e-7 (and not zero). Usual
rates go from 1e-6, for the finest tuning, to about 1, for plain gradient descent.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.words import plain, strength

summary = "The learning rate is outside of what is usual."

_HIGH, _LOW = 10.0, 1e-7


def find(course: Course) -> Finding | None:
    """Find a rate that is out of range."""
    for rate in course.named("learning_rate"):
        most = float(rate.finite.values.max())
        if most > _HIGH or 0.0 < most < _LOW:
            return _finding(rate, most)
    return None


def _finding(rate: Curve, most: float) -> Finding:
    high = most > _HIGH
    return Finding(
        name="learning_rate_out_of_range",
        level="caution",
        title=f"The learning rate is {strength(most)}, far {'above' if high else 'below'} what is "
        "usual",
        explanation="Usual rates go from 1e-6 to about 1."
        + (
            " Steps this long seldom lead anywhere."
            if high
            else " Steps this short hardly move a weight."
        ),
        evidence={"greatest_rate": plain(most)},
        since=rate.where(0),
        sure="measured",
        remedy="Look at the unit of the rate and at its schedule.",
        instead=("a loss that is scaled by a large or small number, for which the rate makes up",),
    )
