"""A comparison in a folder: the page, its charts as pictures, and the numbers."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from counterpoint.files import write_atomically
from counterpoint.report.comparison.page import Told, figures_of, render_comparison
from counterpoint.report.comparison.plain import plain_comparison
from counterpoint.report.export import save_chart


def write_comparison(
    folder: Path, comparison: Told, *, origin: Mapping[str, str] | None = None
) -> Path:
    """Write ``report.html``, each chart as PNG and SVG, ``comparison.json`` and Parquet tables.

    Parameters
    ----------
    folder
        Exists already.
    comparison
        What `counterpoint.compare` gave.
    origin
        How it came about: name and value, such as the command; shown as they are.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        The folder can't be written.
    """
    found = plain_comparison(comparison)
    for name, chart, _, _ in figures_of(comparison.numbers):
        save_chart(chart(comparison.numbers), folder / name)
    for name in ("scores", "parts", "differences", "costliest"):
        rows = found[name]
        if isinstance(rows, list) and rows:
            buffer = io.BytesIO()
            pl.DataFrame(rows, infer_schema_length=None).write_parquet(buffer)
            write_atomically(folder / f"{name}.parquet", buffer.getvalue())
    write_atomically(
        folder / "comparison.json", json.dumps(found, indent=1, allow_nan=False) + "\n"
    )
    return write_atomically(folder / "report.html", render_comparison(comparison, origin=origin))
