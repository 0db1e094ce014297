"""The order of the rows in a batch changes the update.

**When it appears.** The same rows in another order give another step, beyond what chance gives.

**What it means.** Not all rows of the batch count alike: some are left out, one counts for all,
or rows and labels are paired by place in a way that the order breaks.

**What to do.** Look for an index that runs over the wrong axis, and for loops that end early.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import percent
from counterpoint.probes.measured import Measured, Sitting

summary = "The order of the rows in a batch changes the update."


def find(measured: Measured) -> Finding | None:
    """Find a step that depends on the order of its rows."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    change = found.figures["change"]
    assert isinstance(change, float)
    return Finding(
        name="row_order",
        level="problem",
        title="The order of the rows in a batch changes the update",
        explanation=f"The same {measured.declared.n_batch} rows in another order give an update "
        f"that differs by {percent(change)}: rows do not all count alike.",
        evidence={"where": ["step"], **found.figures},
        remedy="See that the slopes of all rows of the batch are added, each with its own label.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if sitting.random or not sitting.order > 1e-3:
        return None
    return Suspicion("order", (), {"change": sitting.order})
