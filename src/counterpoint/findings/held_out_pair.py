"""Held-out log loss and accuracy of one alpha, as the pair that they are."""

from __future__ import annotations

import numpy as np

from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.words import figure
from counterpoint.fit.result import SweepFit
from counterpoint.scores import mean_interval


def held_out_pair(fit: SweepFit, index: int) -> Pair | None:
    """Held-out log loss and accuracy at one alpha; None where the loss is not finite."""
    held = fit.held_out
    loss = mean_interval(held.log_loss[index], held.weight)
    accuracy = mean_interval(held.correct[index].astype(float), held.weight)
    error = float(loss.high - loss.value)
    if not (np.isfinite(loss.value) and np.isfinite(error)):
        return None
    return Pair(
        loss_name="log",
        n_classes=len(fit.classes),
        loss=float(loss.value),
        accuracy=float(np.clip(accuracy.value, 0.0, 1.0)),
        samples=max(1, round(loss.n_effective)),
        prior=tuple(float(s) for s in fit.facts.held_out_share / fit.facts.held_out_share.sum()),
        measured_error=error,
    )


def within_band(fit: SweepFit, index: int) -> str:
    """A sentence where the log loss goes with its accuracy; empty where it does not."""
    pair = held_out_pair(fit, index)
    if pair is None or pair.place != "inside":
        return ""
    low, high = map(float, pair.band)
    how = "is in" if low <= pair.known_loss <= high else "can't be told from"
    return (
        f"At this accuracy a calibrated model's log loss is between {figure(low)} and "
        f"{figure(high)}; {figure(pair.known_loss)} {how} that band."
    )
