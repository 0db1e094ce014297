"""The decay has the wrong sign: each step makes the weights larger.

**When it appears.** The movements of the weights hold a share of the weights themselves, and that
share is positive: w grows by it at each step, apart from what the slopes of the data loss do. It
was found from two points, on different rows and coordinates.

**What it means.** The penalty is climbed, not descended. Each step multiplies the weights by
1 + κ; the penalty grows by (1 + κ)² a step, which is feedback: slowly for a long time, then fast.
Accuracy may hold, as multiplying raw scores flips no prediction.

**What to do.** Turn the sign of the decay: w ← w − rate · (slope + alpha · w). Where the step is
written as w ← (1 − rate · λ/n) · w, see that the factor is below 1 and above −1.
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
from counterpoint.findings.audits.factors import present
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import COST, Measured, Sitting

summary = "The decay has the wrong sign: each step makes the weights larger."


def find(measured: Measured) -> Finding | None:
    """Find weights that grow by a share of themselves at each step."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    share = found.figures["growth_per_step"]
    assert isinstance(share, float)
    return Finding(
        name="decay_sign",
        level="problem",
        title="The decay has the wrong sign: each step makes the weights larger",
        explanation=f"Beside the slopes of the data loss, each step multiplies the "
        f"{places(found.where)} by 1 + {figure(share)}. That is an L2 strength of "
        f"{found.figures['l2_in_words']} in the step: minus what shrinks them. The penalty grows "
        f"by a factor of {figure((1.0 + share) ** 2000)} in 1,000 steps by this alone.",
        evidence={"where": names(found.where), **found.figures},
        remedy="Turn the sign of the decay: w <- w - rate * (slope + alpha * w), or "
        "w <- (1 - rate * alpha) * w - rate * slope.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if measured.declared.loss == COST:
        return None  # less decay than the cost has looks the same
    growing = [m for m in known_weights(sitting) if m.decay.value < 0 and present(m.decay)]
    if not growing:
        growing = [
            m for m in known_weights(sitting) if m.l1_decay.value < 0 and present(m.l1_decay)
        ]
        if not growing:
            return None
    first = growing[0]
    return Suspicion(
        "grows",
        tuple(m.tensor for m in growing),
        {
            "growth_per_step": -first.decay.value,
            "l2": first.l2.value,
            "l2_in_words": with_interval(first.l2),
        },
    )
