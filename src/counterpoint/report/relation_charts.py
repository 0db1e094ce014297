"""Charts of a relation: one prediction's loss against its t, and the region with one's points.

Each is a Vega-Lite specification with its data in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from counterpoint.report import theme
from counterpoint.report.layers import layer, panel
from counterpoint.report.region_chart import Dot, region_chart
from counterpoint.report.theme import Colour, Spec, stacked
from counterpoint.theory.proper_losses import proper_loss_named
from counterpoint.theory.relation import LossRelation

Array = npt.NDArray[np.float64]

WIDTH = 720
HEIGHT = 330
#: Random predictions that are drawn.
_CLOUD = 1500
#: Places that curves are drawn through.
_STEPS = 101
#: Where the law is far narrower than what is possible, so many standard deviations are shown.
_ROOM = 20.0
_EVEN = np.linspace(0.0, 1.0, _STEPS)
_SOLID, _DASHED = [1, 0], [6, 3]
_TRUTH = "probability t of the true class"


def relation_charts(relation: LossRelation) -> dict[str, Spec]:
    """Every chart of a relation by its name; a loss without a law has the region alone."""
    # Where the loss has a ceiling, all of the region is shown.
    ceiling = proper_loss_named(relation.loss).bounds(relation.classes).maximum
    points = [Dot(point.accuracy, point.loss, point.name) for point in relation.points]
    top = ceiling if math.isfinite(ceiling) else None
    charts = {"region": region_chart(relation.loss, relation.classes, points, top=top)}
    if relation.has_law:
        charts = {"one_prediction": one_prediction_chart(relation), **charts}
    return charts


def one_above_the_other(charts: Iterable[Spec]) -> Spec:
    """Charts as one, its data in a place of their own: Altair looks at each row within a layer."""
    panels = [panel for chart in charts for panel in chart["vconcat"]]
    datasets, named = {}, []
    for i, each in enumerate(panels):
        layers = []
        for j, drawn in enumerate(each["layer"]):
            name = f"panel_{i}_layer_{j}"
            datasets[name] = drawn["data"]["values"]
            layers.append({**drawn, "data": {"name": name}})
        named.append({**each, "layer": layers})
    return {**stacked(named), "datasets": datasets}


def one_prediction_chart(relation: LossRelation) -> Spec:
    """Loss against the true class's probability: cloud, mean, quantile bands and envelope.

    Where the loss has a spread given t, once more below divided by (1 - t)²: the same at every t.
    """
    label = proper_loss_named(relation.loss).label
    title = f"{label[:1].upper()}{label[1:]} of one prediction, {relation.classes:,} classes"
    if not relation.has_spread:
        # Up to e^-5: the log loss at 0 is infinite.
        t = np.exp(-np.linspace(0.0, 5.0, _STEPS)) if relation.loss == "log" else _EVEN
        least, _ = relation.envelope(t)
        y = _y(label, 0.0, 1.02 * float(least.max()))
        at, loss = relation.cloud(_CLOUD)
        shown = loss <= least.max()
        layers = [_cloud(at[shown], loss[shown], y), _line(t, least, theme.BLUE, _SOLID, y)]
        words = [f"dots: {_CLOUD:,} random predictions; line: what t alone makes of the loss"]
        return stacked([_titled(layers, _TRUTH, title, words)])
    words = [
        f"dots: {_CLOUD:,} random predictions, t spread evenly; line: their mean; "
        "shades: their middle 50% and 90%",
        "dashed: least and greatest of any prediction that gives the true class t",
    ]
    again = "The same divided by (1 - t)²: one law at every t"
    law = relation.law(0.0)
    top = min(law.support()[1], law.mean() + _ROOM * law.std())
    cut = [] if top == law.support()[1] else [f"the greatest, {law.support()[1]:g}, is far above"]
    above = _law_layers(relation, 2, law.support()[1], label)
    below = _law_layers(relation, 0, top, "divided by (1 - t)²")
    return stacked(
        [_titled(above, _TRUTH, title, words), _titled(below, _TRUTH, again, cut, HEIGHT - 100)]
    )


def _law_layers(relation: LossRelation, power: int, top: float, title: str) -> list[Spec]:
    """The law at t is that at 0 times (1 - t)²; with power 0 that factor is divided out."""
    t, shape = _EVEN, (1.0 - _EVEN) ** power
    law = relation.law(0.0)
    least, greatest = law.support()
    ends = law.quantile([0.05, 0.25, 0.75, 0.95])
    low = float((shape * least).min())
    room = 0.04 * (top - low)
    y = _y(title, low - room, top + room)
    at, loss = relation.cloud(_CLOUD)
    return [
        _cloud(at, loss * (1.0 - at) ** (power - 2), y),
        _area(t, shape * ends[0], shape * ends[3], theme.BLUE, 0.25, y),
        _area(t, shape * ends[1], shape * ends[2], theme.BLUE, 0.4, y),
        _line(t, shape * law.mean(), theme.BLUE, _SOLID, y),
        _line(t, shape * least, theme.INK, _DASHED, y),
        *([_line(t, shape * greatest, theme.INK, _DASHED, y)] if greatest <= top else []),
    ]


def _cloud(t: Array, loss: Array, y: Spec) -> Spec:
    dots = {"type": "circle", "size": 7, "opacity": 0.45, "color": theme.MUTED.light}
    return layer(_rows(t, value=loss), dots, y=y)


def _area(x: Array, low: Array, high: Array, colour: Colour, opacity: float, y: Spec) -> Spec:
    mark = {"type": "area", "color": colour.light, "opacity": opacity}
    rows = _rows(x, value=low, high=high)
    return layer(rows, mark, y=y, y2={"field": "high"})


def _line(x: Array, value: Array, colour: Colour, dash: list[int], y: Spec) -> Spec:
    mark = {"type": "line", "color": colour.light, "strokeDash": dash, "strokeWidth": 1.5}
    return layer(_rows(x, value=value), mark, y=y)


def _rows(x: Array, **columns: Array) -> list[dict[str, float]]:
    names = ("x", *columns)
    return [
        dict(zip(names, map(float, row), strict=True))
        for row in zip(x, *columns.values(), strict=True)
    ]


def _titled(
    layers: Sequence[Spec], across: str, title: str, words: list[str], height: int = HEIGHT
) -> Spec:
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [0.0, 1.0]},
        "axis": {"title": across, "tickCount": 10, "labelFlush": False},
    }
    return {**panel(layers, x, WIDTH, height), "title": {"text": title, "subtitle": words}}


def _y(title: str, low: float, high: float) -> Spec:
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [low, high], "zero": False, "nice": False, "clamp": True},
        "axis": {"title": title, "tickCount": 6, "format": ",.4~g"},
    }
