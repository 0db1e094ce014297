"""Two models that accuracy can't tell apart, and a proper score can.

**When it appears.** McNemar's exact test of the flips (the paired t test where rows have weights)
gives no difference in accuracy at 5%, while the paired t test tells log loss or Brier score
apart.

**Why.** Accuracy sees the most probable class alone. How sure a model is, right or wrong, is seen
by log loss and Brier score. The change of log loss is split into *scale*, which one multiplier of
the logits would undo, and *direction*; and the scores into miscalibration, which a recalibration
would mend, and discrimination, which it can't.

**What to do.** Take the model with the better proper score. Where the difference is
miscalibration alone, recalibrating the other on rows of its own would do as well.
"""

from __future__ import annotations

from counterpoint.findings.compared.words import (
    better_by_loss,
    evidence,
    flips_sentence,
    named_scores,
    needed,
    rivals,
    sentence,
    why,
)
from counterpoint.findings.finding import Finding
from counterpoint.scores.compared import Compared, PairScores

summary = "Accuracy can't tell two models apart; a proper score can."


def find(both: Compared, pair: PairScores) -> Finding | None:
    """Find a pair that differs by log loss or Brier score alone."""
    better = better_by_loss(both, pair)
    if pair.changes["accuracy"].told_apart or len(set(better.values())) != 1:
        return None
    first, second = rivals(both, pair)
    winner = next(iter(better.values()))
    losses = named_scores(list(better))
    verb = "are" if len(better) > 1 else "is"
    rows = needed(pair.changes["accuracy"], both.n)
    return Finding(
        name="same_accuracy",
        level="note",
        title=f"Accuracy can't tell {first} and {second} apart; {losses} {verb} better for "
        f"{winner}",
        explanation=" ".join(
            filter(
                None,
                [
                    sentence(both, pair, "accuracy"),
                    flips_sentence(both, pair),
                    *(sentence(both, pair, name) for name in better),
                    why(both, pair),
                ],
            )
        ),
        evidence={**evidence(both, pair), "better": winner},
        remedy=_remedy(both, pair, winner),
        doubt=f"If the difference in accuracy is real, it takes {rows} to show it (80% power at "
        "5%, rows like these)."
        if rows
        else "",
    )


def _remedy(both: Compared, pair: PairScores, winner: str) -> str:
    first, second = rivals(both, pair)
    loser = first if winner == second else second
    if pair.study is None:
        return f"Prefer {winner}."
    split = pair.study.split
    told = split.direction_interval
    if told.low <= 0 <= told.high and abs(split.scale) > abs(split.direction):
        return (
            f"Prefer {winner}, or recalibrate {loser} on rows of its own: what is left between "
            "them after that can't be told from nothing."
        )
    return f"Prefer {winner}; recalibrating {loser} would not make up for all of the difference."
