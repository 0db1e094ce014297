"""The sweep was interrupted before all alphas were fitted.

**When it appears.** Some of the alphas that were asked for are missing: the work was interrupted.
What is there is finished and certified; but the best strength may be among the missing ones, which
are the weak ones.

**What to do.** Run the same sweep again; with a checkpoint folder it goes on where it stopped.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import strength
from counterpoint.fit.result import SweepFit

summary = "The sweep was interrupted, and some alphas are missing."


def find(fit: SweepFit) -> Finding | None:
    """Say which alphas are missing."""
    missing, done = len(fit.pending), len(fit.alphas)
    if not missing:
        return None
    low, high = float(fit.pending[0]), float(fit.pending[-1])
    which = strength(low) if missing == 1 else f"{missing} from {low:.3g} to {high:.3g}"
    return Finding(
        name="interrupted",
        level="problem",
        title=f"Interrupted: {done} of {done + missing} alphas are fitted",
        explanation=(
            f"The work was interrupted before it was done. Alphas missing: {which}. All else "
            "that is said here is of the others."
        ),
        evidence={"fitted": done, "missing": missing, "least_missing": low},
        remedy="Run it again; with a checkpoint folder (--checkpoint) it goes on from here.",
        doubt="The best strength may be among the missing ones.",
    )
