"""A landscape in a folder: its charts, and its numbers as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from counterpoint.files import all_or_nothing, write_atomically
from counterpoint.findings.finding import Finding
from counterpoint.report.export import save_chart
from counterpoint.report.landscape_charts import landscape_chart
from counterpoint.theory.landscape import PlanePoint, Surface


def plain_landscape(surface: Surface, findings: Iterable[Finding]) -> dict[str, Any]:
    """The landscape as plain JSON values."""
    whole, grid = surface.whole, surface.grid
    return {
        "axes": list(surface.names),
        "classes": list(surface.classes),
        "rows": surface.n,
        "loss": surface.loss_name,
        "alpha": surface.alpha,
        "loss_gap": surface.loss_gap,
        "least_loss": _point(surface, surface.surrogate),
        "most_accurate": {
            **_point(surface, surface.exact),
            "proven": surface.proven,
            "least_error_proven": surface.lower_bound,
        },
        "all_parameters": {
            "coef": whole.coef.tolist(),
            "intercept": whole.intercept,
            "accuracy": whole.accuracy,
            "proven": whole.proven,
            "least_error_proven": whole.lower_bound,
            # JSON has no infinity: null is no cut at all.
            "cuts": [
                {
                    "low": None if cut.low == float("-inf") else cut.low,
                    "high": cut.high,
                    "second_above": cut.second_above,
                }
                for cut in whole.cuts
            ],
        },
        "grid": {name: getattr(grid, name).tolist() for name in ("a", "b", "loss", "accuracy")},
        "curves": [
            {
                "along": curve.name,
                "value": curve.value.tolist(),
                "loss": curve.loss.tolist(),
                "accuracy": curve.accuracy.tolist(),
            }
            for curve in surface.curves
        ],
        "findings": [vars(finding) for finding in findings],
    }


def write_landscape(surface: Surface, findings: Iterable[Finding], folder: Path) -> Path:
    """Write ``landscape.png``, ``landscape.svg`` and ``landscape.json``; all of them or none.

    Raises
    ------
    InputError
        Where the folder can't be written.
    """
    with all_or_nothing(folder) as staged:
        save_chart(landscape_chart(surface), staged / "landscape")
        content = json.dumps(plain_landscape(surface, findings), allow_nan=False)
        write_atomically(staged / "landscape.json", content)
    return folder


def _point(surface: Surface, point: PlanePoint) -> dict[str, float]:
    return {
        surface.names[0]: point.a,
        surface.names[1]: point.b,
        "loss": point.loss,
        "accuracy": point.accuracy,
    }
