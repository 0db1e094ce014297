"""Layers that the charts over alpha are built of; each takes plain rows and gives its layers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from counterpoint.report import theme
from counterpoint.report.theme import Spec

Row = Mapping[str, Any]
#: Width of a letter of a label, in pixels.
LETTER = 6.0
#: Width of a line of the legend without its name.
KEY = 40.0


def panel(layers: Iterable[Spec], x: Spec, width: int, height: int) -> Spec:
    """Lay layers over one another, the first at the bottom, on one axis across."""
    return {"layer": list(layers), "encoding": {"x": x}, "width": width, "height": height}


def lines(
    rows: Sequence[Row], y: Spec, names: Sequence[str], legend: bool = True, width: int = 720
) -> list[Spec]:
    """One line a `series`, told apart by colour and dash in the order of `names`; dots on it."""
    columns = max(1, int(width / (KEY + LETTER * max(map(len, names), default=0))))
    key: Spec | None = {"columns": columns} if legend and len(names) > 1 else None
    colours = [theme.SERIES[i % len(theme.SERIES)].light for i in range(len(names))]
    dashes = [theme.DASHES[i % len(theme.DASHES)] for i in range(len(names))]
    colour, dash = (
        {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": list(names), "range": scale_range},
            "legend": key,
        }
        for scale_range in (colours, dashes)
    )
    drawn = {"type": "line", "strokeWidth": 2}
    dots = {"type": "circle", "size": 14, "opacity": 1}
    return [
        layer(rows, drawn, y=y, color=colour, strokeDash=dash),
        layer(rows, dots, y=y, color=colour),
    ]


def interval_band(rows: Iterable[Row], y: Spec) -> Spec:
    """The interval of each value, from `low` to `high`, in the colour of the first line."""
    whole = [r for r in rows if math.isfinite(r["low"]) and math.isfinite(r["high"])]
    # An area over a single alpha would have no width.
    shape = {"type": "area"} if len(whole) > 1 else {"type": "rule", "strokeWidth": 8}
    mark = {**shape, "color": theme.SERIES[0].light, "opacity": 0.2}
    return layer(whole, mark, y={**y, "field": "low"}, y2={"field": "high"})


def infinities(rows: Iterable[Row]) -> list[Spec]:
    """An infinity sign at the top wherever a value is infinite."""
    infinite = [r for r in rows if r["value"] == math.inf]
    sign = text("∞", baseline="top", fontSize=16, color=theme.SERIES[0].light)
    return [layer(infinite, sign, y={"value": 0})] if infinite else []


def reference(value: float, label: str, y: Spec) -> list[Spec]:
    """A thin level line, named at its left end, on the side that has more room."""
    if not math.isfinite(value):
        return []
    low, high = y["scale"]["domain"]
    if y["scale"].get("type") == "log":
        above = value * value < low * high
    else:
        above = 2.0 * value < low + high
    side = {"baseline": "bottom", "dy": -3} if above else {"baseline": "top", "dy": 4}
    rule = {"type": "rule", "color": theme.MUTED.light, "strokeDash": [1, 3]}
    row = [{"value": value}]
    return [
        layer(row, rule, x={"value": 0}, x2={"value": "width"}, y=y),
        layer(row, text(label, align="left", dx=4, **side), x={"value": 0}, y=y),
    ]


def shade(ends: tuple[float, float], label: str, room: float, height: int) -> list[Spec]:
    """Shade over a range of alpha, its name in the middle where there is room, in pixels."""
    low, high = ends
    shaded = layer(
        [{"alpha": low, "end": high}],
        {"type": "rect", "color": theme.SHADE.light},
        x2={"field": "end"},
        y={"value": 0},
        y2={"value": height},
    )
    words = _fitted(label, room)
    if not words:
        return [shaded]
    name = text(words, baseline="middle")
    middle = [{"alpha": math.sqrt(low * high)}]
    return [shaded, layer(middle, name, y={"value": height / 2})]


def pointed(notes: Mapping[float, str], width: int) -> Spec:
    """Unseen upright bars, one an alpha, that carry its numbers in words for whoever points."""
    rows = [{"alpha": alpha, "note": note} for alpha, note in notes.items()]
    bars = {"type": "rule", "strokeWidth": max(4.0, width / max(1, len(rows))), "opacity": 0}
    note = {"field": "note", "type": "nominal"}
    return layer(rows, {**bars, "aria": True}, description=note)


def layer(rows: Iterable[Row], mark: Spec, **encoding: Spec) -> Spec:
    """One layer with its rows; a number that is not finite becomes a gap."""
    values = [{name: _plain(value) for name, value in row.items()} for row in rows]
    # Described once an alpha, by `pointed`; not for every dot.
    return {"data": {"values": values}, "mark": {"aria": False, **mark}, "encoding": encoding}


def text(words: str | list[str], **options: Any) -> Spec:
    """A mark that writes fixed words; a list is written on lines of their own."""
    return {"type": "text", "text": words, **options}


def _fitted(label: str, room: float) -> list[str]:
    """A label on one line or two, or none where neither fits."""
    words = label.split()
    half = len(words) // 2
    for wrapped in ([label], [" ".join(words[:half]), " ".join(words[half:])]):
        if max(map(len, wrapped)) * LETTER <= room:
            return wrapped
    return []


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
