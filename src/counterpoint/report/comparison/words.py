"""Words and numbers that the terminal and the page of a comparison share."""

from __future__ import annotations

import math

from counterpoint.findings.words import count
from counterpoint.report.quantities import score_text
from counterpoint.scores import Estimate
from counterpoint.scores.compared import Compared


def size_in_short(both: Compared) -> str:
    """Size of the data in one line."""
    size = [count(both.n, "row"), count(len(both.classes), "class", "classes")]
    if both.n_effective < both.n * (1 - 1e-9):
        size.append(f"weights, that tell as much as {both.n_effective:,.0f} equal rows")
    return ", ".join(size)


def margin(estimate: Estimate) -> str:
    """A value and half the width of its interval."""
    half = float(estimate.high - estimate.low) / 2.0
    value = score_text(float(estimate.value))
    return f"{value} ±{score_text(half)}" if math.isfinite(half) else value


def parts_note(both: Compared) -> str:
    """What the parts are, and what is exact about them."""
    how = (
        "by isotonic regression (CORP)"
        if len(both.classes) == 2
        else "the Brier score by isotonic regression of each class against the rest, log loss and "
        "error rate by a scale and an offset for each class, which aim at the log loss: the error "
        "rate may come out a little worse, and its miscalibration below 0"
    )
    return (
        "Score = miscalibration − discrimination + uncertainty, exactly. Miscalibration: what "
        f"recalibration would take off ({how}); discrimination: what the recalibrated forecasts "
        "take off the base rates; uncertainty: the base rates themselves. The value is that on "
        "these very rows; its 95% interval reaches from recalibration by other rows to "
        "recalibration by the same ones."
    )
