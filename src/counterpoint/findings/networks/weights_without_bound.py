"""Weights grow without bound: members left the range of numbers, or are on their way.

**When it appears.** A member's data loss or weights are infinite or no number at its last epoch.
Such a member is taken out of the batch, and its history ends there. Or, as a caution, the norm of a
member's weights rose in each of the last epochs, half of all, and more than doubled over them.

**Why.** The steps were larger than the loss can bear: a learning rate that is too high, or one that
with its alpha makes |1 - rate * alpha| exceed one, so that each step multiplies the weights. Where
a network gets all its training rows right, weights also grow for ever, but ever more slowly: that
does not double them late in a training.

**What to do.** Lower the learning rate; keep rate * alpha below 2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, listing, strength
from counterpoint.fit.nets.result import PopulationFit

summary = "Weights grow without bound, or became infinite."

#: Growth over the last half of the epochs from which on it is told.
DOUBLED = 2.0
#: Epochs, of which half are looked at, below which a start can't be told from a trend.
ENOUGH_EPOCHS = 6


def find(fit: PopulationFit) -> Finding | None:
    """Find members whose numbers ended, or else those whose weights are on the way."""
    members = np.arange(len(fit.last_epoch))
    loss = fit.history.curve("train", "data_loss")[fit.last_epoch, members]
    gone = np.flatnonzero(~np.isfinite(loss))
    return _ended(fit, gone) if len(gone) else _growing(fit)


def _ended(fit: PopulationFit, gone: npt.NDArray[np.intp]) -> Finding:
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
        title=f"{count(len(gone), 'member')} of {len(fit.last_epoch):,} left the range of numbers",
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


def _growing(fit: PopulationFit) -> Finding | None:
    """The member whose weights grew most over the last half of its epochs, where that is a lot."""
    norms = [
        fit.history.curve(*column)
        for column in fit.history.columns
        if column[1].startswith("weight_norm[")
    ]
    total = np.sqrt(np.sum(np.square(norms), axis=0))  # (epochs + 1, members)
    grown = [_growth(total[: last + 1, m]) for m, last in enumerate(fit.last_epoch)]
    member = int(np.argmax(grown))
    if grown[member] <= DOUBLED:
        return None
    last = int(fit.last_epoch[member])
    alpha, seed = fit.settings.members[member]
    start, end = (float(total[epoch, member]) for epoch in (last - last // 2, last))
    return Finding(
        name="weights_without_bound",
        level="caution",
        title=f"Weights go on growing at alpha {strength(alpha)}: {figure(end / start)} times as "
        f"large over the last {last // 2} epochs",
        explanation=f"From epoch {last - last // 2} to {last} the norm of all weights rose in "
        f"every epoch, from {figure(start)} to {figure(end)}. So it did, to more than double, in "
        f"{sum(g > DOUBLED for g in grown)} of {count(len(grown), 'member')}.",
        evidence={"alpha": alpha, "seed": seed, "norm_before": start, "norm_at_end": end},
        remedy="Lower the learning rate, or keep rate times alpha below 2; look at data loss and "
        "penalty apart.",
        doubt="Weights that still find their size grow too; more epochs would show whether they "
        "level off.",
    )


def _growth(norm: npt.NDArray[np.float64]) -> float:
    """Factor by which a norm grew over the last half of the epochs; 1 where it fell in between."""
    if len(norm) <= ENOUGH_EPOCHS:
        return 1.0
    half = norm[-1 - (len(norm) - 1) // 2 :]
    return float(half[-1] / half[0]) if (np.diff(half) > 0).all() and half[0] > 0 else 1.0
