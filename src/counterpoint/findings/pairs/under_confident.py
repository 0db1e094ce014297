"""The right predictions are under-confident: the mistakes can't have cost this much.

**When it appears.** The loss is above the band of calibrated models, and even if every mistake
cost the most it can, the right predictions alone cost more than such a model does altogether.
(Where mistakes are proven to be over-confident too, that finding says both.) A loss with a
ceiling has that most; for one without, a true class at 1e-7 is taken, which is where Keras clips
probabilities.

**What it means.** The model is right more often than it believes. Label smoothing, strong
penalties, dropout left on, mixed labels or a high temperature do that; so does something that was
added to the loss.

**What to do.** Scale the raw scores up by one number found on rows set aside; or read the loss
over the true labels, without smoothing, in evaluation mode.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.costs import (
    CLIPPED,
    is_over_confident,
    is_under_confident,
    right_at_least,
)
from counterpoint.findings.pairs.hypotheses import explaining, in_words
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import band_words, headed, loss_figure, settled_by_rows
from counterpoint.findings.words import figure, plain

summary = "The right predictions are under-confident: the mistakes can't have cost this much."


def find(pair: Pair) -> Finding | None:
    """Say what the right predictions cost at least, and what else the number may be."""
    if not pair.whole or not is_under_confident(pair) or is_over_confident(pair):
        return None
    least, most = right_at_least(pair), pair.known_loss / pair.known_accuracy
    wrong = 1.0 - pair.known_accuracy
    ceiling = pair.kind.bounds(pair.n_classes).maximum
    if wrong <= 0.0:
        worst = "There are no mistakes to cost anything"
    elif math.isfinite(ceiling):
        worst = f"Even if every mistake cost {figure(ceiling)}, the most there is"
    else:
        worst = f"Even if every mistake gave the true class {CLIPPED:g}"
    sentences = [
        f"A calibrated model of this accuracy has a loss {band_words(pair)}; this one has "
        f"{loss_figure(pair.known_loss)}.",
        f"{worst}, so the right predictions cost {figure(least)} each on average."
        if wrong <= 0.0
        else f"{worst}, the right predictions would cost {figure(least)} each on average.",
    ]
    if pair.loss_name == "log":
        low, high = math.exp(-most), math.exp(-least)
        sentences.append(
            f"They give the true class {figure(low)} (geometric mean)."
            if low == high
            else f"They give the true class {figure(low)} to {figure(high)} (geometric mean)."
        )
    found = explaining(pair)
    return Finding(
        name="under_confident",
        level="caution",
        title=headed(pair, "it is right more often than it believes"),
        explanation=" ".join([*sentences, in_words(found)]).strip(),
        evidence={
            "right_cost_least": plain(least),
            "band_high": plain(pair.band.high),
            "hypotheses": [each.name for each in found],
        },
        remedy="Scale the raw scores up by one number found on rows set aside, or read the loss in "
        "evaluation mode, over the true labels and without penalties.",
        doubt="Whether the probabilities are too timid or the number holds more than the loss: the "
        "mean probability of the predicted class beside the accuracy would settle it."
        + settled_by_rows(pair),
    )
