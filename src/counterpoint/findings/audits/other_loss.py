"""The step descends another loss than the one that is reported.

**When it appears.** The movements are not explained by the slopes of the reported data loss, and
they are explained, to the errors of measurement, by those of another loss of the same outputs.

**What it means.** Loss and step belong to two objectives. The usual case: the error of the output
layer is written as a − y, which is the slope of cross-entropy, while the quadratic cost is
reported, whose slope has the derivative of the activation in it as well; or the reverse. The loss
in evaluation mode counts as another loss too: a normalisation then uses its running means, which
the step does not learn, and dropout is off.

**What to do.** Report what is descended, or take the slope of what is reported; switch to training
mode before the step.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed
from counterpoint.findings.finding import Finding
from counterpoint.probes.losses import DATA_LOSSES
from counterpoint.probes.measured import EVALUATED, Measured, Sitting

summary = "The step descends another loss than the one that is reported."


def find(measured: Measured) -> Finding | None:
    """Find another loss whose slopes explain every movement."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    if found.kind == EVALUATED:
        return _in_evaluation_mode()
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


def _in_evaluation_mode() -> Finding:
    return Finding(
        name="other_loss",
        level="problem",
        title="The step is taken in evaluation mode",
        explanation="The slopes of the data loss in training mode do not explain how the "
        "parameters move; those in evaluation mode explain it to the errors of measurement, in "
        "every array. Dropout is then off, and normalisations use running means that are not "
        "learned.",
        evidence={"where": ["step"], "descended": "the data loss in evaluation mode"},
        remedy="Switch to training mode before each step: model.train() in PyTorch.",
    )


def _label(name: str) -> str:
    return DATA_LOSSES[name].label if name in DATA_LOSSES else name or "reported loss"


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if not sitting.comparable or not sitting.other_loss:
        return None
    if measured.reported is not None and not measured.reported.known:
        return None  # no loss is reported that it could differ from
    return Suspicion(sitting.other_loss)
