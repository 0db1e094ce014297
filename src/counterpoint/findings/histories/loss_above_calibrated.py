"""The loss is more than a calibrated model of this accuracy has.

**When it appears.** K is known, and at the end the loss on rows that judge lies above the band of
calibrated models, beyond rounding and what chance gives over so many rows (where they are not
counted, by 15% at least).

**What it means.** Where the mistakes carry it the model is over-confident; where right
predictions alone cost too much it is too timid, or the number holds more than the loss (a
penalty, smoothed labels). Which of them is proven from the two numbers is said.

**What to do.** Divide the raw scores by one temperature found on rows set aside; report the data
loss over the true labels, without penalties.
"""

from __future__ import annotations

from dataclasses import replace

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import loss_impossible
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.loss_outside import outside, since
from counterpoint.findings.pairs import implausible, over_confident, uncalibrated, under_confident

summary = "The loss is above that of any calibrated model of this accuracy."


def find(course: Course) -> Finding | None:
    """Find a last pair above the band."""
    both = outside(course, "above")
    if both is None:
        return None
    pair = both.end
    found = over_confident.find(pair) or under_confident.find(pair) or uncalibrated.find(pair)
    if found is None and loss_impossible.find(course) is None:
        found = implausible.find(pair)  # it blew up in the run: a few rows carry it
    if found is None:
        return None
    begin = both.loss.where(since(both, "above"))
    return replace(found, name="loss_above_calibrated", since=begin, sure="proven")
