"""Updates are out of proportion to the weights.

**When it appears.** The median ratio of the update's norm to that of the weights, over the second
half, is above 0.2 or below 1e-6.

**Why.** About 1e-3 is usual. Weights that change by a fifth at every step keep nothing; weights
that change by a millionth need millions of steps.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.words import figure, plain

summary = "Updates are out of proportion to the weights."

_HIGH, _LOW = 0.2, 1e-6


def find(course: Course) -> Finding | None:
    """Find update ratios that are too large or too small."""
    for ratio in course.named("update_ratio"):
        late = float(np.median(ratio.last(0.5).finite.values))
        if len(ratio.finite) < 3 or _LOW <= late <= _HIGH:
            continue
        layer = ratio.quantity.removeprefix("update_ratio").strip("_")
        return Finding(
            name="update_ratio",
            level="caution",
            title=f"Updates{f' of {layer}' if layer else ''} are {figure(late)} of the weights, "
            "where 1e-3 is usual",
            explanation=f"The ratio goes from {figure(ratio.first)} to {figure(ratio.end)}.",
            evidence={"median_late": plain(late)},
            since=ratio.where(len(ratio.finite) // 2),
            sure="measured",
            remedy="Lower the rate."
            if late > _HIGH
            else "Raise the rate, or look for weights that no gradient reaches.",
            instead=("a rate that is too high",)
            if late > _HIGH
            else ("a rate that is too low", "gradients that have vanished"),
        )
    return None
