"""How every chart looks: one palette for light and dark, and one Vega-Lite configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: A chart, or a part of one, in the Vega-Lite language (https://vega.github.io/vega-lite/).
#: Written out as it is, because building the same through Altair's objects takes ten times as long.
Spec = dict[str, Any]

#: Met on every system in one of its forms; the first comes with vl-convert.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Colour:
    """One colour on light paper, and the one that stands in for it on dark."""

    light: str
    dark: str


INK = Colour("#1f2933", "#e6e9ee")
MUTED = Colour("#5f6c7b", "#a3aebb")
GRID = Colour("#e4e7eb", "#303a46")
PAPER = Colour("#ffffff", "#14191f")
SHADE = Colour("#f6efdc", "#332e20")
# Told apart by colour-blind eyes: https://jfly.uni-koeln.de/color/ (Okabe and Ito); the dark ones
# are lighter shades of them.
BLUE = Colour("#0072b2", "#5cb8ea")
VERMILION = Colour("#d55e00", "#ff8f4d")
GREEN = Colour("#009e73", "#3fd0a5")
PURPLE = Colour("#a2559c", "#dc9bd6")

PALETTE = (INK, MUTED, GRID, PAPER, SHADE, BLUE, VERMILION, GREEN, PURPLE)
#: Colours of lines that are told apart, in order of use.
SERIES = (BLUE, VERMILION, GREEN, PURPLE)
#: Dashes that go with them, so that no line is known by its colour alone.
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def stacked(panels: Sequence[Spec]) -> Spec:
    """Panels one above the other, in the looks of every chart."""
    return {
        "config": _configuration(),
        "vconcat": list(panels),
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
    }


def tiled(panels: Sequence[Spec], columns: int) -> Spec:
    """Panels row by row, with one legend for all."""
    return {
        "config": _configuration(),
        "concat": list(panels),
        "columns": columns,
        "resolve": {"scale": {"color": "shared", "strokeDash": "shared"}},
    }


def dark_rules() -> str:
    """Style rules that recolour an inline chart for dark paper."""
    return "\n".join(
        f'svg [{attribute}="{colour.light}"]{{{attribute}:{colour.dark}}}'
        for colour in PALETTE
        for attribute in ("fill", "stroke")
    )


def _configuration() -> Spec:
    axis = {
        "domainColor": MUTED.light,
        "tickColor": MUTED.light,
        "gridColor": GRID.light,
        "labelColor": MUTED.light,
        "titleColor": INK.light,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titlePadding": 8,
        "labelPadding": 4,
        "tickSize": 4,
    }
    legend = {
        "orient": "top",
        "offset": 26,
        "title": None,
        "titleColor": INK.light,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "labelColor": INK.light,
        "labelLimit": 320,
        "symbolType": "stroke",
        "symbolStrokeWidth": 2,
        "symbolSize": 400,
        "columnPadding": 18,
    }
    title = {
        "anchor": "start",
        "fontSize": 13,
        "color": INK.light,
        "subtitleFontSize": 12,
        "subtitleColor": MUTED.light,
        "offset": 8,
    }
    return {
        "font": FONT,
        "background": PAPER.light,
        "padding": 8,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False, "minExtent": 44},
        "legend": legend,
        "title": title,
        "text": {"fontSize": 12, "color": MUTED.light},
        "concat": {"spacing": 14},
    }
