"""Only one of the two numbers is known.

**When it appears.** A loss without an accuracy, or an accuracy without a loss.

**What it means.** One of them alone bounds the other. Any model with this loss has at least some
accuracy, as every mistake has its price; a calibrated one is tied down further, from both sides.

**What to do.** Give both.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import (
    accuracy_figure,
    headed,
    loss_figure,
    range_of,
)
from counterpoint.findings.words import plain

summary = "Only one of the two numbers is known, and it bounds the other."


def find(pair: Pair) -> Finding | None:
    """Say how far the number that is known bounds the other."""
    if pair.whole:
        return None
    if pair.accuracy is None:
        known = f"{pair.kind.label} {loss_figure(pair.known_loss)}"
        other, any_model, calibrated = "accuracy", pair.forced_accuracy, pair.calibrated_accuracy
    else:
        known = f"accuracy {accuracy_figure(pair.accuracy)}"
        other, any_model, calibrated = pair.kind.label, pair.reachable, pair.band
    return Finding(
        name="half",
        level="note",
        title=headed(pair, f"{known} alone bounds the {other}"),
        explanation=f"Any model with it has {range_of(other, *any_model)}; a calibrated one "
        f"has {range_of(other, *calibrated)}.",
        evidence={
            "low": plain(any_model.low),
            "high": plain(any_model.high),
            "calibrated_low": plain(calibrated.low),
            "calibrated_high": plain(calibrated.high),
        },
        doubt=f"The {other} would settle whether the two go together.",
    )
