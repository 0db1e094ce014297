"""The losses that go with each accuracy, as a chart: any model's, a calibrated one's, and points.

A Vega-Lite specification with its data in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from counterpoint.report import theme
from counterpoint.report.axes import linear_axis
from counterpoint.report.layers import layer, panel, text
from counterpoint.report.theme import Spec
from counterpoint.theory.proper_losses import Array, proper_loss_named
from counterpoint.theory.region import Range, calibrated_losses, reachable_losses

WIDTH, HEIGHT = 560, 340
_STEPS = 241
#: How far above the even guess the chart reaches; further where points are, up to the second.
_ROOM, _MOST_ROOM = 1.5, 3.0


@dataclass(frozen=True)
class Dot:
    """A model on the chart: its accuracy, its loss and its name."""

    accuracy: float
    loss: float
    name: str


def region_chart(
    loss: str,
    n_classes: int,
    points: Sequence[Dot] = (),
    base_rates: float | None = None,
    top: float | None = None,
) -> Spec:
    """Accuracy across, loss upwards; each point a dot with its name.

    Parameters
    ----------
    loss, n_classes
        Whose region is drawn; a name in `counterpoint.theory.proper_losses.PROPER_LOSSES`.
    points
        One with a loss far above the even guess's stands at the upper edge, with an arrow.
    base_rates
        Loss of guessing the classes' shares, where these are known.
    top
        Greatest loss that has room; by default what is above the guesses is cut off.
    """
    kind = proper_loss_named(loss)
    even = kind.even_guess(n_classes)
    if top is None:
        near = [point.loss for point in points if point.loss < _MOST_ROOM / 1.1 * even]
        top = max([_ROOM * even, *(1.1 * value for value in near)])
    # The band begins at 1/K, and only at 1 itself may a loss without a ceiling have an end.
    accuracy = np.union1d(np.linspace(0.0, 1.0, _STEPS), [1.0 / n_classes, 1.0 - 1e-9])
    band = calibrated_losses(accuracy, loss, n_classes)
    y = linear_axis([0.0, top], f"{kind.label}, mean")
    y["scale"] = {"domain": [0.0, top], "nice": False}
    x = {
        "field": "accuracy",
        "type": "quantitative",
        "scale": {"domain": [0.0, 1.0], "nice": False},
        "axis": {"title": "accuracy", "tickCount": 6, "format": ".1f"},
    }
    named = _free_of(points, n_classes)
    inside = calibrated_losses(named, loss, n_classes)
    drawn = [
        _area(accuracy, reachable_losses(accuracy, loss, n_classes), top, y, theme.GRID.light),
        _area(accuracy, band, top, y, theme.SHADE.light),
        *_outline(accuracy, band, y),
        *_level(even, "even guess", y, above=True),
        *([] if base_rates is None else _level(base_rates, "base rates", y, above=False)),
        _words("any model", 0.01, 0.94 * top, y, align="left"),
        _words("calibrated", named, float(inside.low + inside.high) / 2.0, y, align="center"),
        *_dots(points, top, y),
    ]
    return theme.stacked([panel(drawn, x, WIDTH, HEIGHT)])


def _area(accuracy: Array, ends: Range, top: float, y: Spec, colour: str) -> Spec:
    rows = [
        {"accuracy": float(a), "low": float(low), "high": float(min(high, top))}
        for a, low, high in zip(accuracy, *ends, strict=True)
        if math.isfinite(low) and low <= top
    ]
    mark = {"type": "area", "color": colour}
    return layer(rows, mark, y={**y, "field": "low"}, y2={"field": "high"})


def _outline(accuracy: Array, ends: Range, y: Spec) -> list[Spec]:
    mark = {"type": "line", "color": theme.BLUE.light, "strokeWidth": 1.5}
    return [
        layer(
            [
                {"accuracy": float(a), "value": float(v)}
                for a, v in zip(accuracy, end, strict=True)
                if math.isfinite(v)
            ],
            mark,
            y=y,
        )
        for end in ends
    ]


def _dots(points: Sequence[Dot], top: float, y: Spec) -> list[Spec]:
    drawn = []
    for point in points:
        beyond = point.loss > top
        row = {"accuracy": point.accuracy, "value": min(point.loss, top)}
        shape = "triangle-up" if beyond else "circle"
        mark = {"type": "point", "shape": shape, "filled": True, "size": 90, "opacity": 1}
        right = point.accuracy < 0.7
        name = text(
            f"{point.name}: {point.loss:.4g}" if beyond else point.name,
            align="left" if right else "right",
            dx=9 if right else -9,
            dy=9 if beyond else 0,
            color=theme.INK.light,
            baseline="middle",
        )
        drawn += [layer([row], {**mark, "color": theme.VERMILION.light}, y=y)]
        drawn += [layer([row], name, y=y)]
    return drawn


def _free_of(points: Sequence[Dot], n_classes: int) -> float:
    """An accuracy within the band at which no point is near."""
    places = [1.0 / n_classes + part * (1.0 - 1.0 / n_classes) for part in (0.5, 0.35, 0.65)]
    return max(places, key=lambda a: min((abs(a - p.accuracy) for p in points), default=0.0))


def _level(value: float, name: str, y: Spec, above: bool) -> list[Spec]:
    """A thin level line with its name on one side."""
    rule = {"type": "rule", "color": theme.MUTED.light, "strokeDash": [1, 3]}
    side = {"baseline": "bottom", "dy": -3} if above else {"baseline": "top", "dy": 4}
    row = [{"value": value}]
    return [
        layer(row, rule, x={"value": 0}, x2={"value": "width"}, y=y),
        layer(row, text(name, align="left", dx=4, **side), x={"value": 0}, y=y),
    ]


def _words(words: str, accuracy: float, value: float, y: Spec, align: str) -> Spec:
    return layer([{"accuracy": accuracy, "value": value}], text(words, align=align), y=y)
