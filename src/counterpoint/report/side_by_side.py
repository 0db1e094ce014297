"""Several sweeps of the same data in one chart: losses across, penalties as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterpoint.findings.words import figure, strength
from counterpoint.fit.result import SweepFit
from counterpoint.report import layers
from counterpoint.report.axes import alpha_axis, linear_axis, log_axis
from counterpoint.report.quantities import ACCURACY, base_rate, log_loss_of
from counterpoint.report.subject import penalty_label
from counterpoint.report.theme import Spec, tiled

WIDTH = 720
HEIGHT = 130
#: Room between panels beside each other, their labels included.
_BETWEEN = 66
#: A panel has no use below this width.
_LEAST_WIDTH = 180
_LOG_LOSS = "held-out log loss"
_NORM = "norm of the weights"


@dataclass(frozen=True)
class _Measure:
    """One row of panels: a value an alpha for each fit, and what guessing would give."""

    name: str
    values: Sequence[Sequence[float]]
    guess: float = float("nan")

    def axis(self) -> Spec:
        every = [value for of_fit in self.values for value in of_fit]
        if self.name == _NORM:
            return log_axis(every, HEIGHT, "")
        return linear_axis([*every, self.guess], "")


def side_by_side_chart(fits: Sequence[SweepFit], width: int = WIDTH) -> Spec:
    """Held-out accuracy and log loss, nonzero weights and their norm, for every loss and penalty.

    Parameters
    ----------
    fits
        Sweeps of the same data and folds.
    width
        Of all panels beside each other, in pixels; they stand below each other where it is small.
    """
    losses = list(dict.fromkeys(fit.loss_label for fit in fits))
    penalties = list(dict.fromkeys(penalty_label(fit) for fit in fits))
    most = (width + _BETWEEN) // (_LEAST_WIDTH + _BETWEEN)
    # A divisor of the number of losses, so that a measure begins on a row of its own.
    columns = max(n for n in range(1, max(most, 1) + 1) if len(losses) % n == 0)
    panel_width = (width - _BETWEEN * (columns - 1)) // columns
    panels = [
        _panel(fits, measure, loss, penalties, panel_width)
        for measure in _measures(fits)
        for loss in losses
    ]
    return tiled(panels, columns)


def _measures(fits: Sequence[SweepFit]) -> list[_Measure]:
    first = fits[0]
    return [
        _Measure(
            "held-out accuracy",
            [fit.curve(ACCURACY.name)["value"].to_list() for fit in fits],
            base_rate(first, ACCURACY),
        ),
        _Measure(
            _LOG_LOSS,
            [fit.curve(log_loss_of(fit).name)["value"].to_list() for fit in fits],
            base_rate(first, log_loss_of(first)),
        ),
        _Measure("nonzero weights", [list(map(float, fit.nonzero)) for fit in fits], 0.0),
        _Measure(_NORM, [list(map(float, fit.weight_norm)) for fit in fits]),
    ]


def _panel(
    fits: Sequence[SweepFit], measure: _Measure, loss: str, penalties: list[str], width: int
) -> Spec:
    y = measure.axis()
    shown = [
        (fit, values)
        for fit, values in zip(fits, measure.values, strict=True)
        if fit.loss_label == loss
    ]
    rows = [
        {"alpha": float(alpha), "value": value, "series": penalty_label(fit)}
        for fit, values in shown
        for alpha, value in zip(fit.alphas, values, strict=True)
        if value > 0.0 or measure.name != _NORM
    ]
    drawn = [
        *(layers.reference(measure.guess, "base rates", y) if measure.guess else []),
        *layers.lines(rows, y, penalties),
        *layers.infinities(rows),
        layers.pointed(_notes(rows), width),
    ]
    calibrated = measure.name == _LOG_LOSS and shown[0][0].held_out.calibrated
    alphas = shown[0][0].alphas
    panel = layers.panel(
        drawn, alpha_axis(alphas, width, labelled=measure.name == _NORM), width, HEIGHT
    )
    return {
        **panel,
        "title": {
            "text": f"{measure.name}{' (calibrated)' if calibrated else ''}",
            "subtitle": f"fitted by {loss}",
        },
    }


def _notes(rows: Sequence[layers.Row]) -> dict[float, str]:
    notes: dict[float, str] = {}
    for row in rows:
        before = notes.get(row["alpha"], f"alpha {strength(row['alpha'])}")
        notes[row["alpha"]] = f"{before}; {row['series']} {figure(row['value'])}"
    return notes
