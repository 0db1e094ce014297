"""Evaluating gives another number each time, or changes the network.

**When it appears.** The same cost of the same rows at the same parameters differs from call to
call, or parameters are changed by evaluating.

**What it means.** Dropout or another source of chance is at work in evaluation, a normalisation
still learns, or the evaluation trains. In each case training and evaluation mode are mixed.

**What to do.** Switch to evaluation mode before evaluating (`model.eval()` in PyTorch) and back
after.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import listing, percent
from counterpoint.probes.measured import Measured

summary = "Evaluating gives another number each time, or changes the network."


def find(measured: Measured) -> Finding | None:
    """Find an evaluation with chance, or with side effects."""
    seen = measured.evaluation
    if seen.moves:
        return Finding(
            name="not_repeatable",
            level="problem",
            title="Evaluating changes the network",
            explanation=f"After the cost or the accuracy was asked for, {listing(seen.moves)} "
            "had changed.",
            evidence={"where": ["cost"], "changed": list(seen.moves)},
            remedy="Evaluate without updates: in evaluation mode, where there is one.",
        )
    if seen.repeatable:
        return None
    return Finding(
        name="not_repeatable",
        level="problem",
        title="The reported cost differs from call to call",
        explanation="Asked several times of the same rows at the same parameters, the reported "
        f"cost varies by {percent(seen.spread)}: dropout or other chance is at work in evaluation.",
        evidence={"where": ["cost"], "spread": seen.spread},
        remedy="Switch off dropout and the like in evaluation.",
    )
