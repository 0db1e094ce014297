"""An L2 penalty inside an adaptive optimiser is no L2 penalty.

**When it appears.** The movements are those of Adam with alpha · w added to the slope before it is
divided by its own size.

**What it means.** Adam divides each slope by its usual size, and the penalty's part with it.
Weights with large slopes are decayed less, those with small ones more: no fixed alpha is
minimised (Loshchilov and Hutter 2019, arXiv 1711.05101). The strength says little of what the
decay does.

**What to do.** Take AdamW, which shrinks beside the slope. It has no fixed alpha either under
adaptive rates, but one strength for all weights.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed, names, places
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import Measured, Sitting

summary = "An L2 penalty inside an adaptive optimiser is no L2 penalty."


def find(measured: Measured) -> Finding | None:
    """Find an L2 whose slope goes through Adam."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    return Finding(
        name="adaptive_decay",
        level="caution",
        title="The L2 penalty goes through Adam, and is no L2 penalty there",
        explanation=f"The movements of the {places(found.where)} are Adam's with "
        f"{figure(found.figures['strength'])} * w added to the slope"  # type: ignore[arg-type]
        " before it is divided by its "
        "usual size. So weights with large slopes are decayed less and those with small ones "
        "more: no objective of the form data loss + alpha/2 |W|^2 is descended.",
        evidence={"where": names(found.where), **found.figures},
        remedy="Use decay beside the slope (AdamW), and report the data loss by itself.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if not sitting.comparable or sitting.model != "adam":
        return None
    inside = [m for m in sitting.motions if m.known and m.inner_l2 != 0.0]
    if not inside:
        return None
    return Suspicion("inside", tuple(m.tensor for m in inside), {"strength": inside[0].inner_l2})
