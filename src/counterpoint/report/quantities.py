"""Which scores a sweep is shown by, and what guessing the base rates would score."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from counterpoint.findings.words import figure
from counterpoint.fit.result import SweepFit


@dataclass(frozen=True)
class Quantity:
    """A score as the table of scores names it, and as a reader sees it."""

    name: str
    label: str


ACCURACY = Quantity("accuracy", "accuracy")


def log_loss_of(fit: SweepFit) -> Quantity:
    """Log loss, by the name it goes by in this sweep: calibrated where the loss gives no odds."""
    return _probability_score(fit, "log_loss", "log loss")


def scores_of(fit: SweepFit) -> tuple[Quantity, Quantity, Quantity]:
    """Accuracy, log loss and Brier score of a sweep."""
    return ACCURACY, log_loss_of(fit), _probability_score(fit, "brier", "Brier score")


def base_rate(fit: SweepFit, quantity: Quantity) -> float:
    """Score, on the held-out rows, of predicting the training classes' shares for every row.

    With training shares p and held-out shares q: accuracy q_k for the class k of the largest p,
    log loss -sum_j q_j ln p_j, Brier score sum_j p_j^2 - 2 sum_j q_j p_j + 1.
    """
    p, q = fit.facts.class_share, fit.facts.held_out_share
    if quantity.name == "accuracy":
        return float(q[p.argmax()])
    if quantity.name.startswith("brier"):
        return float(p @ p - 2.0 * q @ p + 1.0)
    seen = q > 0.0
    with np.errstate(divide="ignore"):
        return float(-(q[seen] @ np.log(p[seen])))


def score_text(value: float) -> str:
    """Write a score with three decimals.

    Examples
    --------
    >>> [score_text(v) for v in (0.9604, 12.3456, -0.0004, math.inf, math.nan)]
    ['0.960', '12.346', '0.000', '∞', '–']
    """
    if math.isfinite(value):
        return f"{value:z.3f}"  # z: what rounds to zero has no sign
    return "–" if math.isnan(value) else "∞"


def training_text(value: float) -> str:
    """Write a score on the rows trained on, which may be as good as zero.

    Examples
    --------
    >>> [training_text(v) for v in (0.9604, 7.1e-10, math.nan)]
    ['0.960', '7.1e-10', '–']
    """
    return score_text(value) if not abs(value) < 1e-2 else figure(value)


def interval_text(low: float, high: float) -> str:
    """Write an interval; nothing where there is none.

    Examples
    --------
    >>> interval_text(0.95, 0.97), interval_text(math.nan, math.nan)
    ('0.950 to 0.970', '')
    """
    if math.isfinite(low) and math.isfinite(high):
        return f"{score_text(low)} to {score_text(high)}"
    return ""


def _probability_score(fit: SweepFit, name: str, label: str) -> Quantity:
    if fit.held_out.calibrated:
        return Quantity(f"{name}_calibrated", f"{label} (calibrated)")
    return Quantity(name, label)
