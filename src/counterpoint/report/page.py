"""The page: one HTML file that needs nothing from outside, and runs no script."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from counterpoint.findings.finding import Finding
from counterpoint.fit.result import SweepFit
from counterpoint.report import theme
from counterpoint.report.charts import objective_chart, scores_chart, weights_chart
from counterpoint.report.document import Figure, drawings, template
from counterpoint.report.marks import Marks, marks_of
from counterpoint.report.origin import data_facts, data_in_short, fit_facts, versions
from counterpoint.report.rows import TableRow, table_rows
from counterpoint.report.side_by_side import side_by_side_chart
from counterpoint.report.subject import Subject, name_of
from counterpoint.report.theme import Spec


def render_page(
    subjects: Sequence[Subject],
    comparisons: Sequence[Finding] = (),
    *,
    title: str = "Counterpoint sweep",
    origin: Mapping[str, str] | None = None,
) -> str:
    """Write sweeps of the same data as one page.

    Parameters
    ----------
    subjects
        One or more sweeps, each with its findings and choice.
    comparisons
        What they show together.
    title
        Heading of the page.
    origin
        How the sweeps came about: name and value, such as the command; shown as they are.

    Returns
    -------
    str
        HTML with everything in it: style, charts as SVG, no script, no address outside.
    """
    sections = [_section(subject, f"s{i}") for i, subject in enumerate(subjects)]
    together = None
    if len(subjects) > 1:
        fits = [subject.fit for subject in subjects]
        together = Figure(
            "Scores and weights over the penalty strength",
            "Each column is a loss, each line a penalty; all on the same rows and folds. "
            "Where a loss gives no probabilities, log loss is taken after calibration. A line of "
            "the norm ends where every weight is zero.",
            drawings(lambda width: side_by_side_chart(fits, width), "c", "Side by side"),
        )
    return template("report.html.j2").render(
        title=title,
        sections=sections,
        comparisons=comparisons,
        together=together,
        in_short=data_in_short(subjects[0].fit),
        data=data_facts(subjects[0].fit),
        notes=subjects[0].fit.facts.notes,
        origin={**(origin or {}), **versions()},
        dark=Markup(theme.dark_rules()),
    )


@dataclass(frozen=True)
class _Section:
    key: str
    name: str
    subject: Subject
    figures: tuple[Figure, ...]
    rows: tuple[TableRow, ...]
    weights: int
    facts: Mapping[str, str]


def _section(subject: Subject, key: str) -> _Section:
    marks = marks_of(subject.choice, subject.findings)
    return _Section(
        key=key,
        name=name_of(subject.fit),
        subject=subject,
        figures=tuple(_figures(subject.fit, marks, key)),
        rows=table_rows(subject.fit, marks),
        weights=math.prod(subject.fit.coef.shape[1:]),
        facts=fit_facts(subject.fit),
    )


_CAPTIONS: tuple[tuple[Callable[[SweepFit, Marks, int], Spec], str, str], ...] = (
    (
        scores_chart,
        "Scores over the penalty strength",
        "Held-out values with their 95% intervals, and values on the rows trained on. The upright "
        "line drawn through is the alpha to take, the dashed one the other candidate. Where there "
        "is a shaded range, held-out accuracy can't be told from constant over it.",
    ),
    (
        objective_chart,
        "Data loss and penalty, the two parts of the objective",
        "Mean data loss on the rows trained on, and alpha times the penalty of the weights; the "
        "fit makes their sum least. Both axes are logarithmic.",
    ),
    (
        weights_chart,
        "The weights",
        "Their Euclidean norm, on the scale that the penalty sees, and how many are not zero.",
    ),
)


def _figures(fit: SweepFit, marks: Marks, key: str) -> Iterator[Figure]:
    for i, (chart, title, caption) in enumerate(_CAPTIONS):
        drawn = drawings(partial(chart, fit, marks), f"{key}f{i}", title)
        yield Figure(title, caption, drawn)
