"""L1 where L2 was asked for, or the other way round.

**When it appears.** The movements of the weights hold the strength that was asked for, but as a
constant pull towards zero (L1) where a share of the weight (L2) was asked for, or the reverse.

**What it means.** Another penalty is in force. L1 makes zeros, L2 makes small weights.

**What to do.** Exchange the two strengths, or their slopes: alpha · w is L2's, alpha · sign(w) is
L1's.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import (
    Suspicion,
    agreed,
    known_weights,
    names,
    places,
    with_interval,
)
from counterpoint.findings.audits.expected import expected
from counterpoint.findings.audits.factors import agrees, present
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import Measured, Sitting

summary = "L1 where L2 was asked for, or the other way round."


def find(measured: Measured) -> Finding | None:
    """Find weights whose pull towards zero is of the other kind."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    wanted = expected(measured)
    assert wanted is not None
    return Finding(
        name="decay_kind",
        level="problem",
        title=found.kind,
        explanation=f"The strengths {wanted.source} are L2 {figure(wanted.l2)} and L1 "
        f"{figure(wanted.l1)}. What moves the {places(found.where)} is L2 "
        f"{found.figures['l2_in_words']} and L1 {found.figures['l1_in_words']}.",
        evidence={"where": names(found.where), **found.figures},
        remedy="L2 pulls by alpha * w, L1 by alpha * sign(w): exchange them in the step.",
    )


def swapped(measured: Measured, sitting: Sitting) -> bool:
    """Whether the step has the other penalty: strengths are then not compared."""
    return _suspect(measured, sitting) is not None


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    wanted, weights = expected(measured), known_weights(sitting)
    if wanted is None or not weights:
        return None
    first = weights[0]
    has_l2 = all(present(m.l2) for m in weights)
    has_l1 = all(present(m.l1) for m in weights)
    if wanted.l2 and wanted.l1:
        exchanged = all(
            agrees(m.l2, wanted.l1) and agrees(m.l1, wanted.l2) for m in weights
        ) and not agrees(first.l2, wanted.l2)
        title = "The strengths of L1 and L2 are exchanged in the step"
    elif wanted.l2:
        exchanged, title = has_l1 and not has_l2, "The step has an L1 penalty in place of the L2"
    elif wanted.l1:
        exchanged, title = has_l2 and not has_l1, "The step has an L2 penalty in place of the L1"
    else:
        return None
    if not exchanged:
        return None
    return Suspicion(
        title,
        tuple(m.tensor for m in weights),
        {
            "l2": first.l2.value,
            "l1": first.l1.value,
            "l2_in_words": with_interval(first.l2),
            "l1_in_words": with_interval(first.l1),
        },
    )
