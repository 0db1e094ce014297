"""What the penalties do under each loss: zeros, weight size, and the meaning of alpha.

**When it appears.** With two or more fits to the same rows. Nothing is tested here: the numbers
are those of the fits themselves, which are certified.

**Zeros.** The L1 part has a kink at zero. A weight stays exactly zero while the slope of the data
loss in it is below alpha·l1_ratio, whatever the loss; so L1 and elastic net select features under
every loss, and L2 under none. How many it leaves at a given alpha does depend on the loss, through
its slope.

**Strengths.** The same alpha is not the same strength under two losses. The data loss resists the
penalty by its slope and curvature, and these differ: at z = 0 the logistic loss bends by 1/4, the
squared loss by 1. So each loss is also shown at the alpha where it has given up half of its
improvement on the base rates (interpolated in log alpha), and their ratio is the factor between
the scales.

**What to do.** Tune alpha anew for each loss and penalty.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from counterpoint.findings.chosen import choose
from counterpoint.findings.collapse import lost_share
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import mean_accuracy, mean_log_loss
from counterpoint.findings.words import (
    listing,
    loss_word,
    penalty_word,
    percent,
    plain,
    roughly,
    strength,
)
from counterpoint.fit.result import SweepFit

summary = "What each penalty does to the weights under each loss."

#: Multiples of the recommended strength at which the fits are compared as well.
BEYOND = (1, 10, 100)


def find(fits: Sequence[SweepFit]) -> Finding | None:
    """Set zeros, weight size and the scale of alpha side by side."""
    if len(fits) < 2:
        return None
    groups: dict[str, list[SweepFit]] = {}
    for fit in fits:
        groups.setdefault(penalty_word(fit), []).append(fit)
    sentences = [
        sentence(label, group)
        for label, group in groups.items()
        for sentence in (_zeros, _sizes, _scales)
    ]
    return Finding(
        name="side_by_side",
        level="note",
        title=_title(groups),
        explanation=" ".join(filter(None, sentences)),
        evidence={"fits": [_row(fit) for fit in fits]},
        remedy="Tune alpha anew for each loss and penalty: a value found for one says little "
        "about another.",
    )


def half_alpha(fit: SweepFit) -> float | None:
    """Alpha at which half of the improvement on the base rates is given up.

    Linear between grid points in log alpha. None where the grid does not reach it.
    """
    if fit.base_rate_loss <= fit.data_loss.min():
        return None
    lost = lost_share(fit)
    if not lost[-1] >= 0.5 > lost[0]:
        return None
    after = int(np.flatnonzero(lost < 0.5)[-1]) + 1
    part = (0.5 - lost[after - 1]) / (lost[after] - lost[after - 1])
    low, high = np.log10(fit.alphas[after - 1 : after + 1])
    return float(10.0 ** (low + part * (high - low)))


def beyond(fit: SweepFit) -> dict[int, int]:
    """Index of the recommended alpha (1) and of ten (10) and a hundred (100) times it.

    The nearest of the grid counts if it is within a quarter of a decade.
    """
    start = choose(fit).recommended.alpha
    decades = np.log10(fit.alphas / start)
    nearest = {factor: int(np.abs(decades - np.log10(factor)).argmin()) for factor in BEYOND}
    return {
        factor: index
        for factor, index in nearest.items()
        if abs(decades[index] - np.log10(factor)) <= 0.25
    }


def _title(groups: dict[str, list[SweepFit]]) -> str:
    fits = [fit for group in groups.values() for fit in group]
    losses = {fit.loss for fit in fits}
    several = len(losses) > 1
    sparse = [
        label
        for label, group in groups.items()
        if losses == {fit.loss for fit in group if _has_zeros(fit)}
    ]
    if sparse and several:
        verb = "sets" if len(sparse) == 1 else "set"
        return f"{listing(sparse)} {verb} weights to exactly zero under every loss"
    if several:
        return "One alpha is not the same strength under two losses"
    return "What each penalty leaves of the weights"


def _zeros(label: str, group: list[SweepFit]) -> str:
    """How many weights this penalty keeps under each loss, at its strength and beyond."""
    if not any(_has_zeros(fit) for fit in group):
        return f"{label} keeps all {_weights(group[0])} weights at every strength."
    places = [beyond(fit) for fit in group]
    shared = [factor for factor in BEYOND if all(factor in place for place in places)]
    parts = [
        listing([str(fit.nonzero[place[factor]]) for factor in shared]) + _under(fit, group)
        for fit, place in zip(group, places, strict=True)
    ]
    return (
        f"Of {_weights(group[0])} weights {label} keeps {'; '.join(parts)} (at "
        f"{listing([str(factor) for factor in shared])} times the recommended strength)."
    )


def _sizes(label: str, group: list[SweepFit]) -> str:
    """What ten times the strength leaves of the weight norm."""
    parts = []
    for fit in group:
        index = beyond(fit)
        if 10 in index and fit.weight_norm[index[1]] > 0:
            left = float(fit.weight_norm[index[10]] / fit.weight_norm[index[1]])
            parts.append(percent(left) + _under(fit, group))
    return f"Ten times the strength leaves {listing(parts)} of the weight norm." if parts else ""


def _under(fit: SweepFit, group: list[SweepFit]) -> str:
    return f" under {loss_word(fit)}" if len(group) > 1 else ""


def _scales(label: str, group: list[SweepFit]) -> str:
    """Where each loss has given up half of its gain, and the factor between them."""
    halves = {loss_word(fit): half for fit in group if (half := half_alpha(fit)) is not None}
    if len(halves) < 2:
        return ""
    factor = max(halves.values()) / min(halves.values())
    where = listing([f"{strength(half)} under {loss}" for loss, half in halves.items()])
    return (
        f"With {label} half of the gain on the base rates is given up at alpha {where}: a factor "
        f"of {roughly(factor)}."
    )


def _weights(fit: SweepFit) -> int:
    """Weights that can be other than zero: those of columns that vary."""
    return int(fit.coef.shape[1]) * (int(fit.coef.shape[2]) - len(fit.facts.constant))


def _has_zeros(fit: SweepFit) -> bool:
    return bool((fit.nonzero < _weights(fit)).any())


def _row(fit: SweepFit) -> dict[str, object]:
    accuracy, log_loss = mean_accuracy(fit), mean_log_loss(fit)
    return {
        "loss": fit.loss,
        "penalty": fit.penalty_name,
        "l1_ratio": fit.l1_ratio,
        "weights": _weights(fit),
        "half_alpha": half_alpha(fit),
        "calibrated": fit.held_out.calibrated,
        "at_multiples_of_recommended": [
            {
                "factor": factor,
                "alpha": float(fit.alphas[index]),
                "nonzero": int(fit.nonzero[index]),
                "weight_norm": plain(fit.weight_norm[index]),
                "accuracy": plain(accuracy[index]),
                "log_loss": plain(log_loss[index]),
            }
            for factor, index in beyond(fit).items()
        ],
    }
