"""The penalty of one split is a constant multiple of the other's: it is scaled by another n.

**When it appears.** Both splits have a penalty, measured or enclosed by bounds, and over the
second half their ratio is steady and not one (by 15% at least).

**Why.** Both splits are judged with the same weights, so their penalties have to be the same.
Where a strength λ is divided by the number of rows of the split at hand, they differ by the ratio
of the sizes, and at most one of them is the penalty that the update follows.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.terms import Terms, penalties
from counterpoint.findings.words import figure, plain

summary = "The penalty is scaled by another n in one split than in the other."

_APART = 1.15
_STEADY = 0.1


def find(course: Course) -> Finding | None:
    """Find two penalties in a steady ratio that is not one."""
    found = {terms.split: terms for terms in penalties(course) if terms.how != "clipped"}
    train, held = found.get("train"), found.get(course.held or "")
    if train is None or held is None:
        return None
    low, high = _ratio(train, held)
    if low is None or high is None or not (low > _APART or high < 1.0 / _APART):
        return None
    ratio = float(np.sqrt(low * high))
    rows = course.samples("train"), course.samples(held.split)
    sizes = "; their sizes have a ratio of "
    f"{figure(rows[0] / rows[1])}" if rows[0] and rows[1] else ""
    return Finding(
        name="penalty_other_n",
        level="problem",
        title=f"The penalty on {held.split} rows is {figure(ratio)} times that on training rows",
        explanation="Both belong to the same weights, so they have to be the same. The ratio is "
        f"steady ({figure(low)} to {figure(high)}){sizes}: the strength is divided by the rows of "
        "the split at hand.",
        evidence={"ratio_low": plain(low), "ratio_high": plain(high)},
        since=held.where(len(held.at) // 2),
        sure="measured" if train.how == held.how == "measured" else "proven",
        remedy="Divide the strength by the number of training rows everywhere, in the update and "
        "in every printed cost.",
        instead=("two different strengths", "a factor of one half in one of them"),
        doubt="The line that computes each penalty would settle which of them the update follows.",
    )


def _ratio(train: Terms, held: Terms) -> tuple[float | None, float | None]:
    """Ends of the ratio over the second half; None where it is not steady."""
    ends = []
    for mine, theirs in ((held.low, train.high), (held.high, train.low)):
        other = np.interp(np.linspace(0, 1, len(mine)), np.linspace(0, 1, len(theirs)), theirs)
        half = len(mine) // 2
        if (other[half:] <= 0.0).any() or (mine[half:] <= 0.0).any():
            return None, None
        logs = np.log(mine[half:] / other[half:])
        if np.ptp(logs) > _STEADY + 0.1 * abs(float(np.median(logs))):
            return None, None
        ends.append(float(np.exp(np.median(logs))))
    return ends[0], ends[1]
