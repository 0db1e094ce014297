"""Biases, or what scales a normalised layer, are decayed too.

**When it appears.** The movements of biases or of a normalisation's factors hold a share of
themselves.

**What it means.** Biases only place the outputs; pulling them to zero pulls predictions towards
even ones. A normalised layer does not see the size of the weights before it, so a decay there
acts on the learning rate. Some libraries do this by default (PyTorch's `weight_decay` over all
parameters, Keras's where it is asked for); a penalty that is reported over weights alone is then
not what is descended.

**What to do.** Leave them out of the decay: in PyTorch with a group of parameters whose
`weight_decay` is 0.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import (
    Suspicion,
    agreed,
    names,
    places,
    with_interval,
)
from counterpoint.findings.audits.factors import present
from counterpoint.findings.finding import Finding
from counterpoint.probes.measured import Measured, Sitting

summary = "Biases, or what scales a normalised layer, are decayed too."


def find(measured: Measured) -> Finding | None:
    """Find biases and normalisations that a step pulls towards zero."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    return Finding(
        name="decay_on_biases",
        level="caution",
        title=f"The step also decays {places(found.where)}",
        explanation=f"The {places(found.where)} shrink by a share of themselves, with the L2 "
        f"strength {found.figures['in_words']}.",
        evidence={"where": names(found.where), **found.figures},
        remedy="Leave biases and normalisations out of the decay, or count them in the penalty "
        "that is reported.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if not sitting.comparable or sitting.other_loss:
        return None
    pulled = [
        m
        for m in sitting.motions
        if m.known and m.tensor.kind != "weight" and (present(m.l2) or present(m.l1))
    ]
    if not pulled:
        return None
    first = pulled[0]
    return Suspicion(
        "pulled",
        tuple(m.tensor for m in pulled),
        {"l2": first.l2.value, "in_words": with_interval(first.l2)},
    )
