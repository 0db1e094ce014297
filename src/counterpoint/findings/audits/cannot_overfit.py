"""A few rows can't be learned by heart.

**When it appears.** Steps on one batch of a few rows, again and again, leave its data loss no
lower than it was, in each of several runs.

**What it means.** A working step lowers the loss of the rows it is given. Either the step does not
descend (see the other findings) or its rate is so large that it jumps about.

**What to do.** Where no other finding names a fault, try a tenth of the learning rate.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import Measured

summary = "A few rows can't be learned by heart."


def find(measured: Measured) -> Finding | None:
    """Find short runs none of which lowers the loss of its own few rows."""
    runs = measured.sanity
    pairs = list(zip(runs.before, runs.after, strict=True))
    if not pairs or any(after < before for before, after in pairs):
        return None
    before, after = pairs[0]
    return Finding(
        name="cannot_overfit",
        level="caution",
        title="A few rows can't be learned by heart",
        explanation=f"{runs.steps} steps on one small batch took its data loss from "
        f"{figure(before)} to {figure(after)}, and likewise in the other run.",
        evidence={"where": ["step"], "before": list(runs.before), "after": list(runs.after)},
        remedy="Mend what the other findings name; where there is none, try a tenth of the rate.",
    )
