"""One model is better by accuracy, and no proper score speaks against it.

**When it appears.** Accuracy tells two models apart at 5%, and no loss that does so prefers the
other.

**Why.** See the split into scale and direction and into parts: how much of the gain is better
probabilities for the same belief, and how much is better belief.
"""

from __future__ import annotations

from counterpoint.findings.compared.words import (
    LOSSES,
    better_by_loss,
    evidence,
    flips_sentence,
    more_often_right,
    named_scores,
    sentence,
    why,
)
from counterpoint.findings.finding import Finding
from counterpoint.scores.compared import Compared, PairScores

summary = "One model is better by accuracy, and no loss speaks against it."


def find(both: Compared, pair: PairScores) -> Finding | None:
    """Find a pair of which one is better."""
    preferred = more_often_right(both, pair)
    if preferred is None:
        return None
    right, other = preferred
    losses = better_by_loss(both, pair)
    if any(winner != right for winner in losses.values()):
        return None
    silent = [name for name in LOSSES if name not in losses]
    return Finding(
        name="one_is_better",
        level="note",
        title=f"{right} is better than {other} by {named_scores(['accuracy', *losses])}",
        explanation=" ".join(
            filter(
                None,
                [
                    flips_sentence(both, pair),
                    *(sentence(both, pair, name) for name in pair.changes),
                    why(both, pair),
                ],
            )
        ),
        evidence={**evidence(both, pair), "better": right},
        remedy=f"Prefer {right}.",
        doubt=f"By {named_scores(silent)} they can't be told apart." if silent else "",
    )
