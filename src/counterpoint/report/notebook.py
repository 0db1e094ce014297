"""Charts as Altair objects, which notebooks draw and users go on to change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

from counterpoint.findings.chosen import Choice
from counterpoint.findings.finding import Finding
from counterpoint.fit.result import SweepFit
from counterpoint.report.charts import objective_chart, scores_chart, weights_chart
from counterpoint.report.landscape_charts import landscape_chart as landscape_spec
from counterpoint.report.marks import marks_of
from counterpoint.report.side_by_side import side_by_side_chart
from counterpoint.theory.landscape import Surface


def sweep_chart(
    fit: SweepFit, choice: Choice, findings: Iterable[Finding] = ()
) -> alt.VConcatChart:
    """Scores, parts of the objective and weights of one sweep, one above the other."""
    marks = marks_of(choice, findings)
    parts = [part(fit, marks) for part in (scores_chart, objective_chart, weights_chart)]
    whole = {**parts[0], "vconcat": [panel for part in parts for panel in part["vconcat"]]}
    return alt.VConcatChart.from_dict(whole)


def side_by_side(fits: Sequence[SweepFit]) -> alt.ConcatChart:
    """Several sweeps of the same data in one chart."""
    return alt.ConcatChart.from_dict(side_by_side_chart(fits))


def landscape_chart(surface: Surface) -> alt.VConcatChart:
    """Loss and accuracy over two parameters."""
    rows: dict[str, list[Any]] = {}
    chart = alt.VConcatChart.from_dict(_named(landscape_spec(surface), rows))
    chart.datasets = rows
    return chart


def _named(spec: Any, rows: dict[str, list[Any]]) -> Any:
    """Take the rows out of a chart and call them by name: Altair looks at each for milliseconds."""
    if isinstance(spec, list):
        return [_named(part, rows) for part in spec]
    if not isinstance(spec, dict):
        return spec
    if "data" in spec:
        name = f"rows-{len(rows)}"
        rows[name] = spec["data"]["values"]
        spec = {**spec, "data": {"name": name}}
    return {key: _named(part, rows) for key, part in spec.items()}
