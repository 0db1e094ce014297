"""Charts to pictures, without a browser and without the network."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import vl_convert

from counterpoint.files import write_atomically
from counterpoint.report.theme import Spec
from counterpoint.text import printable

#: Pixels of a PNG to a pixel of the chart, so that it stays sharp on a dense screen.
SCALE = 2.0


def svg_of(chart: Spec) -> str:
    """Draw a chart as SVG text.

    Examples
    --------
    >>> svg_of({"data": {"values": [{}]}, "mark": "point"})[:4]
    '<svg'
    """
    return _drawn(json.dumps(_drawable(chart), allow_nan=False))


def _drawable(part: Any) -> Any:
    """A part of a chart with its words printable.

    Of a control character in a label the renderer ends the whole process.
    """
    if isinstance(part, dict):
        return {key: _drawable(value) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_drawable(value) for value in part]
    return printable(part) if isinstance(part, str) else part


@lru_cache(maxsize=16)
def _drawn(chart: str) -> str:
    """Remembered, as the page and the files show the same charts."""
    # No base address is allowed: a chart never fetches data.
    return str(vl_convert.vegalite_to_svg(chart, allowed_base_urls=[]))


def save_chart(chart: Spec, path: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Write a chart as PNG (two pixels to one) and SVG.

    Parameters
    ----------
    chart
        A Vega-Lite specification with its data in it.
    path
        Where to, without a suffix.

    Returns
    -------
    (Path, Path)
        The PNG and the SVG.

    Raises
    ------
    InputError
        A file can't be written; an older one stays as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     png, svg = save_chart({"data": {"values": [{}]}, "mark": "point"}, f"{folder}/point")
    ...     png.name, png.read_bytes()[1:4], svg.name
    ('point.png', b'PNG', 'point.svg')
    """
    svg = svg_of(chart)
    base = Path(path)
    png = vl_convert.svg_to_png(svg, scale=SCALE)
    return (
        write_atomically(base.with_name(f"{base.name}.png"), png),
        write_atomically(base.with_name(f"{base.name}.svg"), svg),
    )
