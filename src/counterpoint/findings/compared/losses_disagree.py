"""Log loss prefers one model and the Brier score the other.

**When it appears.** Both tell two models apart at 5%, and disagree.

**Why.** Both are strictly proper: for the true probabilities both are least. They weigh mistakes
differently. Log loss has no ceiling: one row whose true class was all but ruled out may cost more
than a thousand others. The Brier score of a row is at most 2. So a model that is mostly sharper
and now and then very wrong is better by Brier score and worse by log loss.

**What to do.** See which rows cost most, and decide whether being sure and wrong matters that
much.
"""

from __future__ import annotations

from counterpoint.findings.compared.words import better_by_loss, evidence, sentence, why
from counterpoint.findings.finding import Finding
from counterpoint.scores.compared import Compared, PairScores

summary = "Log loss and the Brier score prefer different models."


def find(both: Compared, pair: PairScores) -> Finding | None:
    """Find a pair on which the two losses disagree."""
    better = better_by_loss(both, pair)
    if len(set(better.values())) < 2:
        return None
    return Finding(
        name="losses_disagree",
        level="caution",
        title=f"Log loss is better for {better['log_loss']}, the Brier score for {better['brier']}",
        explanation=" ".join(
            filter(None, [*(sentence(both, pair, name) for name in better), why(both, pair)])
        ),
        evidence=evidence(both, pair),
        remedy="Look at the rows that cost most: a few that were sure and wrong decide the log "
        "loss. Which score to follow depends on what such a row costs in use.",
    )
