"""Charts of a landscape: two maps over two parameters, and both curves along each of them."""

from __future__ import annotations

import numpy as np

from counterpoint.findings.words import figure
from counterpoint.report import layers, theme
from counterpoint.report.theme import Spec, stacked
from counterpoint.theory.landscape import Array, Curve, Surface

#: Side of a map, and of a curve's panel, in pixels.
SIDE, WIDTH, HEIGHT = 300, 668, 190
ACCURACY = "accuracy"
#: Share of the grid whose loss has a shade of its own; beyond, the palest stands for all.
SHADED = 0.8


def landscape_chart(surface: Surface) -> Spec:
    """Draw maps of loss and accuracy with both minimisers, and the curves along both axes."""
    maps = {
        "hconcat": [_map(surface, loss=True), _map(surface, loss=False)],
        "spacing": 60,
        "resolve": {"scale": {"color": "independent"}},
    }
    curves = [_curve(surface, curve) for curve in surface.curves]
    return {**stacked([maps, *curves]), "spacing": 28}


def short_label(surface: Surface) -> str:
    """The loss in running text."""
    return surface.loss_label.split(" (")[0]


def _map(surface: Surface, loss: bool) -> Spec:
    grid = surface.grid
    values = grid.loss if loss else grid.accuracy
    low = float(values.min())
    high = float(np.quantile(values, SHADED)) if loss else float(values.max())
    high = high if high > low else low + 1e-9
    strong = theme.BLUE.light if loss else theme.VERMILION.light
    name = short_label(surface) if loss else ACCURACY
    colour = {
        "field": "value",
        "type": "quantitative",
        "scale": {
            "domain": [low, high],
            "range": [strong, theme.PAPER.light] if loss else [theme.PAPER.light, strong],
            "interpolate": "rgb",
            "clamp": True,
        },
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "type": "gradient",
            "gradientLength": 180,
            "gradientThickness": 9,
            "tickCount": 3,
            "format": ".3~g",
            "offset": 6,
        },
    }
    a, b = _edges(grid.a), _edges(grid.b)
    # A little over their neighbours: between edges that meet, paper would shine through.
    over_a, over_b = 0.1 * (a[1] - a[0]), 0.1 * (b[1] - b[0])
    cells = [
        {
            "a": float(a[i]),
            "a2": float(min(a[i + 1] + over_a, a[-1])),
            "b": float(b[j]),
            "b2": float(min(b[j + 1] + over_b, b[-1])),
            "value": float(values[i, j]),
        }
        for i in range(len(grid.a))
        for j in range(len(grid.b))
    ]
    x, y = _axis("a", surface.names[0], a), _axis("b", surface.names[1], b)
    drawn = [
        layers.layer(
            cells, {"type": "rect"}, y=y, x2={"field": "a2"}, y2={"field": "b2"}, color=colour
        ),
        *_marks(surface, y),
    ]
    panel = layers.panel(drawn, x, SIDE, SIDE)
    worst = " (palest: that or more)" if loss else ""
    return {**panel, "title": {"text": f"{name}{worst}"}}


def _marks(surface: Surface, y: Spec) -> list[Spec]:
    """Both minimisers, each with its name, on the side that has room."""
    middle = float(surface.grid.a.mean())
    upper = surface.surrogate.b >= surface.exact.b
    drawn = []
    for point, shape, name, above in (
        (surface.surrogate, "circle", f"least {short_label(surface)}", upper),
        (surface.exact, "diamond", "most accurate", not upper),
    ):
        row = [{"a": point.a, "b": point.b}]
        left = point.a > middle
        drawn += [
            layers.layer(
                row,
                {
                    "type": "point",
                    "shape": shape,
                    "size": 90,
                    "filled": True,
                    "opacity": 1,
                    "color": theme.INK.light,
                    "stroke": theme.PAPER.light,
                    "strokeWidth": 1.5,
                },
                y=y,
            ),
            layers.layer(
                row,
                layers.text(
                    name,
                    align="right" if left else "left",
                    dx=-9 if left else 9,
                    dy=-9 if above else 10,
                    color=theme.INK.light,
                ),
                y=y,
            ),
        ]
    return drawn


