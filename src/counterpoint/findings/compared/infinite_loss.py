"""A model gave the true class of some rows a probability of 0.

**When it appears.** At least one row's true class was given 0.

**Why.** The log loss of such a row is infinite: what was said to be impossible happened. It is
counted here as 708.4, the logarithm of the smallest double-precision number, so that the mean is
finite; it then says more of that convention than of the model. Hard labels (0 and 1), votes of few
trees and probabilities that were rounded when they were written give such zeros.

**What to do.** Keep probabilities away from 0 (recalibrate, or add a little to each), write more
digits; or go by the Brier score.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure
from counterpoint.scores.compared import Compared, ModelScores
from counterpoint.scores.proper import SCORES

summary = "A true class was given a probability of 0: log loss is infinite."


def find(both: Compared, model: ModelScores) -> Finding | None:
    """Find a model that ruled out what happened."""
    if model.ruled_out == 0:
        return None
    loss, ceiling = float(model.scores["log_loss"].value), SCORES["log_loss"].greatest
    of_them = model.ruled_out_weight * ceiling / both.weight
    ruled_out = count(model.ruled_out, "true class", "true classes")
    return Finding(
        name="infinite_loss",
        level="problem",
        title=f"{model.name}'s log loss is infinite: {ruled_out} had a probability of 0",
        explanation=f"Such a row is counted as {ceiling:.1f}, so that the mean is finite: of its "
        f"log loss {figure(loss)}, about {figure(of_them)} is that convention. Accuracy and Brier "
        "score are not touched.",
        evidence={"model": model.name, "rows": model.ruled_out, "n": both.n, "log_loss": loss},
        remedy="Go by the Brier score, or keep probabilities away from 0: more digits where they "
        "were rounded, recalibration or a little added to each where the model says 0.",
    )
