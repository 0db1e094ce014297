"""The table of a sweep, one row an alpha: numbers, before anyone formats them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from counterpoint.fit.result import SweepFit
from counterpoint.report.marks import Candidate, Marks
from counterpoint.report.quantities import Quantity, scores_of


@dataclass(frozen=True)
class Score:
    """A held-out value with its interval, and the value on the rows trained on; NaN: none."""

    quantity: Quantity
    value: float
    low: float
    high: float
    training: float


@dataclass(frozen=True)
class TableRow:
    """What a sweep found at one alpha.

    Attributes
    ----------
    scores
        Accuracy, log loss and Brier score.
    relative_gap
        Certified distance to the optimum as a share of the objective, the worst of the reported
        fit and its folds.
    settled
        Whether that meets the tolerance.
    candidate
        What held-out log loss speaks for it, if anything does.
    """

    alpha: float
    scores: tuple[Score, ...]
    data_loss: float
    penalty: float
    weight_norm: float
    nonzero: int
    relative_gap: float
    settled: bool
    candidate: Candidate | None


def table_rows(fit: SweepFit, marks: Marks) -> tuple[TableRow, ...]:
    """Rows of the table of a sweep, from the weakest to the strongest alpha."""
    columns = [_column(fit, quantity) for quantity in scores_of(fit)]
    worst = fit.fold_relative_gap.max(axis=1, initial=0.0)
    return tuple(
        TableRow(
            alpha=float(alpha),
            scores=tuple(column[i] for column in columns),
            data_loss=float(fit.data_loss[i]),
            penalty=float(fit.penalty[i]),
            weight_norm=float(fit.weight_norm[i]),
            nonzero=int(fit.nonzero[i]),
            relative_gap=float(max(worst[i], fit.relative_gap[i])),
            settled=bool(fit.converged[i]),
            candidate=marks.at(float(alpha)),
        )
        for i, alpha in enumerate(fit.alphas)
    )


def _column(fit: SweepFit, quantity: Quantity) -> list[Score]:
    held_out = fit.curve(quantity.name).fill_null(math.nan)
    training = fit.curve(quantity.name, "train")["value"].to_list()
    values: Sequence[float] = training or [math.nan] * len(held_out)
    return [
        Score(quantity, value, low, high, on_training)
        for (value, low, high), on_training in zip(
            held_out.select("value", "low", "high").iter_rows(), values, strict=True
        )
    ]
