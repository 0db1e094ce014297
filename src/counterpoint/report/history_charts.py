"""Charts of one training's log: each quantity over its course, a line a split."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.findings.words import figure
from counterpoint.report import layers, theme
from counterpoint.report.axes import linear_axis, log_axis
from counterpoint.report.theme import Spec, stacked
from counterpoint.runs.history import History

WIDTH, HEIGHT = 720, 140
#: Points of a curve: a screen shows no more.
MOST_POINTS = 300
#: Quantities that have a panel, in this order, and their titles.
_TITLES = {
    "loss": "loss",
    "data_loss": "data loss",
    "batch_loss": "loss of a batch",
    "penalty": "penalty",
    "accuracy": "accuracy",
    "batch_accuracy": "accuracy of a batch",
    "learning_rate": "learning rate",
    "gradient_norm": "gradient norm",
    "weight_norm": "weight norm",
    "update_ratio": "update / weight",
}
_SPLITS = ("train", "validation", "test")
#: What a line of no split is called.
_WHOLE = "all"
#: From which ratio of the greatest to the least on a scale is logarithmic.
_WIDE = 20.0


class _Line(NamedTuple):
    name: str
    at: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]
    #: Where the first value stands that is not finite, and that value.
    broken: tuple[float, float] | None


def history_chart(history: History, width: int = WIDTH) -> Spec:
    """Every known quantity, one panel below the other."""
    quantities = [q for q in _TITLES if q in set(history.rows["quantity"].unique())]
    unit = _unit(history)
    found = {q: _lines(history, q, unit) for q in quantities}
    ends = [float(end) for each in found.values() for x in each for end in (x.at[0], x.at[-1])]
    domain = (min(ends), max(ends)) if ends else (0.0, 1.0)
    shown = [q for q in quantities if found[q]]
    # Rows have the same colour in every panel, also where others are not in it.
    there = {line.name for q in shown for line in found[q]}
    names = [name for name in (*_SPLITS, _WHOLE) if name in there]
    return stacked(
        [
            _panel(
                found[q], names, _TITLES[q], unit, domain, width, (q == shown[0], q == shown[-1])
            )
            for q in shown
        ]
    )


def has_chart(history: History) -> bool:
    """Whether any known quantity has two finite points."""
    unit = _unit(history)
    return any(_lines(history, q, unit) for q in _TITLES)


def _unit(history: History) -> str:
    """What is across: epochs where all rows have them, else steps, else the order."""
    rows = history.rows.filter(pl.col("quantity").is_in(list(_TITLES)))
    for unit in ("epoch", "step"):
        if rows.height and not rows[unit].null_count():
            return unit
    return "point"


def _lines(history: History, quantity: str, unit: str) -> list[_Line]:
    found = []
    for split in (*_SPLITS, ""):
        series = history.series(split, quantity)
        if not series.height:
            continue
        values = series["value"].to_numpy()
        at = (
            np.arange(1.0, series.height + 1.0)
            if unit == "point"
            else series[unit].cast(pl.Float64).to_numpy()
        )
        lost = np.flatnonzero(~np.isfinite(values))
        broken = (float(at[lost[0]]), float(values[lost[0]])) if len(lost) else None
        keep = np.unique(np.linspace(0, len(at) - 1, min(len(at), MOST_POINTS)).astype(int))
        at, values = at[keep], values[keep]
        if np.isfinite(values).any():
            found.append(_Line(split or _WHOLE, at, values, broken))
    # A point alone shows something only beside a line.
    return found if any(np.isfinite(line.values).sum() >= 2 for line in found) else []


def _panel(
    lines: Sequence[_Line],
    names: Sequence[str],
    title: str,
    unit: str,
    domain: tuple[float, float],
    width: int,
    ends: tuple[bool, bool],
) -> Spec:
    """One quantity; the first panel has the legend, the last the axis across."""
    first, last = ends
    finite = [float(v) for line in lines for v in line.values if math.isfinite(v)]
    positive = [v for v in finite if v > 0.0]
    logarithmic = (
        "accuracy" not in title
        and len(positive) == len(finite)
        and max(finite) > _WIDE * min(positive, default=1.0)
    )
    rows = [
        {unit: float(at), "value": float(value), "series": line.name}
        for line in lines
        for at, value in zip(line.at, line.values, strict=True)
        if math.isfinite(value)
    ]
    y = log_axis(finite, HEIGHT, title) if logarithmic else linear_axis(finite, title)
    x: Spec = {
        "field": unit,
        "type": "quantitative",
        "scale": {"domain": list(domain), "nice": False, "padding": 6},
        "axis": {"title": unit if last else None, "labels": last},
    }
    if all(float(at).is_integer() for line in lines for at in line.at):
        x["axis"]["tickMinStep"] = 1  # half an epoch means nothing where there is none
    drawn = layers.lines(rows, y, names, legend=first)
    if max(len(line.at) for line in lines) > 60:
        drawn = drawn[:1]  # dots would hide the course
    notes: dict[float, str] = {}
    for line in lines:
        step = max(1, len(line.at) // 20)
        for at, value in zip(line.at[::step], line.values[::step], strict=True):
            said = f"{line.name} {title} {figure(float(value))}"
            notes[float(at)] = (
                f"{notes[float(at)]}, {said}" if float(at) in notes else (f"{unit} {at:g}: {said}")
            )
    pointed = layers.pointed(notes, width)
    pointed["encoding"]["x"] = {"field": "alpha", "type": "quantitative"}
    return layers.panel([*drawn, *_breaks(lines, domain), pointed], x, width, HEIGHT)


def _breaks(lines: Sequence[_Line], domain: tuple[float, float]) -> Iterator[Spec]:
    """An upright line where values cease to be finite, with the names of those that do."""
    names: dict[tuple[float, str], list[str]] = {}
    for line in lines:
        if line.broken is not None:
            at, value = line.broken
            names.setdefault((at, "NaN" if math.isnan(value) else "infinite"), []).append(line.name)
    for i, ((at, kind), those) in enumerate(names.items()):
        row, x = [{"at": at}], {"field": "at", "type": "quantitative"}
        left = 2.0 * at > domain[0] + domain[1]
        side = {"align": "right", "dx": -4} if left else {"align": "left", "dx": 4}
        words = kind if those == [_WHOLE] else f"{', '.join(those)} {kind}"
        said = layers.text(words, baseline="top", **side)
        yield layers.layer(row, {"type": "rule", "color": theme.MUTED.light}, x=x)
        yield layers.layer(row, said, x=x, y={"value": 2 + 14 * i})
