"""A model whose log loss is worse than giving every row the classes' shares.

**When it appears.** The interval of its log loss lies wholly above the log loss of the base rates
on these rows, by more than what base rates gain by being fitted to the rows they are judged on
(the 95% quantile of chi-square with K − 1 degrees of freedom, over 2n; Wilks 1938). Where all rows
are of one class, base rates know the answer, and nothing is said. Where the log loss is infinite,
that is said instead, unless accuracy is below guessing too.

**Why.** Its probabilities tell less than nothing: over-confidence, columns that are named by the
wrong class, or labels in another order.

**What to do.** Where accuracy is below guessing too, check which class each column is of;
otherwise recalibrate.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, interval, plain_estimate, share
from counterpoint.scores.compared import Compared, ModelScores

summary = "A model's log loss is worse than that of the base rates."


def find(both: Compared, model: ModelScores) -> Finding | None:
    """Find a model that is worse than the base rates."""
    loss, base = model.scores["log_loss"], both.base["log_loss"]
    classes = np.count_nonzero(both.class_share)
    if classes < 2:
        return None
    hindsight = chdtri(classes - 1, 0.05) / (2.0 * both.n_effective)
    if not loss.low > base + hindsight:
        return None
    accuracy = model.scores["accuracy"]
    wrong_way = bool(accuracy.high < 1.0 / len(both.classes))
    if model.ruled_out and not wrong_way:
        return None
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
