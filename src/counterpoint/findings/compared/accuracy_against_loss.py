"""A model that is right more often, and pays more for it.

**When it appears.** Accuracy tells two models apart at 5%, log loss or Brier score does so too,
and they prefer different models.

**Why.** Mostly the model that is right more often is surer than its hit rate warrants: the rows
that it still gets wrong cost more than the rows it gains. Its best multiplier of the logits is then
below 1, and its miscalibration large; what counts against it is mended by recalibration.

**What to do.** Recalibrate it on rows of its own (temperature, isotonic regression), and compare
again.
"""

from __future__ import annotations

from counterpoint.findings.compared.words import (
    better_by_loss,
    evidence,
    flips_sentence,
    misjudged,
    more_often_right,
    named_scores,
    sentence,
    why,
)
from counterpoint.findings.finding import Finding
from counterpoint.scores.compared import Compared, PairScores

summary = "A model is right more often, and its loss is worse."


def find(both: Compared, pair: PairScores) -> Finding | None:
    """Find a pair whose accuracy and losses prefer different models."""
    preferred = more_often_right(both, pair)
    if preferred is None:
        return None
    right, other = preferred
    against = [name for name, winner in better_by_loss(both, pair).items() if winner != right]
    if not against:
        return None
    model = next(each for each in both.models if each.name == right)
    sure = "" if model.study is None else misjudged(model.study.scale)
    verb = "are" if len(against) > 1 else "is"
    return Finding(
        name="accuracy_against_loss",
        level="caution",
        title=f"{right} is right more often than {other}, and its {named_scores(against)} {verb} "
        + ("worse: it is over-confident" if sure == "over-confident" else "worse"),
        explanation=" ".join(
            filter(
                None,
                [
                    sentence(both, pair, "accuracy"),
                    flips_sentence(both, pair),
                    *(sentence(both, pair, name) for name in against),
                    why(both, pair),
                ],
            )
        ),
        evidence={**evidence(both, pair), "more_often_right": right},
        remedy=f"Use {right} for its decisions; before its probabilities are used, recalibrate it "
        "on rows of its own and compare again.",
    )
