"""The loss is one that a calibrated model of this accuracy can have.

**When it appears.** The loss lies in the band of calibrated models, or no further from it than
rounding and chance explain.

**What it means.** Nothing in these two numbers is wrong. At the upper end of the band every
prediction is as sure as the accuracy says. At the lower end predictions are certain or torn
between two classes (for accuracies below 1/2 between a few), and all mistakes are among the torn:
such a model knows which rows it can not judge.

**What it does not mean.** A pair inside the band does not prove calibration. Over-confident
mistakes and hesitant right predictions may cancel.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import band_words, headed, loss_figure, named
from counterpoint.findings.words import figure, percent, plain

summary = "The loss is one that a calibrated model of this accuracy can have."


def find(pair: Pair) -> Finding | None:
    """Say where in the band the pair lies, and what that means."""
    if not pair.whole or pair.place != "inside":
        return None
    loss, (low, high) = pair.known_loss, map(float, pair.band)
    inside = low <= loss <= high
    part = (loss - low) / (high - low) if high > low else 0.5
    sentences = [f"A calibrated model of this accuracy has a loss {band_words(pair)}."]
    if inside and high > low:
        sentences.append(f"{loss_figure(loss)} lies {percent(part)} of the way up{_ends(pair)}.")
    elif not (inside or math.isnan(low)):
        distance = low - loss if loss < low else loss - high
        cause = "rounding or chance" if pair.samples is None else "chance"
        sentences.append(
            f"{loss_figure(loss)} lies {figure(distance)} {'below' if loss < low else 'above'} it, "
            f"which {cause} explains."
        )
    return Finding(
        name="unremarkable",
        level="note",
        title=headed(pair, f"{named(pair)} is unremarkable"),
        explanation=" ".join(sentences),
        evidence={"band_low": plain(low), "band_high": plain(high), "part_of_band": plain(part)},
        doubt=""
        if pair.split == "train"
        else "The pair does not prove calibration: sure mistakes and hesitant right predictions "
        "may cancel. A reliability diagram of the predictions would settle it.",
    )


def _ends(pair: Pair) -> str:
    """What calibrated predictions are at both ends of the band, where its upper end is attained."""
    if pair.prior is not None:
        return ""
    torn = "certain or torn between two classes"
    lowest = torn if pair.known_accuracy >= 0.5 else "torn between as few classes as can be"
    return f", from predictions that are {lowest} to ones that are all equally sure"
