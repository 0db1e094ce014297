"""L1 where L2 was asked for, or the other way round.

**When it appears.** The movements of the weights hold the strength that was asked for, but as a
constant pull towards zero (L1) where a share of the weight (L2) was asked for, or the reverse. It
is asked of each array by itself; of the others the strength is looked at.

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
from counterpoint.findings.audits.expected import Expected, exchanged, expected
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import Measured, Sitting
from counterpoint.probes.subject import Tensor

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


def swapped(measured: Measured, sitting: Sitting) -> tuple[Tensor, ...]:
    """Arrays that have the other penalty: their strengths are then not compared."""
    found = _suspect(measured, sitting)
    return () if found is None else found.where


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    wanted = expected(measured)
    if wanted is None:
        return None
    other = [m for m in known_weights(sitting) if exchanged(m.l2, m.l1, wanted)]
    if not other:
        return None
    first = other[0]
    return Suspicion(
        _title(wanted),
        tuple(m.tensor for m in other),
        {
            "l2": first.l2.value,
            "l1": first.l1.value,
            "l2_in_words": with_interval(first.l2),
            "l1_in_words": with_interval(first.l1),
        },
    )


def _title(wanted: Expected) -> str:
    if wanted.l2 and wanted.l1:
        return "The strengths of L1 and L2 are exchanged in the step"
    meant, found = ("L2", "L1") if wanted.l2 else ("L1", "L2")
    return f"The step has an {found} penalty in place of the {meant}"
