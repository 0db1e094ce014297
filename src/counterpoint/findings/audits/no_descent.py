"""A small step along the update raises the objective.

**When it appears.** The derivative along the update of the batch's mean data loss, with the penalty
that the step itself has, is positive beyond its error, at both points.

**What it means.** For a smooth loss, a small enough step against the slopes lowers it: that is
what the calculus promises. Here it does not, so the update does not go against the slopes.

**What to do.** Mend the other findings first.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import Measured, Sitting

summary = "A small step along the update raises the objective."


def find(measured: Measured) -> Finding | None:
    """Find an update along which the data loss rises."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    slope = found.figures["slope"]
    assert isinstance(slope, float)
    return Finding(
        name="no_descent",
        level="problem",
        title="A small step along the update raises the objective",
        explanation=f"Along the update the batch's mean data loss and the step's own penalty rise "
        f"by {figure(slope)} for each unit of length: no rate, however small, would lower it.",
        evidence={"where": ["step"], **found.figures},
        remedy="Mend the slopes and signs that the other findings name.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    slope = sitting.descent
    # A step with an earlier history may go up for a while.
    if not sitting.comparable or sitting.model in ("momentum", "lagged", "adam"):
        return None
    if slope.value <= 10.0 * slope.error:
        return None
    return Suspicion("rises", (), {"slope": slope.value})
