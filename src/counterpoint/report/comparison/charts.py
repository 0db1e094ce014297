"""Charts of a comparison: scores and their parts with intervals, differences, and reliability.

Each is a Vega-Lite specification with its data in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from counterpoint.findings.compared.words import SCORE_LABELS
from counterpoint.findings.words import figure
from counterpoint.report import layers, theme
from counterpoint.report.theme import Spec, tiled
from counterpoint.scores import Estimate
from counterpoint.scores.compared import Compared
from counterpoint.scores.reliability import Reliability

WIDTH = 720
#: Height of a model's line in a panel of intervals.
_LINE = 26
#: Room between panels beside each other, their labels included.
_BETWEEN = 40
#: Pixels that model names take beside a panel, at most.
_NAMES = 140
#: Panels narrower than this stand below one another.
_LEAST_WIDTH = 150
#: Side of a reliability diagram, at most.
_SQUARE = 300
_BARS = 40


@dataclass(frozen=True)
class _Line:
    """An estimate of one model."""

    model: str
    estimate: Estimate
    colour: int


def scores_chart(both: Compared, width: int = WIDTH) -> Spec:
    """Accuracy, log loss and Brier score of each model with its 95% interval."""
    panels = [
        (
            label,
            [_Line(m.name, m.scores[name], i) for i, m in enumerate(both.models)],
            both.base[name],
            "base rates",
        )
        for name, label in SCORE_LABELS.items()
    ]
    return _interval_panels(panels, width)


def differences_chart(both: Compared, width: int = WIDTH) -> Spec:
    """Each later model minus the first, by each score, with its 95% interval."""
    panels = [
        (
            f"difference in {label}",
            [
                _Line(both.models[p.after].name, p.changes[name].estimate, p.after)
                for p in both.pairs
            ],
            0.0,
            "no difference",
        )
        for name, label in SCORE_LABELS.items()
    ]
    return _interval_panels(panels, width)


def parts_chart(both: Compared, width: int = WIDTH) -> Spec:
    """Miscalibration and discrimination of log loss and Brier score, with 95% intervals."""
    panels = []
    for name in ("log_loss", "brier"):
        for part in ("miscalibration", "discrimination"):
            lines = [
                _Line(m.name, getattr(m.study.parts[name], part), i)
                for i, m in enumerate(both.models)
                if m.study is not None
            ]
            panels.append((f"{part}, {SCORE_LABELS[name]}", lines, math.nan, ""))
    return _interval_panels(panels, width, most=2)


def reliability_chart(both: Compared, width: int = WIDTH) -> Spec:
    """Each model's reliability curve over its consistency band, and where its forecasts lie."""
    studied = [(m, m.study.reliability) for m in both.models if m.study is not None]
    columns = max(1, min(len(studied), 2, width // (_LEAST_WIDTH + _BETWEEN)))
    side = min(_SQUARE, (width - (_BETWEEN + 20) * columns) // columns)
    across = (
        f"probability of {both.classes[1]}"
        if len(both.classes) == 2
        else "probability of the predicted class"
    )
    upwards = "came true" if len(both.classes) == 2 else "was right"
    panels = [
        _reliability_panel(model.name, curve, side, across, upwards, both.models.index(model))
        for model, curve in studied
    ]
    return tiled(panels, columns)


def _interval_panels(
    panels: Sequence[tuple[str, Sequence[_Line], float, str]], width: int, most: int = 3
) -> Spec:
    names = max((len(line.model) for _, lines, _, _ in panels for line in lines), default=0)
    room = min(_NAMES, int(names * layers.LETTER) + 14)
    columns = max(1, min(most, (width + _BETWEEN) // (_LEAST_WIDTH + room + _BETWEEN)))
    inner = (width - _BETWEEN * (columns - 1)) // columns - room
    return tiled([_interval_panel(*panel, inner) for panel in panels], columns)


def _interval_panel(
    title: str, lines: Sequence[_Line], reference: float, reference_name: str, width: int
) -> Spec:
    rows: list[dict[str, Any]] = [
        {
            "model": line.model,
            "value": float(line.estimate.value),
            "low": float(line.estimate.low),
            "high": float(line.estimate.high),
            "note": f"{line.model}: {title} {figure(float(line.estimate.value))} "
            f"(95% interval {figure(float(line.estimate.low))} to "
            f"{figure(float(line.estimate.high))})",
            "colour": _colour(line.colour),
        }
        for line in lines
    ]
    y: Spec = {
        "field": "model",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelLimit": _NAMES - 10, "ticks": False, "domain": False},
    }
    shown = [row[key] for row in rows for key in ("value", "low", "high")]
    x = _axis([*shown, reference])
    colour = {"field": "colour", "type": "nominal", "scale": None}
    drawn = []
    if math.isfinite(reference):
        mark = {"type": "rule", "color": theme.MUTED.light, "strokeDash": [1, 3]}
        drawn = [
            layers.layer([{"value": reference}], mark, x=x, y={"value": 0}, y2={"value": "height"}),
            _reference_label(reference, reference_name, x),
        ]
    whole = [row for row in rows if math.isfinite(row["low"]) and math.isfinite(row["high"])]
    bar = {"type": "rule", "strokeWidth": 3, "opacity": 0.45}
    drawn += [
        layers.layer(whole, bar, x={**x, "field": "low"}, x2={"field": "high"}, y=y, color=colour),
        layers.layer(
            rows,
            {"type": "circle", "size": 70, "opacity": 1, "aria": True},
            x=x,
            y=y,
            color=colour,
            description={"field": "note", "type": "nominal"},
        ),
    ]
    return {
        "title": title,
        "layer": drawn,
        "width": width,
        "height": _LINE * max(len(lines), 1),
    }


def _reference_label(value: float, name: str, x: Spec) -> Spec:
    low, high = x["scale"]["domain"]
    side = "left" if value < 0.5 * (low + high) else "right"
    mark = layers.text(
        name, align=side, dx=4 if side == "left" else -4, baseline="bottom", dy=-1, fontSize=11
    )
    return layers.layer([{"value": value}], mark, x=x, y={"value": 0})


def _axis(values: Sequence[float]) -> Spec:
    """Values across on an even scale, with a little room at both ends."""
    finite = [v for v in values if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    room = 0.06 * (high - low) or 0.05 * abs(high) or 0.05
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [low - room, high + room], "zero": False, "nice": False},
        "axis": {"title": None, "tickCount": 4, "format": ",.3~g", "grid": True},
    }


def _reliability_panel(
    name: str, curve: Reliability, side: int, across: str, upwards: str, at: int
) -> Spec:
    rows = [
        {"value": float(f), "observed": float(o), "low": float(a), "high": float(b)}
        for f, o, a, b in zip(curve.forecast, curve.observed, curve.low, curve.high, strict=True)
    ]
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"title": None, "labels": False, "tickCount": 5, "grid": True},
    }
    y: Spec = {
        "field": "observed",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"title": upwards, "tickCount": 5, "minExtent": 0},
    }
    colour = _colour(at)
    ends = [{"value": 0.0, "observed": 0.0}, {"value": 1.0, "observed": 1.0}]
    band = {"type": "area", "color": theme.MUTED.light, "opacity": 0.22}
    diagonal = {"type": "line", "color": theme.MUTED.light, "strokeDash": [3, 3], "strokeWidth": 1}
    note = f"{name}: reliability curve of {len(rows)} points"
    drawn = [
        layers.layer(rows, band, y={**y, "field": "low"}, y2={"field": "high"}),
        layers.layer(ends, diagonal, y=y),
        layers.layer(
            rows, {"type": "line", "color": colour, "strokeWidth": 2, "description": note}, y=y
        ),
    ]
    if len(rows) <= 40:  # few forecasts: where they stand is part of the picture
        drawn.append(layers.layer(rows, {"type": "circle", "color": colour, "size": 24}, y=y))
    bins = len(curve.bars)
    bars = [
        {"value": i / bins, "end": (i + 1) / bins, "share": float(share)}
        for i, share in enumerate(curve.bars)
    ]
    below = {
        **layers.layer(
            bars,
            {"type": "rect", "color": theme.MUTED.light, "opacity": 0.6},
            x={**x, "axis": {"title": across, "tickCount": 5, "grid": False}},
            x2={"field": "end"},
            y={
                "field": "share",
                "type": "quantitative",
                "axis": {"title": "rows", "labels": False, "grid": False, "minExtent": 0},
            },
            y2={"datum": 0},
        ),
        "width": side,
        "height": _BARS,
    }
    above = {"layer": drawn, "encoding": {"x": x}, "width": side, "height": side}
    return {"title": {"text": name, "limit": side}, "vconcat": [above, below], "spacing": 6}


def _colour(index: int) -> str:
    return theme.SERIES[index % len(theme.SERIES)].light
