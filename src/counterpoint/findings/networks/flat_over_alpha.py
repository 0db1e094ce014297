"""Accuracy stands still over a range of strengths while the loss moves, for networks.

**When it appears.** As [flat accuracy](flat_accuracy.md) does for sweeps, with the networks of the
chosen seed at their last epoch, judged on the validation rows.

**What to do.** Choose the strength by a proper score, such as log loss or the Brier score.
"""

from __future__ import annotations

from dataclasses import replace

from counterpoint.findings import flat_accuracy
from counterpoint.findings.finding import Finding
from counterpoint.findings.networks.as_sweep import as_sweep
from counterpoint.fit.nets.result import PopulationFit

summary = "Accuracy stands still over a range of strengths while the loss moves."


def find(fit: PopulationFit) -> Finding | None:
    """What the sweep's finding says of the chosen seed's members at their last epoch."""
    member, _ = fit.chosen
    sweep = as_sweep(fit, fit.settings.members[member][1], "last")
    if sweep is None or len(sweep.alphas) < 2:
        return None
    finding = flat_accuracy.find(sweep)
    return None if finding is None else replace(finding, name="flat_over_alpha")
