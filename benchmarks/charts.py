"""The results as Vega-Lite charts, in the looks of the project's own."""

from __future__ import annotations

import math
from typing import Any

from counterpoint.report import theme
from counterpoint.report.theme import Spec
from summary import OURS, Record, Row, comparisons, figure, growths, is_contest, ours, rows_of

BLUE, MUTED = theme.BLUE.light, theme.MUTED.light
#: Height of a bar with its gap, in pixels.
STEP = 20


def speed_chart(works: dict[str, Record]) -> Spec:
    """How many times faster than the best peer, a bar a work, with the target as a tick."""
    rows = []
    for name, work in works.items():
        if not is_contest(name, work):
            continue
        compared = comparisons(work)[0]
        if compared.times is not None:
            more = "more than " if compared.at_least else ""
            label = f"{more}{figure(compared.times)} × ({compared.peer})"
            target = compared.target
        else:
            label, target = compared.peer or "Counterpoint did not get there", compared.target
        times = compared.times or 1.0
        rows.append({"work": work["title"], "times": times, "label": label, "target": target})
    most = max([10.0, *(row["times"] for row in rows), *(row["target"] or 1 for row in rows)])
    least = min([1.0, *(row["times"] for row in rows)])
    x = {
        "field": "times",
        "type": "quantitative",
        "title": "times faster than the fastest peer that gets there",
        "scale": {"type": "log", "domain": [least, most * 1.1]},
        "axis": _log_axis(least, most * 1.1),
    }
    y = _names("work", [row["work"] for row in rows])
    slower = {"test": "datum.times < 1", "value": theme.VERMILION.light}
    colour = {"condition": slower, "value": BLUE}
    bars = {
        "mark": {"type": "bar", "height": STEP - 6},
        "encoding": {"x": x, "x2": {"datum": 1}, "color": colour},
    }
    ticks = {
        "transform": [{"filter": "datum.target != null"}],
        "mark": {"type": "tick", "thickness": 2, "size": STEP - 2, "color": theme.INK.light},
        "encoding": {"x": {**x, "field": "target"}},
    }
    labels = {
        "transform": [{"calculate": "max(datum.times, datum.target, 1)", "as": "end"}],
        "mark": {"type": "text", "align": "left", "dx": 6},
        "encoding": {"x": {**x, "field": "end"}, "text": {"field": "label"}},
    }
    title = {"text": "Counterpoint against the fastest peer", "subtitle": "tick: the target"}
    panel = _panel(rows, y, [bars, ticks, labels], 420, title)
    return theme.stacked([panel])


def times_chart(works: dict[str, Record]) -> Spec:
    """Everyone's seconds, a panel a work."""
    panels = [_times_panel(work) for name, work in works.items() if is_contest(name, work)]
    spec = theme.tiled(panels, columns=2)
    return {**spec, "spacing": 36}


def _times_panel(work: Record) -> Spec:
    limit = work["limit_seconds"]
    rows = [_bar(row, limit) for row in rows_of(work) if "ladder" in row.record]
    rows = [row for row in rows if row["seconds"]]
    seconds = [row["seconds"] for row in rows] or [1.0]
    low, high = min(seconds) / 3, max(seconds) * 1.1
    x = {
        "field": "seconds",
        "type": "quantitative",
        "title": None,
        "scale": {"type": "log", "domain": [low, high]},
        "axis": _log_axis(low, high),
    }
    colour = {
        "field": "kind",
        "type": "nominal",
        "legend": {"symbolType": "square", "symbolStrokeWidth": 0, "symbolSize": 120},
        "scale": {
            "domain": ["Counterpoint", "a peer that gets there", "a peer that does not"],
            "range": [BLUE, MUTED, theme.GRID.light],
        },
    }
    bars = {
        "mark": {"type": "bar", "height": STEP - 6},
        "encoding": {"x": x, "x2": {"datum": low}, "color": colour},
    }
    labels = {
        "mark": {"type": "text", "align": "left", "dx": 6, "clip": False},
        "encoding": {"x": x, "text": {"field": "text"}},
    }
    y = _names("label", [row["label"] for row in rows])
    return _panel(rows, y, [bars, labels], 250, {"text": work["title"], "subtitle": "seconds"})


def _bar(row: Row, limit: float) -> dict[str, Any]:
    kind = "a peer that gets there" if row.reached else "a peer that does not"
    over = row.status == "over the limit"
    seconds = limit if over else row.seconds
    text = f"> {limit:g}" if over else "" if seconds is None else figure(seconds)
    if row.status == "not reached":
        fits, asked = row.record["fits"], row.record["fits_asked"]
        # How far a few fits are from the optimum says nothing of the rest.
        text += f", {fits:,} of {asked:,} fits" if fits < asked else f", {row.worst:.0e} above"
    return {
        "label": row.label,
        "seconds": seconds,
        "text": text,
        "kind": "Counterpoint" if row.name == OURS else kind,
    }


def growth_chart(works: dict[str, Record]) -> Spec:
    """Seconds against rows, alphas, folds and classes."""
    panels = []
    for axis, series in growths(works).items():
        rows = [
            {"size": size, "seconds": row.seconds, "series": row.label}
            for size, work in series
            for row in rows_of(work)
            if row.seconds and (row.reached or row.name == OURS)
        ]
        panels.append(_growth_panel(axis, rows))
    return theme.tiled(panels, columns=2)


def _growth_panel(axis: str, rows: list[dict[str, Any]]) -> Spec:
    sizes = sorted({row["size"] for row in rows})
    seconds = [row["seconds"] for row in rows]
    y_domain = [min(seconds) / 1.5, max(seconds) * 1.5]
    log = {"type": "log", "nice": False}
    colour = {
        "field": "series",
        "type": "nominal",
        "scale": {"range": [colour.light for colour in theme.SERIES]},
    }
    encoding = {
        "x": {
            "field": "size",
            "type": "quantitative",
            "title": axis,
            "scale": log,
            "axis": {"values": sizes, "format": ",d"},
        },
        "y": {
            "field": "seconds",
            "type": "quantitative",
            "title": "seconds",
            "scale": {"type": "log", "domain": y_domain},
            "axis": _log_axis(*y_domain),
        },
        "color": colour,
    }
    mark = {"type": "line", "strokeWidth": 2, "point": {"size": 30}}
    return {
        "data": {"values": rows},
        "mark": mark,
        "encoding": encoding,
        "width": 260,
        "height": 150,
    }


def any_growth(works: dict[str, Record]) -> bool:
    """Whether something grew that Counterpoint solved."""
    return any(ours(work) for series in growths(works).values() for _, work in series)


def _log_axis(low: float, high: float) -> Spec:
    """Ticks at powers of ten, and between them where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 200 else (1,)
    values = [step * 10.0**power for power in powers for step in steps]
    return {"values": [value for value in values if low <= value <= high], "format": "~g"}


def _names(field: str, order: list[str]) -> Spec:
    axis = {"labelLimit": 320, "labelPadding": 8, "grid": False}
    return {"field": field, "type": "nominal", "title": None, "sort": order, "axis": axis}


def _panel(rows: list[Any], y: Spec, layers: list[Spec], width: int, title: Any) -> Spec:
    return {
        "data": {"values": rows},
        "layer": layers,
        "encoding": {"y": y},
        "width": width,
        "height": STEP * len(rows),
        "title": title,
    }
