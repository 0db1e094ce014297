"""The mistakes are over-confident: the right predictions alone can't have cost this much.

**When it appears.** The loss is above the band of calibrated models, and above what all right
predictions together can cost by so much that a mistake costs more, on average, than the even
guess does. For log loss: L − accuracy·ln K, shared among the mistakes, exceeds ln K.

**What it means.** On its mistakes the model gives the true class less than an even share, on
average: it is sure, and wrong. That is proven by the two numbers, not estimated.

**What to do.** Scale the raw scores by one number found on rows set aside (temperature scaling;
Guo and others 2017, arXiv 1706.04599), penalise more, or stop earlier. None of the first flips a
prediction.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.costs import (
    CLIPPED,
    is_over_confident,
    is_under_confident,
    mistake_at_least,
    right_at_least,
    right_at_most,
)
from counterpoint.findings.pairs.hypotheses import explaining, in_words
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import band_words, headed, loss_figure, settled_by_rows
from counterpoint.findings.words import figure, plain

summary = "The mistakes are over-confident: the right predictions can't have cost this much."


def find(pair: Pair) -> Finding | None:
    """Say what a mistake costs at least on average, and what it costs if the rest is calibrated."""
    if not pair.whole or not is_over_confident(pair):
        return None
    least = mistake_at_least(pair)
    per_mistake = pair.known_loss / (1.0 - pair.known_accuracy)
    sentences = [
        f"A calibrated model of this accuracy has a loss {band_words(pair)}; this one has "
        f"{loss_figure(pair.known_loss)}.",
        f"Right predictions cost at most {figure(right_at_most(pair))} each, so a mistake costs "
        f"{figure(least)} or more on average, where the even guess costs "
        f"{figure(pair.uniform_guess)}.",
    ]
    if pair.loss_name == "log":
        sentences.append(
            f"On its mistakes it gives the true class {figure(math.exp(-least))} or less "
            f"(geometric mean); {figure(math.exp(-per_mistake))} if the right ones cost nothing."
        )
    found = explaining(pair) if is_under_confident(pair) else ()
    if is_under_confident(pair):
        sentences.append(
            f"Unless mistakes give it less than {CLIPPED:g}, right predictions cost "
            f"{figure(right_at_least(pair))} or more each as well: the number may hold more than "
            f"the loss. {in_words(found)}".strip()
        )
    return Finding(
        name="over_confident",
        level="caution",
        title=headed(pair, "its mistakes are over-confident"),
        explanation=" ".join(sentences),
        evidence={
            "mistake_cost_least": plain(least),
            "band_high": plain(pair.band.high),
            "hypotheses": [each.name for each in found],
        },
        remedy="Scale the raw scores by one number found on rows set aside, penalise more, or stop "
        "earlier: the accuracy need not suffer.",
        doubt="A few rows may carry all of it, wrongly labelled ones for instance. The list of the "
        "most expensive predictions would settle that." + settled_by_rows(pair),
    )
