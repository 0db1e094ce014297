"""The loss is below the band: a calibrated model with so many mistakes has a higher one.

**When it appears.** A predictor can have this loss at this accuracy, a calibrated one can not, by
more than rounding and chance explain.

**What it means.** Its right predictions are too sure for the mistakes it makes. A low loss with
many mistakes needs mistakes that are near ties. A calibrated model is right on half of its near
ties of two classes, or more; this one, where its accuracy is 1/2 or more, is wrong on most. Often
the two numbers are not of the same predictions: another threshold than the most probable class,
other rows, another moment of an epoch, weights in one of them; or the loss is in another unit.

**What settles it.** Both numbers computed again, from one table of probabilities.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.hypotheses import explaining, in_words
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import (
    accuracy_figure,
    band_words,
    headed,
    loss_figure,
    named,
    settled_by_rows,
)
from counterpoint.findings.words import plain

summary = "The loss is below that of any calibrated model with so many mistakes."


def find(pair: Pair) -> Finding | None:
    """Say how far below the band the loss is, and what accuracy would go with it."""
    if not pair.whole or pair.place != "below":
        return None
    found = explaining(pair)
    least = float(pair.calibrated_accuracy.low)
    return Finding(
        name="too_little_loss",
        level="caution",
        title=headed(pair, f"{named(pair)} is less than a calibrated model has"),
        explanation=f"A calibrated model of this accuracy has a loss {band_words(pair)}; this one "
        f"has {loss_figure(pair.known_loss)}, with which it would be right on "
        f"{accuracy_figure(least)} of the rows or more. {_near_ties(pair)}"
        f"{in_words(found)}".strip(),
        evidence={
            "band_low": plain(pair.band.low),
            "accuracy_expected_at_least": plain(least),
            "hypotheses": [each.name for each in found],
        },
        remedy="Compute both numbers from one table of probabilities, with the most probable class "
        "as the prediction.",
        doubt="Whether both numbers are of the same rows, the same weights and the same moment."
        + settled_by_rows(pair),
    )


def _near_ties(pair: Pair) -> str:
    """Right on half of the rows, the band starts at twice what mistakes cost as near ties."""
    if pair.known_accuracy < 0.5:
        return ""
    return "So it is wrong on most of its near ties. "
