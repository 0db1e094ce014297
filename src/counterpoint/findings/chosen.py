"""The strengths that a sweep's held-out log loss speaks for, and their scores.

The rules are those that `counterpoint.findings.choice` tells of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from counterpoint.findings.held_out import change, mean_log_loss
from counterpoint.findings.once import once
from counterpoint.findings.plateau import indifferent_range
from counterpoint.findings.words import figure, interval, plain, strength
from counterpoint.fit.result import SweepFit
from counterpoint.scores import Estimate, fold_standard_error, mean_interval


@dataclass(frozen=True)
class StrengthScores:
    """One alpha and its held-out scores, with 95% intervals (None where there is none)."""

    index: int
    alpha: float
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    log_loss: float | None
    log_loss_low: float | None
    log_loss_high: float | None
    brier: float | None
    brier_low: float | None
    brier_high: float | None
    weight_norm: float | None
    nonzero: int


@dataclass(frozen=True)
class Choice:
    """The strengths that held-out log loss speaks for.

    Attributes
    ----------
    best
        The alpha with the least held-out log loss; the strongest of equals.
    one_se
        The strongest alpha, without a gap from ``best`` on, within one standard error of it.
    recommended
        ``one_se`` where its extra log loss can't be told from zero by the paired interval, else
        ``best``.
    reason : str
        Why that one, in a sentence.
    standard_error : float or None
        Of the best's log loss.
    standard_error_from
        ``folds`` (spread over them) or ``rows``.
    indifferent_low, indifferent_high : float
        Accuracy can't tell the alphas between them from the most accurate.
    at_edge
        Which end of the grid ``best`` is at, if any.
    calibrated : bool
        Whether log loss and Brier score come from calibration on other folds.
    """

    best: StrengthScores
    one_se: StrengthScores
    recommended: StrengthScores
    reason: str
    standard_error: float | None
    standard_error_from: Literal["folds", "rows"]
    indifferent_low: float
    indifferent_high: float
    at_edge: Literal["weak", "strong"] | None
    calibrated: bool

    @property
    def alpha(self) -> float:
        """Strength with the least held-out log loss."""
        return self.best.alpha

    @property
    def alpha_one_se(self) -> float:
        """Strongest within one standard error of it."""
        return self.one_se.alpha


@once
def choose(fit: SweepFit) -> Choice:
    """Pick the strengths that held-out log loss speaks for.

    Parameters
    ----------
    fit
        One loss and penalty over its alphas.
    """
    losses = mean_log_loss(fit)
    m = len(losses)
    # Zero weights make equal models at many alphas: equal but for rounding counts as equal.
    best = int(np.flatnonzero(losses <= losses.min() * (1.0 + 1e-12))[-1])
    error, source = _standard_error(fit, best)
    within = losses[best:] <= losses[best] + (error or 0.0)
    last = best + (m - best if within.all() else int(np.argmin(within))) - 1
    extra = change(fit, best, fit, last).log_loss
    stronger = last > best and bool(extra.low <= 0)
    flat = indifferent_range(fit)
    at_edge: Literal["weak", "strong"] | None = None
    if m > 1 and best in (0, m - 1):
        at_edge = "weak" if best == 0 else "strong"
    first, second = _point(fit, best), _point(fit, last)
    return Choice(
        best=first,
        one_se=second,
        recommended=second if stronger else first,
        reason=_reason(first, second, extra, stronger),
        standard_error=error,
        standard_error_from=source,
        indifferent_low=float(fit.alphas[flat.first]),
        indifferent_high=float(fit.alphas[flat.last]),
        at_edge=at_edge,
        calibrated=fit.held_out.calibrated,
    )


def _standard_error(fit: SweepFit, index: int) -> tuple[float | None, Literal["folds", "rows"]]:
    held = fit.held_out
    if np.unique(held.fold[held.weight > 0]).size >= 3:
        error = fold_standard_error(held.log_loss[index], held.fold, held.weight)
        return plain(error), "folds"
    return plain(mean_interval(held.log_loss[index], held.weight).standard_error), "rows"


def _point(fit: SweepFit, index: int) -> StrengthScores:
    suffix = "_calibrated" if fit.held_out.calibrated else ""

    def scored(quantity: str) -> tuple[float | None, float | None, float | None]:
        _, value, low, high = fit.curve(quantity).row(index)
        return _known(value), _known(low), _known(high)

    accuracy, accuracy_low, accuracy_high = scored("accuracy")
    log_loss, log_loss_low, log_loss_high = scored(f"log_loss{suffix}")
    brier, brier_low, brier_high = scored(f"brier{suffix}")
    return StrengthScores(
        index=index,
        alpha=float(fit.alphas[index]),
        accuracy=accuracy,
        accuracy_low=accuracy_low,
        accuracy_high=accuracy_high,
        log_loss=log_loss,
        log_loss_low=log_loss_low,
        log_loss_high=log_loss_high,
        brier=brier,
        brier_low=brier_low,
        brier_high=brier_high,
        weight_norm=plain(fit.weight_norm[index]),
        nonzero=int(fit.nonzero[index]),
    )


def _known(value: float | None) -> float | None:
    return None if value is None else plain(value)


def _reason(best: StrengthScores, one_se: StrengthScores, extra: Estimate, stronger: bool) -> str:
    if one_se.index == best.index:
        return "it has the least log loss, and no stronger one is within one standard error of it"
    cost = f"{figure(plain(extra.value))} ({interval(extra)}, paired)"
    if stronger:
        return (
            f"it is the strongest within one standard error of the least log loss, and its extra "
            f"log loss of {cost} can't be told from nothing"
        )
    return (
        f"the stronger alpha {strength(one_se.alpha)} costs a log loss of {cost}, and that "
        "interval leaves zero out"
    )
