"""How much of the objective that was minimised is penalty.

**When it appears.** At some strength the penalty is more than half of the objective at the last
epoch.

**Why it matters.** A program that prints the objective as 'the loss' prints mostly the size of
the weights there. It may rise while the data loss falls, and two such losses at different strengths
can't be compared. Here the two parts are kept apart.

**What to do.** Compare data losses, or validation scores.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, percent, plain, strength
from counterpoint.fit.nets.result import PopulationFit

summary = "How much of the objective is penalty."

#: Share of the objective from which on it is told.
MOSTLY = 0.5


def find(fit: PopulationFit) -> Finding | None:
    """Find the weakest alpha whose objective is mostly penalty."""
    if not fit.history.has("train", "penalty"):
        return None
    members = np.arange(len(fit.last_epoch))

    def by_alpha(quantity: str) -> np.ndarray:
        last = fit.history.curve("train", quantity)[fit.last_epoch, members]
        return np.asarray(last.reshape(len(fit.alphas), -1).mean(axis=1))

    penalty, data_loss = by_alpha("penalty"), by_alpha("data_loss")
    with np.errstate(invalid="ignore", divide="ignore"):
        part = penalty / (penalty + data_loss)
    mostly = np.flatnonzero(part > MOSTLY)
    if not len(mostly):
        return None
    first, top = int(mostly[0]), int(np.nanargmax(part))
    weakest, whole = strength(float(fit.alphas[first])), plain(penalty[first] + data_loss[first])
    return Finding(
        name="penalty_in_objective",
        level="note",
        title=f"At alpha {weakest} {percent(float(part[first]))} of the objective is penalty",
        explanation=f"At alpha {weakest} the objective {figure(whole)} "
        f"is a data loss of {figure(plain(data_loss[first]))} and a penalty of "
        f"{figure(plain(penalty[first]))}."
        + (
            f" The share is largest at alpha {strength(float(fit.alphas[top]))}, "
            f"{percent(float(part[top]))}."
            if top != first
            else ""
        ),
        evidence={
            "alphas": fit.alphas.tolist(),
            "penalty": [plain(value) for value in penalty],
            "data_loss": [plain(value) for value in data_loss],
        },
        remedy="Compare data losses or validation scores; the objective is no measure of fit.",
    )
