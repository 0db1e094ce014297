"""The loss could only be so high if mistakes were given next to no probability.

**When it appears.** The loss has no ceiling (log loss, binary cross-entropy), so nothing is
proven. But even with every mistake given 1e-7, where Keras clips probabilities, and every right
prediction at its most expensive, the mean would be lower.

**What it means.** Most likely the number holds something else: a penalty, a sum over rows instead
of a mean, or values of a loss that has blown up on a few rows. Each of the usual causes is tried
by its figures.

**What to do.** Print the data loss apart from penalties, as a mean.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.costs import CLIPPED, clipped_greatest, is_implausible
from counterpoint.findings.pairs.hypotheses import explaining, in_words
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import headed, loss_figure, named
from counterpoint.findings.words import figure, plain

summary = "The loss is higher than probabilities of 1e-7 on every mistake would make it."


def find(pair: Pair) -> Finding | None:
    """Say what the loss would be with every prediction at its worst."""
    if not pair.whole or pair.place == "too high" or not is_implausible(pair):
        return None
    most = clipped_greatest(pair)
    found = explaining(pair)
    return Finding(
        name="implausible",
        level="caution",
        title=headed(pair, f"{named(pair)} is hardly a mean of that loss alone"),
        explanation=f"With {CLIPPED:g} for the true class on every mistake, and right predictions "
        f"at their most expensive, the loss would be {figure(most)}. "
        f"{loss_figure(pair.known_loss)} is beyond that. {in_words(found)}".strip(),
        evidence={"clipped_high": plain(most), "hypotheses": [each.name for each in found]},
        remedy="Print the mean of the data loss by itself, apart from any penalty, and its "
        "greatest value over the rows.",
        doubt="This loss has no ceiling, so a few rows at infinity or near it would do it too.",
    )
