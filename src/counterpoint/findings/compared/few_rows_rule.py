"""A few rows hold much of a model's log loss.

**When it appears.** The ten costliest of at least 200 rows make half of the log loss or
more. Where the log loss is infinite, that is said instead.

**Why.** Log loss has no ceiling: a true class that was given a probability of 1e-6 costs 13.8.
Mean and interval then hang on whether a few such rows are in the sample.

**What to do.** Look at the rows: wrong labels are common among them. Quote the Brier score beside
the log loss.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, percent
from counterpoint.scores.compared import Compared, ModelScores

summary = "A few rows hold much of a model's log loss."

#: Rows below which ten are not few, and the share of the loss that is much.
ENOUGH = 200
MUCH = 0.5


def find(both: Compared, model: ModelScores) -> Finding | None:
    """Find a model whose costliest rows rule its log loss."""
    at = both.models.index(model)
    worst = model.costliest
    held = sum(both.share_of_loss(at, row) for row in worst)
    if both.n < ENOUGH or held < MUCH or model.ruled_out:
        return None
    top = worst[0]
    return Finding(
        name="few_rows_rule",
        level="caution",
        title=f"{count(len(worst), 'row')} of {both.n:,} make {percent(held)} of {model.name}'s "
        "log loss",
        explanation=f"The costliest row alone costs {figure(top.log_loss[at])}, where the mean is "
        f"{figure(float(model.scores['log_loss'].value))}: its true class "
        f"{both.classes[top.label]!r} was given {figure(top.probability[at])}.",
        evidence={
            "model": model.name,
            "share": held,
            "rows": [row.row for row in worst],
            "log_loss": [row.log_loss[at] for row in worst],
        },
        remedy="Look at these rows, wrong labels are common among them; keep probabilities away "
        "from 0; and go by the Brier score where a few such rows should not decide.",
        doubt="Its interval takes such rows to be seen often enough to average out; with so few of "
        "them it is too narrow.",
    )
