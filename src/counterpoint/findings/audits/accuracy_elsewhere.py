"""The reported accuracy is not that of the outputs that the loss is computed from.

**When it appears.** On the same rows, the share of rows whose greatest output is the label's
differs from the accuracy that is reported.

**What it means.** Loss and accuracy are computed from different rows, outputs or labels: they can
then part for no reason that lies in the model.

**What to do.** Compute both from one set of outputs.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import share
from counterpoint.probes.measured import Measured

summary = "The reported accuracy is not that of the outputs."


def find(measured: Measured) -> Finding | None:
    """Find an accuracy that the outputs do not give."""
    seen = measured.evaluation
    if seen.accuracy is None or seen.accuracy_of_outputs is None:
        return None
    given, own = seen.accuracy, seen.accuracy_of_outputs
    if abs(given - own) < 1e-6:
        return None
    return Finding(
        name="accuracy_elsewhere",
        level="problem",
        title="The reported accuracy is not that of the outputs",
        explanation=f"On the same rows the reported accuracy is {share(given)}, and the greatest "
        f"output is right on a share of {share(own)}.",
        evidence={"where": ["accuracy"], "reported": given, "of_outputs": own},
        remedy="Compute accuracy and loss from the same outputs, rows and labels.",
    )
