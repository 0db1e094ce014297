"""A population as one self-contained page, and as a folder with its charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from markupsafe import Markup

from counterpoint.files import write_atomically
from counterpoint.findings.finding import Finding
from counterpoint.fit.nets.result import PopulationFit
from counterpoint.report import theme
from counterpoint.report.document import Figure, drawings, template
from counterpoint.report.export import save_chart
from counterpoint.report.origin import versions
from counterpoint.report.population_charts import curves_chart, map_chart, norms_chart
from counterpoint.report.population_rows import facts, in_short, member_rows
from counterpoint.report.theme import Spec

_CHARTS: tuple[tuple[str, Callable[[PopulationFit, int], Spec], str, str], ...] = (
    (
        "curves",
        curves_chart,
        "Over the epochs",
        "Data loss and penalty, the two parts of the objective, on the training rows, and scores "
        "on the validation rows; the best seed of up to four alphas.",
    ),
    (
        "map",
        map_chart,
        "Alpha and epoch",
        "What members are chosen by, for the best seed of each alpha; the cross is the least.",
    ),
    ("norms", norms_chart, "The weights", "Euclidean norm of each layer's weights."),
)


def render_population(
    fit: PopulationFit, findings: Sequence[Finding], origin: Mapping[str, str] | None = None
) -> str:
    """Write a population as one page: style and charts in it, no script, no address outside."""
    figures = [
        Figure(title, caption, drawings(partial(chart, fit), name, title))
        for name, chart, title, caption in _CHARTS
    ]
    return template("population.html.j2").render(
        title="Counterpoint population",
        in_short=in_short(fit),
        findings=findings,
        figures=figures,
        rows=member_rows(fit),
        data=facts(fit),
        origin={**(origin or {}), **versions("torch")},
        notes=(),
        dark=Markup(theme.dark_rules()),
    )


def write_population(
    folder: Path, fit: PopulationFit, findings: Sequence[Finding], origin: Mapping[str, str]
) -> None:
    """Write ``report.html`` and the charts, as PNG and SVG, into a folder that is there."""
    for name, chart, _, _ in _CHARTS:
        save_chart(chart(fit, 720), folder / name)
    write_atomically(folder / "report.html", render_population(fit, findings, origin))
