"""A model whose log loss is worse than giving every row the classes' shares.

**When it appears.** The interval of its log loss lies wholly above the log loss of the base rates
on these rows.

**Why.** Its probabilities tell less than nothing: over-confidence, columns that are named by the
wrong class, or labels in another order.

**What to do.** Where accuracy is below guessing too, check which class each column is of;
otherwise recalibrate.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, interval, plain_estimate, share
from counterpoint.scores.compared import Compared, ModelScores

summary = "A model's log loss is worse than that of the base rates."


def find(both: Compared, model: ModelScores) -> Finding | None:
    """Find a model that is worse than the base rates."""
    loss, base = model.scores["log_loss"], both.base["log_loss"]
    if not loss.low > base:
        return None
    accuracy = model.scores["accuracy"]
    wrong_way = bool(accuracy.high < 1.0 / len(both.classes))
    return Finding(
        name="below_base_rates",
        level="caution",
        title=f"{model.name}'s log loss is worse than that of the base rates alone",
        explanation=f"It is {figure(float(loss.value))} ({interval(loss)}); giving every row the "
        f"classes' shares has {figure(base)}. Its accuracy is {share(float(accuracy.value))}, that "
        f"of always naming the most frequent class {share(both.base['accuracy'])}.",
        evidence={
            "model": model.name,
            "log_loss": plain_estimate(loss),
            "base_log_loss": base,
            "accuracy": plain_estimate(accuracy),
        },
        remedy="Its accuracy is below guessing: check which class each column is of."
        if wrong_way
        else "Recalibrate it, or give the base rates.",
    )
