"""Charts of a relation: one prediction's loss against its t, and the region with one's points.

Each is a Vega-Lite specification with its data in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from counterpoint.report import theme
from counterpoint.report.layers import layer, panel
from counterpoint.report.region_chart import Point, region_chart
from counterpoint.report.theme import Colour, Spec, stacked
from counterpoint.theory.proper_losses import proper_loss_named
from counterpoint.theory.relation import LossRelation

Array = npt.NDArray[np.float64]

WIDTH = 720
HEIGHT = 330
#: Random predictions that are drawn.
_CLOUD = 1500
#: Places that curves are drawn through.
_STEPS = 201
_SOLID, _DASHED = [1, 0], [6, 3]
_TRUTH = "probability t of the true class"


def relation_charts(relation: LossRelation) -> dict[str, Spec]:
    """Every chart of a relation by its name; a loss without a law has the region alone."""
    # Where the loss has a ceiling, all of the region is shown.
    ceiling = proper_loss_named(relation.loss).bounds(relation.classes).maximum
    points = [Point(point.accuracy, point.loss, point.name) for point in relation.points]
    top = ceiling if math.isfinite(ceiling) else None
    charts = {"region": region_chart(relation.loss, relation.classes, points, top=top)}
    if relation.has_law:
        charts = {"one_prediction": one_prediction_chart(relation), **charts}
    return charts


def one_prediction_chart(relation: LossRelation) -> Spec:
    """Loss against the true class's probability: cloud, mean, quantile bands and envelope.

    Where the loss has a spread given t, once more below divided by (1 - t)²: the same at every t.
    """
    label = proper_loss_named(relation.loss).label
    t = np.linspace(0.0, 1.0, _STEPS)
    title = f"{label} of one prediction, {relation.classes:,} classes"
    if not relation.has_spread:
        least, _ = relation.envelope(t[1:])
        y = _y(label, 0.0, 1.02 * float(least[0]))
        layers = [_cloud(*relation.cloud(_CLOUD), y), _line(t[1:], least, theme.BLUE, _SOLID, y)]
        words = [f"dots: {_CLOUD:,} random predictions; line: what t alone makes of the loss"]
        return stacked([_titled(layers, _TRUTH, title, words)])
    words = [
        f"dots: {_CLOUD:,} random predictions, t spread evenly; line: their mean; "
        "shades: their middle 50% and 90%",
        "dashed: least and greatest of any prediction that gives the true class t",
    ]
    above = _law_layers(relation, t, (1.0 - t) ** 2, label)
    below = _law_layers(relation, t, np.ones_like(t), f"{label} / (1 - t)²")
    again = "The same divided by (1 - t)²: one law at every t"
    return stacked(
        [_titled(above, _TRUTH, title, words), _titled(below, _TRUTH, again, [], HEIGHT - 100)]
    )


def _law_layers(relation: LossRelation, t: Array, shape: Array, title: str) -> list[Spec]:
    """Everything at t is that at 0 times its shape, (1 - t)², or 1 where that is divided out."""
    law = relation.law(0.0)
    least, greatest = law.support()
    ends = law.quantile([0.05, 0.25, 0.75, 0.95])
    room = 0.04 * greatest
    y = _y(title, float((shape * least).min()) - room, float((shape * greatest).max()) + room)
    at, loss = relation.cloud(_CLOUD)
    drawn = loss * np.interp(at, t, shape) / (1.0 - at) ** 2
    return [
        _cloud(at, drawn, y),
        _area(t, shape * ends[0], shape * ends[3], theme.BLUE, 0.25, y),
        _area(t, shape * ends[1], shape * ends[2], theme.BLUE, 0.4, y),
        _line(t, shape * law.mean(), theme.BLUE, _SOLID, y),
        _line(t, shape * least, theme.INK, _DASHED, y),
        _line(t, shape * greatest, theme.INK, _DASHED, y),
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
