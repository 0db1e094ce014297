"""Words and numbers that the terminal and the page of a comparison share."""

from __future__ import annotations

import math

from counterpoint.findings.words import count
from counterpoint.report.quantities import interval_text, score_text
from counterpoint.scores import Estimate
from counterpoint.scores.compared import Compared

#: An interval is written out where an end is farther off than half the width by this factor.
ONE_SIDED = 1.2


def size_in_short(both: Compared) -> str:
    """Size of the data in one line."""
    size = [count(both.n, "row"), count(len(both.classes), "class", "classes")]
    if both.n_effective < both.n * (1 - 1e-9):
        size.append(f"weights, that tell as much as {both.n_effective:,.0f} equal rows")
    return ", ".join(size)


def margin(estimate: Estimate) -> str:
    """A value and half the width of its interval, or both ends where it lies to one side.

    Examples
    --------
    >>> import numpy as np
    >>> margin(Estimate(*map(np.asarray, (0.5, 0.4, 0.6, 0.05)), n_effective=100))
    '0.500 ±0.100'
    >>> margin(Estimate(*map(np.asarray, (1.0, 0.963, 1.0, 0.0)), n_effective=100))
    '1.000 (0.963 to 1.000)'
    """
    value, low, high = (float(each) for each in (estimate.value, estimate.low, estimate.high))
    half = (high - low) / 2.0
    if not math.isfinite(half):
        return score_text(value)
    if max(high - value, value - low) > ONE_SIDED * half:
        return f"{score_text(value)} ({interval_text(low, high)})"
    return f"{score_text(value)} ±{score_text(half)}"


def adjusted_note(both: Compared) -> str:
    """What p-values are adjusted for; empty where one model is set against the first."""
    if len(both.pairs) < 2:
        return ""
    return (
        f"Each p is adjusted for the {len(both.pairs)} models that are set against "
        f"{both.models[0].name} (Holm); each interval is for itself."
    )


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
