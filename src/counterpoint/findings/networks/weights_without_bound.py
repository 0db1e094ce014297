"""Members left the range of numbers: weights or outputs became infinite.

**When it appears.** A member's data loss or weights are infinite or no number at its last epoch.
Such a member is taken out of the batch, and its history ends there.

**Why.** The steps were larger than the loss can bear: a learning rate that is too high, or one that
with its alpha makes |1 - rate * alpha| exceed one, so that each step multiplies the weights.

**What to do.** Lower the learning rate; keep rate * alpha below 2.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, listing, strength
from counterpoint.fit.nets.result import PopulationFit

summary = "Weights or outputs became infinite."


def find(fit: PopulationFit) -> Finding | None:
    """Find members whose numbers ended."""
    members = np.arange(len(fit.last_epoch))
    loss = fit.history.curve("train", "data_loss")[fit.last_epoch, members]
    gone = np.flatnonzero(~np.isfinite(loss))
    if not len(gone):
        return None
    alphas = sorted({fit.settings.members[m][0] for m in gone})
    rate = max(fit.settings.rates)
    # |1 - rate alpha| > 1 multiplies the weights at every step, where that is what is done.
    shrinks = fit.settings.optimiser == "sgd" or fit.settings.penalty == "decay"
    ridge = (1.0 - fit.settings.l1_ratio) * shrinks
    driven = [a for a in alphas if rate * a * ridge > 2.0]
    by_penalty = len(driven) == len(alphas)
    when = int(fit.last_epoch[gone].min())
    return Finding(
        name="weights_without_bound",
        level="problem",
        title=f"{count(len(gone), 'member')} of {len(members):,} left the range of numbers",
        explanation=f"From epoch {when} on members at alpha "
        f"{listing([strength(a) for a in alphas])} have an infinite loss or none. "
        + (
            "There rate times alpha exceeds 2, so that the penalty's own step multiplies the "
            "weights by more than one, with changing sign."
            if by_penalty
            else "Their steps were longer than the loss can bear: the learning rate is too high."
        ),
        evidence={
            "members": [list(fit.settings.members[m]) for m in gone],
            "first_epoch": when,
            "rate": rate,
            "alphas_with_rate_alpha_above_2": driven,
        },
        remedy="Keep rate times alpha below 2: lower the rate or leave those alphas out."
        if by_penalty
        else "Lower the learning rate, or scale the columns.",
    )
