"""What every page is made of: figures drawn for desk and phone, evidence, and the templates."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from counterpoint.findings.words import figure, p_value, percent, roughly, strength
from counterpoint.report.export import svg_of
from counterpoint.report.inline import inline_svg
from counterpoint.report.quantities import interval_text, score_text, training_text
from counterpoint.report.theme import Spec
from counterpoint.text import printable

#: Plot widths for a desk and for a phone; the page shows the one that fits.
WIDE, NARROW = 720, 290
#: What is no longer easy to read with a line end in it; in text whose signs are escaped.
_WHOLE = re.compile(r"\d[\d.]*e-\d+|\bp (=|&lt;) [\d.]*\d")


@dataclass(frozen=True)
class Figure:
    """A chart with its heading and caption, drawn for a desk and for a phone."""

    title: str
    caption: str
    drawings: tuple[Markup, Markup]


def drawings(chart: Callable[[int], Spec], key: str, label: str) -> tuple[Markup, Markup]:
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
def _environment() -> Environment:
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
        p_value=p_value,
        percent=percent,
        roughly=roughly,
        printable=printable,
    )
    environment.globals.update(interval=interval_text, nan=math.nan)
    return environment


def template(name: str) -> Template:
    """A template by its file's name; what it is given is escaped unless it is markup."""
    return _environment().get_template(name)
