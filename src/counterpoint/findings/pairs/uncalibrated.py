"""The loss is above the band of calibrated models, and the pair does not tell why.

**When it appears.** The loss is higher than a calibrated model of this accuracy can have, by more
than rounding and chance explain, but neither the mistakes nor the right predictions can be shown
to carry the excess.

**What it means.** The predictions are not calibrated: a monotone change of them would lower the
loss. Sure mistakes (over-confidence) or hesitant right predictions (under-confidence) both do it.

**What settles it.** The mean probability of the predicted class: above the accuracy the model is
over-confident, below it under-confident. Or the factor by which raw scores have the least loss:
below one over-confident, above one under-confident.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.costs import (
    is_implausible,
    is_over_confident,
    is_under_confident,
)
from counterpoint.findings.pairs.hypotheses import explaining, in_words
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import (
    band_words,
    headed,
    loss_figure,
    named,
    settled_by_rows,
)
from counterpoint.findings.words import figure, plain

summary = "The loss is above that of any calibrated model of this accuracy."


def find(pair: Pair) -> Finding | None:
    """Say by how much the loss is above the band, and both ways to get there."""
    if not pair.whole or pair.place != "above":
        return None
    if is_implausible(pair) or is_over_confident(pair) or is_under_confident(pair):
        return None
    found = explaining(pair)
    return Finding(
        name="uncalibrated",
        level="caution",
        title=headed(pair, f"{named(pair)} is more than a calibrated model has"),
        explanation=f"A calibrated model of this accuracy has a loss {band_words(pair)}; this one "
        f"has {loss_figure(pair.known_loss)}. {_two_ways(pair)} {in_words(found)}".strip(),
        evidence={
            "band_high": plain(pair.band.high),
            "excess": plain(pair.known_loss - float(pair.band.high)),
            "hypotheses": [each.name for each in found],
        },
        remedy="Print the mean probability of the predicted class beside the accuracy.",
        doubt="Above the accuracy, that mean says over-confident; below it, under-confident."
        + settled_by_rows(pair),
    )


def _two_ways(pair: Pair) -> str:
    wrong = 1.0 - pair.known_accuracy
    if pair.loss_name != "log" or wrong <= 0.0:
        return "Either its mistakes are too sure, or its right predictions too timid."
    sure = math.exp(-pair.known_loss / wrong)
    return (
        "Either its mistakes are too sure (giving the true class as little as "
        f"{figure(sure)} if the right ones cost nothing), or its right predictions too timid."
    )
