"""The page: one HTML file that needs nothing from outside, and runs no script."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, strength
from counterpoint.fit.result import SweepFit
from counterpoint.report import theme
from counterpoint.report.charts import objective_chart, scores_chart, weights_chart
from counterpoint.report.export import svg_of
from counterpoint.report.inline import inline_svg
from counterpoint.report.marks import Marks, marks_of
from counterpoint.report.origin import data_facts, data_in_short, fit_facts, versions
from counterpoint.report.quantities import interval_text, score_text, training_text
from counterpoint.report.rows import TableRow, table_rows
from counterpoint.report.side_by_side import side_by_side_chart
from counterpoint.report.subject import Subject, name_of
from counterpoint.report.theme import Spec

#: Plot widths for a desk and for a phone; the page shows the one that fits.
WIDE, NARROW = 720, 290
#: What is no longer easy to read with a line end in it; in text whose signs are escaped.
_WHOLE = re.compile(r"\d[\d.]*e-\d+|\bp (=|&lt;) [\d.]*\d")


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
        together = _Figure(
            "Scores and weights over the penalty strength",
            "Each column is a loss, each line a penalty; all on the same rows and folds. "
            "Where a loss gives no probabilities, log loss is taken after calibration. A line of "
            "the norm ends where every weight is zero.",
            _drawings(lambda width: side_by_side_chart(fits, width), "c", "Side by side"),
        )
    return _template().render(
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
class _Figure:
    title: str
    caption: str
    drawings: tuple[Markup, Markup]


@dataclass(frozen=True)
class _Section:
    key: str
    name: str
    subject: Subject
    figures: tuple[_Figure, ...]
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


def _figures(fit: SweepFit, marks: Marks, key: str) -> Iterator[_Figure]:
    for i, (chart, title, caption) in enumerate(_CAPTIONS):
        drawings = _drawings(partial(chart, fit, marks), f"{key}f{i}", title)
        yield _Figure(title, caption, drawings)


def _drawings(chart: Callable[[int], Spec], key: str, label: str) -> tuple[Markup, Markup]:
    """One chart drawn for a desk and for a phone. Safe as markup: written by an XML writer."""
    wide, narrow = (
        Markup(inline_svg(svg_of(chart(width)), f"{key}w{width}", label))
        for width in (WIDE, NARROW)
    )
    return wide, narrow


def evidence_rows(evidence: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Evidence as names and values, what is nested named by its path.

    Examples
    --------
    >>> evidence_rows({"n": 1797, "best": {"alpha": 0.001}, "log_loss_at_ends": [0.654, None]})
    [('n', '1797'), ('best, alpha', '0.001'), ('log loss at ends', '0.654; none')]
    """
    rows: list[tuple[str, str]] = []
    for name, value in evidence.items():
        words = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += evidence_rows(value, f"{words}, ")
        else:
            rows.append((words, _value_text(value)))
    return rows


def unbroken(text: str) -> Markup:
    """Escaped text in which no line ends inside a number such as 1e-12, or inside ``p = 0.05``.

    Examples
    --------
    >>> print(unbroken("alpha < 1e-3"))
    alpha &lt; <span class="unbroken">1e-3</span>
    """
    return Markup(_WHOLE.sub(r'<span class="unbroken">\g<0></span>', str(escape(text))))


def _value_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value_text(v)}" for name, v in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(map(_value_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("counterpoint.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        strength=strength,
        figure=figure,
        score=score_text,
        training=training_text,
        evidence_rows=evidence_rows,
        unbroken=unbroken,
    )
    environment.globals.update(interval=interval_text, nan=math.nan)
    return environment.get_template("report.html.j2")
