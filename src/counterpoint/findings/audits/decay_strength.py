"""The step's decay is not the strength that was declared, or that the reported cost has.

**When it appears.** From the movements of the weights the strength of the decay in force is
recovered, with an interval: the share by which a step shrinks a weight, over the learning rate. It
is set against the declared strength, or against the reported cost where nothing is declared.

**What it means.** The step descends another objective than the one that is named. The factor is
named where it equals a known one: 2 (alpha/2 ‖W‖² has the slope alpha · w), the rows of the
mini-batch or of the training set (λ/n with the wrong n), or the learning rate.

**What to do.** Correct the factor. For data loss + alpha/2 ‖W‖² the step is w ← w − rate · (slope
+ alpha · w); a λ that is divided by n is divided by the number of training rows in the step and
in every cost that is reported.
"""

from __future__ import annotations

from counterpoint.findings.audits import decay_kind
from counterpoint.findings.audits.agreement import (
    Suspicion,
    agreed,
    known_weights,
    names,
    places,
    with_interval,
)
from counterpoint.findings.audits.expected import expected
from counterpoint.findings.audits.factors import agrees, factor_in_words, named_factor, present
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import COST, Measured, Motion, Sitting

summary = "The step's decay is not the strength that was declared or is reported."


def find(measured: Measured) -> Finding | None:
    """Find a decay that is off by a factor, missing, or not declared."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    wanted = expected(measured)
    assert wanted is not None
    kind, _, what = found.kind.partition(" ")
    title = {
        "missing": f"The step has no {kind} decay",
        "weaker": f"The step's {kind} decay is weaker than that of the reported cost",
        "undeclared": f"The step has an {kind} decay that is not {wanted.source}",
    }.get(what, f"The step's {kind} decay is off by a factor of {what}")
    return Finding(
        name="decay_strength",
        level="problem",
        title=title,
        explanation=f"Beside the slopes of the reported cost, which hold its penalty, the "
        f"{places(found.where)} move with an {kind} strength of {found.figures['in_words']}: the "
        "two strengths differ by that."
        if measured.declared.loss == COST
        else f"The {kind} strength {wanted.source} is {found.figures['expected']}. What "
        f"moves the {places(found.where)} is {found.figures['in_words']}.",
        evidence={"where": names(found.where), **found.figures},
        remedy="For data loss + alpha/2 |W|^2 the step is w <- w - rate * (slope + alpha * w); "
        "lambda is divided by the number of training rows wherever it is divided."
        if what != "missing"
        else "Add alpha * w to the slope of each weight, or report no penalty.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    wanted, swapped = expected(measured), decay_kind.swapped(measured, sitting)
    if wanted is None:
        return None
    weights = [m for m in known_weights(sitting) if m.tensor not in swapped]
    for kind, value in (("L2", wanted.l2), ("L1", wanted.l1)):
        wrong = [
            m
            for m in weights
            if _is_wrong(measured, _strength(m, kind), value)
            and not _of_declared_rate(measured, m, kind, value)
        ]
        if not wrong:
            continue
        estimate = _strength(wrong[0], kind)
        figures = {
            "expected": figure(value),
            "strength": estimate.value,
            "in_words": with_interval(estimate),
        }
        where = tuple(m.tensor for m in wrong)
        return Suspicion(f"{kind} {_what(measured, estimate, value)}", where, figures)
    return None


def _strength(motion: Motion, kind: str) -> Estimate:
    return motion.l2 if kind == "L2" else motion.l1


def _of_declared_rate(measured: Measured, motion: Motion, kind: str, value: float) -> bool:
    """Whether the decay is right by the declared rate: it is then the slopes that are off."""
    rate = measured.declared.rates[measured.tensors.index(motion.tensor)]
    if not rate or value == 0.0:
        return False
    share = motion.decay if kind == "L2" else motion.l1_decay
    return agrees(Estimate(share.value / rate, share.error / rate), value)


def _is_wrong(measured: Measured, estimate: Estimate, value: float) -> bool:
    if estimate.value < 0 and present(estimate) and measured.declared.loss != COST:
        return False  # a finding of its own
    if value == 0.0:
        return present(estimate)
    return not agrees(estimate, value)


def _what(measured: Measured, estimate: Estimate, value: float) -> str:
    if not present(estimate):
        return "missing"
    if value == 0.0:
        return "undeclared" if estimate.value > 0 else "weaker"
    ratio = estimate.value / value
    name = named_factor(ratio, measured.declared)
    return factor_in_words(ratio, measured.declared) if name else figure(ratio)
