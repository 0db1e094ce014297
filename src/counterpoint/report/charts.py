"""Charts of one sweep over alpha: its scores, the parts of its objective, and its weights.

Each is a Vega-Lite specification with its data in it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from counterpoint.findings.words import figure, strength
from counterpoint.fit.result import Array, SweepFit
from counterpoint.report import layers
from counterpoint.report.axes import alpha_axis, linear_axis, log_axis, place_across
from counterpoint.report.candidates import candidate_lines
from counterpoint.report.marks import NO_MARKS, Marks
from counterpoint.report.quantities import (
    ACCURACY,
    Quantity,
    base_rate,
    interval_text,
    score_text,
    scores_of,
)
from counterpoint.report.theme import Spec, stacked

WIDTH = 720
HEIGHT = 170
HELD_OUT, TRAINED = "held out, 95% interval", "on training rows"
FLAT = "accuracy can't be told from constant"


def scores_chart(fit: SweepFit, marks: Marks = NO_MARKS, width: int = WIDTH) -> Spec:
    """Accuracy, log loss and Brier score over alpha, held out and on the rows trained on.

    Parameters
    ----------
    fit
    marks
        The choice and the flat range, where they are to be shown.
    width
        Of the plot, in pixels.
    """
    quantities = scores_of(fit)
    return stacked(
        [
            _score_panel(fit, quantity, marks, width, first=quantity is ACCURACY, last=i == 2)
            for i, quantity in enumerate(quantities)
        ]
    )


def objective_chart(fit: SweepFit, marks: Marks = NO_MARKS, width: int = WIDTH) -> Spec:
    """Data loss and penalty, apart, over alpha; both axes in powers of ten."""
    height = HEIGHT + 60
    parts = {"data loss": fit.data_loss, "penalty": fit.penalty}
    rows = [
        {"alpha": float(alpha), "value": float(value), "series": name}
        for name, values in parts.items()
        for alpha, value in zip(fit.alphas, values, strict=True)
        if value > 0.0  # zero has no place on a log scale
    ]
    shown = [*fit.data_loss, *fit.penalty, fit.base_rate_loss]
    y = log_axis(shown, height, "part of the objective")
    notes = {
        float(a): f"alpha {strength(a)}: data loss {figure(d)}, penalty {figure(p)}"
        for a, d, p in zip(fit.alphas, fit.data_loss, fit.penalty, strict=True)
    }
    drawn = [
        *layers.reference(fit.base_rate_loss, "data loss of the base rates", y),
        *candidate_lines(fit.alphas, marks, width, labelled=True),
        *layers.lines(rows, y, list(parts)),
        layers.pointed(notes, width),
    ]
    return stacked([layers.panel(drawn, alpha_axis(fit.alphas, width), width, height)])


def weights_chart(fit: SweepFit, marks: Marks = NO_MARKS, width: int = WIDTH) -> Spec:
    """Norm of the weights, and how many are not zero, over alpha."""
    total = int(np.prod(fit.coef.shape[1:]))
    height = HEIGHT - 20
    norm = log_axis(fit.weight_norm, height, "norm of the weights")
    nonzero = linear_axis([0.0, float(total)], f"nonzero weights of {total:,}")
    return stacked(
        [
            _weight_panel(fit, fit.weight_norm, norm, marks, width, height, last=False),
            _weight_panel(fit, fit.nonzero.astype(float), nonzero, marks, width, height, last=True),
        ]
    )


def _score_panel(
    fit: SweepFit, quantity: Quantity, marks: Marks, width: int, first: bool, last: bool
) -> Spec:
    rows = [
        {**row, "series": series}
        for series, split in ((HELD_OUT, "validation"), (TRAINED, "train"))
        for row in fit.curve(quantity.name, split).fill_null(np.nan).iter_rows(named=True)
    ]
    base = base_rate(fit, quantity)
    y = linear_axis([base, *(r[k] for r in rows for k in ("value", "low", "high"))], quantity.label)
    guess = "most frequent class alone" if quantity is ACCURACY else "base rates alone"
    drawn = [
        *_flat_range(fit, marks, width, labelled=first),
        *layers.reference(base, guess, y),
        layers.interval_band(rows, y),
        *candidate_lines(fit.alphas, marks, width, labelled=first),
        *layers.lines(rows, y, [HELD_OUT, TRAINED], legend=first),
        *layers.infinities(rows),
        layers.pointed(_notes(quantity, rows), width),
    ]
    return layers.panel(drawn, alpha_axis(fit.alphas, width, labelled=last), width, HEIGHT)


def _flat_range(fit: SweepFit, marks: Marks, width: int, labelled: bool) -> list[Spec]:
    if marks.flat is None:
        return []
    start, end = (place_across(fit.alphas, alpha) for alpha in marks.flat)
    room = width * (end - start)
    return layers.shade(marks.flat, FLAT, room if labelled else 0.0, HEIGHT)


def _notes(quantity: Quantity, rows: Iterable[layers.Row]) -> dict[float, str]:
    """What a reader sees who points at an alpha."""
    notes: dict[float, str] = {}
    for row in rows:
        alpha, value = row["alpha"], score_text(row["value"])
        if row["series"] == HELD_OUT:
            interval = interval_text(row["low"], row["high"])
            notes[alpha] = f"alpha {strength(alpha)}: {quantity.label} {value} held out"
            notes[alpha] += f" ({interval})" if interval else ""
        else:
            notes[alpha] += f", {value} on training rows"
    return notes


def _weight_panel(
    fit: SweepFit,
    values: Array,
    y: Spec,
    marks: Marks,
    width: int,
    height: int,
    last: bool,
) -> Spec:
    title = y["axis"]["title"]
    pairs = [(float(a), float(v)) for a, v in zip(fit.alphas, values, strict=True)]
    logarithmic = y["scale"].get("type") == "log"
    rows = [
        {"alpha": a, "value": v, "series": title} for a, v in pairs if v > 0.0 or not logarithmic
    ]
    notes = {a: f"alpha {strength(a)}: {title}: {figure(v)}" for a, v in pairs}
    drawn = [
        *candidate_lines(fit.alphas, marks, width, labelled=not last),
        *layers.lines(rows, y, [title]),
        layers.pointed(notes, width),
    ]
    return layers.panel(drawn, alpha_axis(fit.alphas, width, labelled=last), width, height)
