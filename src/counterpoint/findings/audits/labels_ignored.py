"""The labels make no difference to the update.

**When it appears.** Every label of a batch was changed, and the update stayed the same.

**What it means.** The step does not learn from these labels: they are overwritten, or others are
used.

**What to do.** Follow the labels from the argument to the output error.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed
from counterpoint.findings.finding import Finding
from counterpoint.probes.measured import Measured, Sitting

summary = "The labels make no difference to the update."


def find(measured: Measured) -> Finding | None:
    """Find a step that other labels do not change."""
    if agreed(measured, _suspect) is None:
        return None
    return Finding(
        name="labels_ignored",
        level="problem",
        title="The labels make no difference to the update",
        explanation=f"With every label of {measured.declared.n_batch} rows changed, the update is "
        "the same.",
        evidence={"where": ["step"]},
        remedy="See that the step uses the labels that it is given.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if sitting.random or not sitting.labels <= 1e-9:
        return None
    return Suspicion("ignored")
