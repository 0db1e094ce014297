"""The page of a comparison: one HTML file that needs nothing from outside, and runs no script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol

import polars as pl
from markupsafe import Markup

from counterpoint.findings.compared.words import SCORE_LABELS, margin_of
from counterpoint.findings.finding import Finding
from counterpoint.report import theme
from counterpoint.report.comparison.charts import (
    differences_chart,
    parts_chart,
    reliability_chart,
    scores_chart,
)
from counterpoint.report.comparison.words import adjusted_note, parts_note, size_in_short
from counterpoint.report.document import Figure, drawings, template
from counterpoint.report.origin import versions
from counterpoint.report.theme import Spec
from counterpoint.scores.compared import Compared

Chart = Callable[..., Spec]


class Told(Protocol):
    """A comparison as a page needs it; `counterpoint.Comparison` is one."""

    @property
    def numbers(self) -> Compared:
        """All figures."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What they mean, the most important first."""

    @property
    def notes(self) -> Sequence[str]:
        """How the predictions were understood."""

    @property
    def row_names(self) -> pl.Series | None:
        """Identifiers of the rows, where there are any."""


def render_comparison(comparison: Told, *, origin: Mapping[str, str] | None = None) -> str:
    """Write a comparison as one page.

    Parameters
    ----------
    comparison
        What `counterpoint.compare` gave.
    origin
        How it came about: name and value, such as the command; shown as they are.

    Returns
    -------
    str
        HTML with everything in it: style, charts as SVG, no script, no address outside.
    """
    both = comparison.numbers
    return template("comparison.html.j2").render(
        title=" against ".join(model.name for model in both.models[:3])
        + (" and others" if len(both.models) > 3 else ""),
        both=both,
        row_names=comparison.row_names,
        labels=SCORE_LABELS,
        findings=comparison.findings,
        figures={
            name: Figure(title, caption, drawings(partial(chart, both), f"c{name}", title))
            for name, chart, title, caption in figures_of(both)
        },
        in_short=size_in_short(both),
        parts_note=parts_note(both),
        margin_of=margin_of,
        data=_data_facts(both),
        notes=comparison.notes,
        origin={**(origin or {}), **versions()},
        dark=Markup(theme.dark_rules()),
    )


def figures_of(both: Compared) -> Iterable[tuple[str, Chart, str, str]]:
    """Each chart that there is cause for: name, function, title and caption."""
    yield (
        "scores",
        scores_chart,
        "Scores",
        "Each model's scores on the same rows, with 95% intervals. The dotted line is what giving "
        "every row the classes' shares would score. Two intervals that overlap may well differ: "
        "see the differences.",
    )
    if both.pairs:
        yield (
            "differences",
            differences_chart,
            f"Differences from {both.models[0].name}",
            "Row by row, with 95% intervals: what makes a row hard for both models is taken out. "
            + adjusted_note(both),
        )
    if both.models[0].study is None:
        return
    yield (
        "parts",
        parts_chart,
        "Miscalibration and discrimination",
        "Left the less the better, right the more. The interval reaches from what recalibration by "
        "other rows gives to what recalibration by the same rows gives.",
    )
    yield (
        "reliability",
        reliability_chart,
        "Reliability",
        "How often forecasts came true: the curve is the isotonic fit (CORP), the grey band holds "
        "95% of the curves that calibrated forecasts would give on as many rows. A curve flatter "
        "than the dashed line is over-confident. Below it, where the forecasts lie.",
    )


def _data_facts(both: Compared) -> dict[str, str]:
    shares = ", ".join(
        f"{name} {share:.3f}"
        for name, share in zip(both.classes[:20], both.class_share[:20], strict=True)
    )
    return {
        "Rows": f"{both.n:,}",
        f"{len(both.classes)} classes": shares + (", …" if len(both.classes) > 20 else ""),
    }
