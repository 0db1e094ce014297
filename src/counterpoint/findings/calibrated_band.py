"""The held-out log loss does not go with its accuracy: the probabilities are not calibrated.

**When it appears.** A calibrated model of a given accuracy has a log loss in a band (Fano's
inequality above, Feder and Merhav's below; see the theory), and one no worse than the base
rates'. At the strength to take, the held-out log loss is outside of it by more than the sampling
error of both numbers. Where it is inside, the choice says so in a sentence.

**What it means.** Above the band the probabilities are over-confident or under-confident, which
`counterpoint read` tells apart where the two numbers do. Below it the model is too sure where it
is right for the mistakes it makes.

**What to do.** Above it, calibrate on rows set aside; accuracy need not change. Over-confident
probabilities also gain from more penalty, under-confident ones from less.
"""

from __future__ import annotations

from counterpoint.findings.chosen import choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import log_loss_name
from counterpoint.findings.held_out_pair import held_out_pair
from counterpoint.findings.words import figure, plain, share, strength
from counterpoint.fit.result import SweepFit

summary = "The held-out log loss does not go with its accuracy."


def find(fit: SweepFit) -> Finding | None:
    """Set the log loss at the recommended alpha against the band of calibrated models."""
    index = choose(fit).recommended.index
    pair = held_out_pair(fit, index)
    if pair is None or pair.place in ("inside", "no band"):
        return None
    alpha, above = strength(float(fit.alphas[index])), pair.place in ("above", "too high")
    (low, high), (least, most) = map(float, pair.band), map(float, pair.wide_band)
    return Finding(
        name="calibrated_band",
        level="caution",
        title=f"At alpha {alpha} the {log_loss_name(fit)} is {'above' if above else 'below'} "
        "what a calibrated model has",
        explanation=f"A calibrated model with held-out accuracy {share(pair.known_accuracy)} has a "
        f"log loss between {figure(low)} and {figure(high)}; this one has "
        f"{figure(pair.known_loss)}. Chance does not explain it: with the sampling error of both "
        f"numbers the band is {figure(least)} to {figure(most)}.",
        evidence={
            "alpha": float(fit.alphas[index]),
            "accuracy": plain(pair.known_accuracy),
            "log_loss": plain(pair.known_loss),
            "band_low": plain(low),
            "band_high": plain(high),
            "place": pair.place,
        },
        remedy="Calibrate on rows set aside: no prediction need flip." if above else "",
        doubt="A reliability diagram would show which predictions are too sure, and which too "
        "timid.",
    )
