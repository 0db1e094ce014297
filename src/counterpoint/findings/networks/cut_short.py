"""The training was interrupted: fewer epochs than were asked for.

**When it appears.** Ctrl-C ended it. The members stand as they were after the last whole epoch.

**What to do.** With a checkpoint folder the same call goes on from there.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count
from counterpoint.fit.nets.result import PopulationFit

summary = "The training was interrupted before its last epoch."


def find(fit: PopulationFit) -> Finding | None:
    """Say how many epochs are missing."""
    if not fit.interrupted:
        return None
    asked = fit.settings.epochs
    return Finding(
        name="cut_short",
        level="caution",
        title=f"Interrupted after {fit.epochs} of {count(asked, 'epoch')}",
        explanation=f"Everything here is as of epoch {fit.epochs}; {asked - fit.epochs} more were "
        "asked for.",
        evidence={"epochs": fit.epochs, "asked": asked},
        remedy="Run the same call with a checkpoint folder, which goes on from where it stopped.",
    )
