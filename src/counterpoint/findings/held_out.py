"""What the held-out rows say of one fit, and of two fits set side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.findings.once import once
from counterpoint.findings.words import plain, plain_estimate
from counterpoint.fit.result import SweepFit
from counterpoint.objective import loss_named
from counterpoint.scores import (
    Estimate,
    Flips,
    cross_fitted_probabilities,
    flips,
    mcnemar,
    mean_interval,
    paired_difference,
)
from counterpoint.scores.paired import rows_to_show
from counterpoint.scores.parts import Parts, loss_rows, parts_of

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """How held-out predictions and scores differ between two fits on the same rows.

    Attributes
    ----------
    flips
        Rows that went from wrong to right (b), from right to wrong (c), from one wrong class to
        another (d).
    p
        McNemar's, of b against c.
    same : int
        Rows with the same prediction.
    accuracy, log_loss, brier, own_loss
        After minus before, paired by row.
    """

    flips: Flips
    p: float
    same: int
    accuracy: Estimate
    log_loss: Estimate
    brier: Estimate
    own_loss: Estimate

    @property
    def rows_needed(self) -> int | None:
        """Held-out rows that would show this change of accuracy, were it real, at 80% power."""
        return rows_to_show(self.accuracy, self.flips.n)

    def evidence(self) -> dict[str, object]:
        """The numbers, as plain values."""
        return {
            "n": self.flips.n,
            "same_prediction": self.same,
            "b": self.flips.b,
            "c": self.flips.c,
            "d": self.flips.d,
            "mcnemar_p": plain(self.p),
            "accuracy_change": plain_estimate(self.accuracy),
            "log_loss_change": plain_estimate(self.log_loss),
            "brier_change": plain_estimate(self.brier),
        }


def change(before: SweepFit, i: int, after: SweepFit, j: int) -> Change:
    """Compare the fits at two alphas, of one sweep or of two on the same rows.

    Parameters
    ----------
    before, after
        The sweeps; may be the same.
    i, j
        Index of the alpha in each. Rows without weight are left out.
    """
    one, two = before.held_out, after.held_out
    counts = one.weight > 0
    weight = one.weight[counts]

    def paired(old: npt.NDArray[np.generic], new: npt.NDArray[np.generic]) -> Estimate:
        return paired_difference(old[counts], new[counts], weight)

    old, new = one.predicted[i][counts], two.predicted[j][counts]
    flipped = flips(old, new, one.label_index[counts], weight)
    return Change(
        flips=flipped,
        p=mcnemar(flipped.b, flipped.c),
        same=int((old == new).sum()),
        accuracy=paired(one.correct[i].astype(float), two.correct[j].astype(float)),
        log_loss=paired(one.log_loss[i], two.log_loss[j]),
        brier=paired(one.brier[i], two.brier[j]),
        own_loss=paired(one.own_loss[i], two.own_loss[j]),
    )


def differs(estimate: Estimate) -> bool:
    """Whether the interval of a change leaves zero out."""
    return bool(estimate.low > 0 or estimate.high < 0)


@once
def mean_log_loss(fit: SweepFit) -> Array:
    """Held-out log loss at each alpha, (m,); infinite where it is not a number."""
    value = mean_interval(fit.held_out.log_loss, fit.held_out.weight).value
    return np.where(np.isnan(value), np.inf, value)


def mean_own_loss(fit: SweepFit) -> Array:
    """Held-out mean of the loss that was fitted at each alpha, (m,)."""
    return mean_interval(fit.held_out.own_loss, fit.held_out.weight).value


def mean_accuracy(fit: SweepFit) -> Array:
    """Held-out accuracy at each alpha, (m,)."""
    return mean_interval(fit.held_out.correct.astype(float), fit.held_out.weight).value


def probability(fit: SweepFit, index: int) -> Array:
    """Held-out probabilities at one alpha, (N, classes); calibrated where the loss has none."""
    held, n_classes = fit.held_out, len(fit.classes)
    raw = held.raw[index]
    own = loss_named(fit.loss, n_classes).probability(raw)
    if own is not None:
        return np.ascontiguousarray(own.T)
    return cross_fitted_probabilities(raw, held.label_index, held.fold, n_classes, held.weight)


def log_loss_parts(fit: SweepFit, index: int) -> Parts:
    """The parts of the held-out log loss at one alpha; rows without weight are left out."""
    held = fit.held_out
    counts = held.weight > 0
    weight = held.weight[counts]
    rows = loss_rows(probability(fit, index)[counts], held.label_index[counts], weight)
    return parts_of(rows["log_loss"], weight)


def majority_share(fit: SweepFit) -> float:
    """Held-out accuracy of always naming the class that is most frequent in training."""
    return float(fit.facts.held_out_share[int(fit.facts.class_share.argmax())])


def log_loss_name(fit: SweepFit) -> str:
    """Log loss, and that it was calibrated where the loss has no probabilities of its own."""
    return "log loss (after calibration)" if fit.held_out.calibrated else "log loss"
