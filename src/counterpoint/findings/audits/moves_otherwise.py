"""Something else moves the weights: slopes, decay and momentum do not explain the step.

**When it appears.** No array's movements are explained by slopes of the data loss, decay and
momentum, nor by Adam's step, and the fault has no form that would name it.

**What it means.** Noise that is added, rows other than those that were given, an optimiser with
an earlier history, labels that do not belong to their rows, or a gradient that is wrong from the
outputs on.

**What to do.** Give a network that was just made, and one step with nothing but the slope; put
the rest back piece by piece.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed, rows_unlike
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import percent
from counterpoint.probes.measured import Measured, Sitting

summary = "Something else moves the weights."


def find(measured: Measured) -> Finding | None:
    """Find a step of which nothing is explained."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    rest = found.figures["unexplained"]
    assert isinstance(rest, float)
    return Finding(
        name="moves_otherwise",
        level="problem",
        title="Something else moves the weights",
        explanation=f"Slopes of the data loss, decay and momentum leave {percent(rest)} of the "
        "movement unexplained, in every array. Adam's step does not explain it either.",
        evidence={"where": ["step"], **found.figures},
        remedy="Audit a network that was just made. If it stays, take the step apart: one batch, "
        "no noise, no limits, and the slopes against finite differences from the outputs back.",
        doubt="An optimiser that is not known here, or that has a history, looks the same.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if not sitting.comparable or sitting.other_loss or rows_unlike(sitting):
        return None
    # Steep arrays that move, and none that is explained or has a form.
    moving = [m for m in sitting.motions if not m.still and m.spare > 0]
    if not moving or any(m.exact or m.form for m in moving):
        return None
    return Suspicion("unexplained", (), {"unexplained": max(m.rest for m in moving)})
