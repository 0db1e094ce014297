"""The momentum in force is not the declared one, or slopes pile up from step to step.

**When it appears.** The movements hold a share of the movement before. Slopes that are never reset
between steps give a share of 1: each step then repeats all earlier ones.

**What it means.** Momentum μ multiplies the effective rate by 1/(1 − μ). At 1 nothing fades: rows
that were seen once push for ever.

**What to do.** Reset the slopes before each step (`optimizer.zero_grad()` in PyTorch), or correct
the momentum.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed, with_interval
from counterpoint.findings.audits.factors import agrees, present
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import Measured, Sitting

summary = "The momentum in force is not the declared one, or slopes pile up."


def find(measured: Measured) -> Finding | None:
    """Find a share of the last movement that is not as declared."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    piles = found.kind == "piles up"
    declared = measured.declared.momentum
    said = "none is declared" if declared is None else f"{figure(declared)} is declared"
    return Finding(
        name="momentum_differs",
        level="problem" if piles else "caution",
        title="Slopes pile up from step to step: they are not reset"
        if piles
        else f"The momentum in force is {figure(found.figures['momentum'])}; {said}",  # type: ignore[arg-type]
        explanation=f"Each step repeats the movement of the step before by a share of "
        f"{found.figures['in_words']}; {said}."
        + (" At a share of 1 no slope is ever forgotten." if piles else ""),
        evidence={"where": ["step"], **found.figures},
        remedy="Reset the slopes to zero before each step."
        if piles
        else "Correct the momentum in the step, or what is declared.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if not sitting.comparable or sitting.model not in ("plain", "momentum", "lagged"):
        return None
    known = [m.momentum for m in sitting.motions if m.known]
    if not known:
        return None
    share = min(known, key=lambda momentum: momentum.error)
    figures = {"momentum": share.value, "in_words": with_interval(share)}
    declared = measured.declared.momentum
    if declared is not None and (agrees(share, declared) or abs(share.value - declared) <= 1e-6):
        return None
    if present(share) and agrees(share, 1.0):
        return Suspicion("piles up", (), figures)
    return None if declared is None else Suspicion("differs", (), figures)
