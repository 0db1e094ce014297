"""The step descends another loss than the one that is reported.

**When it appears.** The movements are not explained by the slopes of the reported data loss, and
they are explained, to the errors of measurement, by those of another loss of the same outputs.

**What it means.** Loss and step belong to two objectives. The usual case: the error of the output
layer is written as a − y, which is the slope of cross-entropy, while the quadratic cost is
reported, whose slope has the derivative of the activation in it as well; or the reverse.

**What to do.** Report what is descended, or take the slope of what is reported.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed, at_random
from counterpoint.findings.finding import Finding
from counterpoint.probes.losses import DATA_LOSSES
from counterpoint.probes.measured import Measured, Sitting

summary = "The step descends another loss than the one that is reported."


def find(measured: Measured) -> Finding | None:
    """Find another loss whose slopes explain every movement."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    label = DATA_LOSSES[found.kind].label
    own = _label(measured.declared.loss)
    return Finding(
        name="other_loss",
        level="problem",
        title=f"The step descends the {label}, not the {own}",
        explanation=f"The slopes of the {own} do not explain how the parameters move; those of "
        f"the {label} explain it to the errors of measurement, in every array.",
        evidence={"where": ["output error"], "reported": own, "descended": label},
        remedy="The error of sigmoid outputs is (a - y) for cross-entropy and "
        "(a - y) * a * (1 - a) for the quadratic cost: use the one of the cost that is reported."
        if {found.kind, measured.declared.loss} == {"bce", "quadratic"}
        else "Report the loss that is descended, or take the slope of the one that is reported.",
    )


def _label(name: str) -> str:
    return DATA_LOSSES[name].label if name in DATA_LOSSES else name or "reported loss"


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if at_random(sitting) or not sitting.other_loss:
        return None
    if measured.reported is not None and not measured.reported.known:
        return None  # no loss is reported that it could differ from
    return Suspicion(sitting.other_loss)