def _curve(surface: Surface, curve: Curve) -> Spec:
    word = short_label(surface)
    other = surface.names[1] if curve.name == surface.names[0] else surface.names[0]
    held = surface.surrogate.b if curve.name == surface.names[0] else surface.surrogate.a
    best = _most_accurate(curve)
    x = _axis("at", curve.name, curve.value)
    drawn: list[Spec] = [
        *_rule(curve.least, f"least {word}", high=False, left=curve.least < best),
        *_rule(best, "most accurate along it", high=True, left=best <= curve.least),
    ]
    for name, values, least, colour, side in (
        (word, curve.loss, 0.0, theme.BLUE, "left"),
        # What is noise should not fill the panel.
        (ACCURACY, curve.accuracy, 2.0 * surface.standard_error, theme.VERMILION, "right"),
    ):
        low, high = _room(values, least)
        y = {
            "field": "value",
            "type": "quantitative",
            "scale": {"domain": [low, high], "zero": False, "nice": False},
            "axis": {
                "title": name,
                "orient": side,
                "titleColor": colour.light,
                "labelColor": colour.light,
                "grid": side == "left",
                "tickCount": 5,
                "format": ",.3~g" if high - low > 0.01 * abs(high) else ",.5~g",
            },
        }
        rows = [
            {"at": float(p), "value": float(v)} for p, v in zip(curve.value, values, strict=True)
        ]
        # Accuracy moves by whole rows.
        shape = "linear" if side == "left" else "step"
        mark = {
            "type": "line",
            "strokeWidth": 2,
            "color": colour.light,
            "strokeDash": theme.DASHES[0],
            "interpolate": shape,
        }
        drawn.append(layers.layer(rows, mark, y=y))
    panel = layers.panel(drawn, x, WIDTH, HEIGHT)
    return {
        **panel,
        "resolve": {"scale": {"y": "independent"}},
        "title": {"text": f"along {curve.name}", "subtitle": f"{other} held at {figure(held)}"},
    }


def _most_accurate(curve: Curve) -> float:
    """The middle of that stretch with the best accuracy which is nearest to the least loss."""
    places = np.flatnonzero(curve.accuracy >= curve.accuracy.max() - 1e-12)
    stretches = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    middles = [float(curve.value[stretch].mean()) for stretch in stretches]
    return min(middles, key=lambda middle: abs(middle - curve.least))


def _rule(at: float, name: str, high: bool, left: bool) -> list[Spec]:
    """An upright line with its name at the top or below it, on one side."""
    row = [{"at": at}]
    rule = {"type": "rule", "color": theme.MUTED.light, "strokeDash": [3, 3]}
    words = layers.text(
        name, align="right" if left else "left", dx=-4 if left else 4, baseline="top"
    )
    return [
        layers.layer(row, rule),
        layers.layer(row, words, y={"value": 2 if high else 18}),
    ]


def _axis(field: str, title: str, values: Array) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [float(values[0]), float(values[-1])], "nice": False, "zero": False},
        "axis": {"title": title, "tickCount": 6, "grid": False, "format": ",.3~g"},
    }


def _edges(centres: Array) -> Array:
    """Ends of the cells around evenly spaced values."""
    half = (centres[1] - centres[0]) / 2.0
    return np.append(centres - half, centres[-1] + half)


def _room(values: Array, least: float) -> tuple[float, float]:
    """Ends of an axis that has room above for words, and is so long at least."""
    low, high = float(values.min()), float(values.max())
    room = max(0.06 * (high - low), (least - (high - low)) / 4.0) or 0.05
    return low - room, high + 3.0 * room
