"""The whole step is off by one factor: a loss scale, a sum for a mean, or the wrong sign.

**When it appears.** All arrays of parameters follow the slopes of the data loss exactly, at one
rate, but that rate is not the declared one.

**What it means.** The step descends a multiple of the data loss that is reported: the rows are
summed where a mean is reported, the mean is divided once more, a factor 1/2 stands in one place
alone. A decay that is added beside then has another strength than the objective says. Where the
sign is wrong, the step climbs.

**What to do.** Make the factor of the loss the same in the cost and in the step.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import Suspicion, agreed, with_interval
from counterpoint.findings.audits.factors import factor_in_words
from counterpoint.findings.audits.rates import SAME, common
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import COST, Measured, Sitting

summary = "The whole step is off by one factor, or by its sign."


def find(measured: Measured) -> Finding | None:
    """Find a rate that all arrays share and that is not the declared one."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    climbs = found.kind == "climbs"
    declared = next((rate for rate in measured.declared.rates if rate), None)
    against = f"the declared rate is {figure(declared)}" if declared else "no rate is declared"
    return Finding(
        name="step_scale",
        level="problem",
        title="The step climbs the data loss: its sign is wrong"
        if climbs
        else f"The whole step is off by a factor of {found.kind}",
        explanation=f"Every array follows the slopes of the mean data loss exactly, at a rate of "
        f"{found.figures['in_words']}; {against}.",
        evidence={"where": ["step"], **found.figures},
        remedy="Subtract the slopes: w <- w - rate * slope."
        if climbs
        else "Take the mean over rows once, and the same factor of the loss in cost and step.",
        doubt="" if climbs else "Whether the step or the cost has the factor that was meant.",
    )


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if not sitting.comparable or sitting.other_loss:
        return None
    ratio = common(measured, sitting)
    if ratio is None or abs(ratio - 1.0) <= SAME:
        return None
    if measured.guessed and ratio > 0 and measured.declared.loss != COST:
        return None  # which multiple of the loss is meant nobody says
    rate = max((m.rate for m in sitting.motions if m.known), key=lambda rate: abs(rate.value))
    figures = {"rate": rate.value, "factor": ratio, "in_words": with_interval(rate)}
    if ratio < 0:
        return Suspicion("climbs", (), figures)
    return Suspicion(factor_in_words(ratio, measured.declared), (), figures)
