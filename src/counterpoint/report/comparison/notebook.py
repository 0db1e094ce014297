"""A comparison as one Altair chart, which notebooks draw and users go on to change."""

from __future__ import annotations

import altair as alt

from counterpoint.report.comparison.charts import (
    differences_chart,
    parts_chart,
    reliability_chart,
    scores_chart,
)
from counterpoint.scores.compared import Compared


def comparison_chart(both: Compared) -> alt.VConcatChart:
    """Scores, differences, parts and reliability, one above the other."""
    parts = [scores_chart(both)]
    if both.pairs:
        parts.append(differences_chart(both))
    if both.models[0].study is not None:
        parts += [parts_chart(both), reliability_chart(both)]
    inner = [{k: v for k, v in part.items() if k != "config"} for part in parts]
    return alt.VConcatChart.from_dict({"config": parts[0]["config"], "vconcat": inner})
