"""A model whose probabilities recalibration would improve.

**When it appears.** The interval of the miscalibration of log loss leaves zero out, and what
recalibration would gain is more than 1% of the log loss. Where all rows are of one class nothing is
said: recalibration would name that class. Nor is it where the log loss is infinite, which is a
finding of its own.

**Why.** A probability should be what it says: of the rows given 0.8, four in five should come true.
Where they don't, a map of the probabilities, the same for all rows, lowers the loss without any
new information. The lower end of the interval comes from maps fitted on other rows than those they
are judged on, so that it is a gain to be had and not one of hindsight.

**What to do.** Recalibrate on rows that took no part in training: isotonic regression or a
multiplier of the logits (temperature).
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.compared.words import sureness
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, interval, percent, plain, plain_estimate
from counterpoint.scores.compared import Compared, ModelScores

summary = "Recalibration would lower a model's loss."

#: Share of the log loss that a gain must be to be worth a finding.
WORTH = 0.01


def find(both: Compared, model: ModelScores) -> Finding | None:
    """Find a model that is miscalibrated."""
    if model.study is None or model.ruled_out or np.count_nonzero(both.class_share) < 2:
        return None
    parts, loss = model.study.parts["log_loss"], float(model.scores["log_loss"].value)
    least = float(parts.miscalibration.low)
    if not least > WORTH * loss:
        return None
    brier = model.study.parts["brier"].miscalibration
    how = (
        "isotonic regression" if len(both.classes) == 2 else "a scale and an offset for each class"
    )
    return Finding(
        name="miscalibrated",
        level="note",
        title=f"{model.name} is miscalibrated: recalibration would take at least "
        f"{percent(least / loss)} off its log loss",
        explanation=f"Of its log loss {figure(loss)}, "
        f"{figure(plain(parts.miscalibration.value))} is miscalibration "
        f"({interval(parts.miscalibration)}; by {how}), and {figure(plain(brier.value))} of its "
        f"Brier score ({interval(brier)}). {sureness(model.name, model.study.scale)}.",
        evidence={
            "model": model.name,
            "miscalibration": plain_estimate(parts.miscalibration),
            "discrimination": plain_estimate(parts.discrimination),
            "uncertainty": plain_estimate(parts.uncertainty),
            "brier_miscalibration": plain_estimate(brier),
            "best_factor": plain(model.study.scale.factor),
        },
        remedy="Recalibrate it on rows that took no part in its training.",
    )
