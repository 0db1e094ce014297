"""Axes: alpha across, few labels in the words of the findings, and room for what is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from counterpoint.findings.words import strength
from counterpoint.report.theme import Spec

_TITLE, _SHORT_TITLE = "penalty strength alpha (weak to strong)", "penalty strength alpha"
#: Width from which the first of the two has room.
_ROOMY = 260
#: Room that a label across and one upwards takes, in pixels.
_ACROSS, _UPWARDS = 60, 26
#: A quantity that vanishes is shown down to this share of its greatest value.
_LEAST = 1e-16


def alpha_axis(alphas: npt.NDArray[np.float64], width: int, labelled: bool = True) -> Spec:
    """Alpha across on a log scale: labels at powers of ten, or at alphas where they span few."""
    low, high = alpha_domain(alphas)
    room = max(2, width // _ACROSS)
    ticks = _powers(low, high, room)
    if len(ticks) < 3:
        ticks = [float(a) for a in alphas[:: -(-len(alphas) // room)]]
    axis = {
        "title": (_TITLE if width >= _ROOMY else _SHORT_TITLE) if labelled else None,
        "labels": labelled,
        **_ticks(ticks),
    }
    return {
        "field": "alpha",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": axis,
    }


def place_across(alphas: npt.NDArray[np.float64], alpha: float) -> float:
    """Where an alpha stands on the axis: 0 at its left end, 1 at its right."""
    low, high = np.log(alpha_domain(alphas))
    return float((np.log(alpha) - low) / (high - low))


def alpha_domain(alphas: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Ends of the alpha axis; around a single alpha there is room to both sides."""
    return _apart(float(alphas[0]), float(alphas[-1]))


def log_axis(values: Iterable[float], height: int, title: str) -> Spec:
    """Positive values upwards on a log scale; what is below 1e-16 of the greatest is cut off."""
    positive = [v for v in values if np.isfinite(v) and v > 0.0] or [1.0]
    low, high = _apart(max(min(positive), _LEAST * max(positive)), max(positive))
    powers = _powers(low, high, max(2, height // _UPWARDS))
    ticks = powers if len(powers) > 1 else _round_numbers(low, high)
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False, "clamp": True},
        "axis": {"title": title, **_ticks(ticks)},
    }


def linear_axis(values: Iterable[float], title: str | None) -> Spec:
    """Values upwards on an even scale, with a little room at both ends."""
    finite = [v for v in values if np.isfinite(v)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    room = 0.04 * (high - low) or 0.05 * abs(high) or 0.05
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [low - room, high + room], "zero": False, "nice": False},
        "axis": {"title": title, "tickCount": 5, "format": ",.4~g"},
    }


def _apart(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low / 2.0, high * 2.0)


def _powers(low: float, high: float, room: int) -> list[float]:
    """Powers of ten from low to high, thinned to those whose exponent is a multiple of a step."""
    first, last = int(np.ceil(np.log10(low) - 1e-9)), int(np.floor(np.log10(high) + 1e-9))
    step = max(1, -(-(last - first + 1) // room))
    return [10.0**k for k in range(first, last + 1) if k % step == 0]


def _round_numbers(low: float, high: float) -> list[float]:
    """Ones, twos and fives from low to high; the ends where there are too few."""
    first, last = int(np.floor(np.log10(low))), int(np.floor(np.log10(high)))
    steps = [m * 10.0**k for k in range(first, last + 1) for m in (1.0, 2.0, 5.0)]
    inside = [v for v in steps if low <= v <= high]
    return inside if len(inside) > 1 else [low, high]


def _ticks(values: Sequence[float]) -> Spec:
    """Ticks at given values, written as the findings write them.

    Exponents are not raised: few fonts have all the signs for that, and a picture is drawn
    with the fonts of the machine it is made on.
    """
    names = {strength(v): v for v in values}
    # datum.index runs from 0 to 1 over the ticks.
    expression = f"{json.dumps(list(names))}[round(datum.index * {len(names) - 1})]"
    return {"values": list(names.values()), "labelExpr": expression}
