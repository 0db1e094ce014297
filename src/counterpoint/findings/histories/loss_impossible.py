"""The loss can not be what it is said to be: no predictor has it at this accuracy.

**When it appears.** K is known, and the loss lies outside of what any predictor of this accuracy
can have: below what its mistakes cost at least, or above the ceiling of a loss that has one. Log
loss has no ceiling; where it always exceeds what clipped probabilities cost at their worst, it is
said with less weight.

**What it means.** The number is not the mean of this loss over these rows, or the classes are not
as many as said. The usual causes are each tried by their figures: a sum and not a mean, bits, a
factor of two or of the number of outputs, another loss, more classes, a penalty in it. Where it
can only be a penalty, that finding is given instead.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import (
    penalty_dominates,
    penalty_grows,
    penalty_one_split,
)
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.pairs_of import Both, both_of
from counterpoint.findings.once import once
from counterpoint.findings.pairs import implausible
from counterpoint.findings.pairs import impossible as impossible_pair

summary = "No predictor has this loss at this accuracy."


@once
def find(course: Course) -> Finding | None:
    """Find a split whose loss is impossible at its last points, or at most of them."""
    if penalty_grows.find(course) or penalty_dominates.find(course):
        return None
    for both in both_of(course):
        found = _found(both, penalty_one_split.find(course) is not None)
        if found is not None:
            return found
    return None


def _found(both: Both, in_one_split: bool) -> Finding | None:
    outside = both.impossible
    if outside[-1] or np.mean(outside) > 0.5:
        last = int(np.flatnonzero(outside)[-1])
        found = impossible_pair.find(both.at(last))
        begin = int(np.argmax(outside))
        sure = "proven"
    else:
        last, begin, sure = len(outside) - 1, 0, "likely"
        # A loss of another unit is so from the start, one that blew up is not.
        lowest = both.at(int(np.argmin(both.loss.values)))
        always = not in_one_split and implausible.find(lowest) is not None
        found = implausible.find(both.end) if always else None
    if found is None:
        return None
    return replace(
        found,
        name="loss_impossible",
        title=f"{found.title} ({both.loss.where(last)})",
        since=both.loss.where(begin),
        sure="proven" if sure == "proven" else "likely",
    )
