"""What the documentation takes from the code: a MkDocs hook.

A page asks for a table with ``<!-- table: losses -->`` (or another of `TABLES`) and for the
reference with ``<!-- reference -->``. Each finding gets a page of its own.
"""

from __future__ import annotations

import html
import inspect
import math
import re
from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import counterpoint
from counterpoint.findings import COMPARISONS, FINDINGS
from counterpoint.findings.audits import AUDIT_FINDINGS
from counterpoint.findings.compared import MODEL_FINDINGS, RIVALS_FINDINGS
from counterpoint.findings.histories import DIAGNOSES
from counterpoint.findings.landscapes import LANDSCAPE_FINDINGS
from counterpoint.findings.networks import NETWORK_FINDINGS
from counterpoint.findings.pairs import GAP_FINDINGS, PAIR_FINDINGS
from counterpoint.objective import LOSSES, PENALTIES
from counterpoint.objective.losses import Loss
from counterpoint.objective.strength import NoFixedAlpha, list_conventions
from counterpoint.runs.names import vocabulary
from counterpoint.runs.readers import FOLDERS, READERS
from counterpoint.theory.proper_losses import PROPER_LOSSES


class Documented(Protocol):
    """A module that holds one finding, and is its documentation."""

    summary: str


#: Heading in the list of findings → those below it.
GROUPS: dict[str, dict[str, Documented]] = {
    "Of one loss and penalty": dict(FINDINGS),
    "Of several side by side": dict(COMPARISONS),
    "Of two models' predictions": dict(RIVALS_FINDINGS),
    "Of one model's predictions": dict(MODEL_FINDINGS),
    "Of a loss and an accuracy": {**PAIR_FINDINGS, **GAP_FINDINGS},
    "Of a landscape": dict(LANDSCAPE_FINDINGS),
    "Of a population of networks": dict(NETWORK_FINDINGS),
    "Of a training step": dict(AUDIT_FINDINGS),
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add one page a finding, and their list."""
    findings = {name: each for group in GROUPS.values() for name, each in group.items()}
    pages = {name: finding_page(name, each) for name, each in findings.items()}
    pages["index"] = findings_index()
    for name, content in pages.items():
        files.append(File.generated(config, f"findings/{name}.md", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the tables and the reference where a page asks for them."""
    markdown = re.sub(r"<!-- table: (\w+) -->", lambda match: TABLES[match[1]](), markdown)
    return markdown.replace("<!-- reference -->", reference())


def findings_index() -> str:
    """Every finding by importance, those about one sweep first."""
    parts = [
        "# Findings\n\nEverything that Counterpoint has to say is a finding: a named conclusion "
        "with its evidence, a plain explanation and a remedy."
    ]
    for heading, group in GROUPS.items():
        listed = [f"- [{spoken(name)}]({name}.md): {each.summary}" for name, each in group.items()]
        parts.append(f"## {heading}\n\n" + "\n".join(listed))
    return "\n\n".join(parts) + "\n"


def finding_page(name: str, finding: Documented) -> str:
    """The finding's summary, and the documentation that its module carries."""
    return f"# {spoken(name)}\n\n*{finding.summary}*\n\n{inspect.getdoc(finding)}\n"


def spoken(name: str) -> str:
    """A finding's name as a heading."""
    return name.replace("_", " ").capitalize()


def diagnoses() -> str:
    """A section a diagnosis of a log, the most important first."""
    return "\n\n".join(
        f"### {spoken(name)}\n\n*{each.summary}*\n\n{inspect.getdoc(each)}"
        for name, each in DIAGNOSES.items()
    )


def losses_table() -> str:
    """One row a loss: its formula and the values that bind it to right and wrong."""

    def row(name: str, loss: Loss, classes: str, n_classes: int) -> tuple[str, ...]:
        bounds = loss.bounds(n_classes)
        proper = "strictly proper" if loss.strictly_proper else "no"
        zeros = np.zeros((loss.n_outputs(n_classes), 1))
        link = "no" if loss.probability(zeros) is None else "yes"
        values = (bounds.uniform_guess, bounds.wrong_least, bounds.right_greatest)
        return code(name), classes, code(loss.formula), *map(number, values), link, proper

    rows = []
    for name, (for_two, for_more) in LOSSES.items():
        joint = for_two is not for_more
        rows.append(row(name, for_two(), "2" if joint else "any", 2))
        if joint:
            rows.append(row(name, for_more(), "3 (as an example)", 3))
    head = (
        *("loss", "classes", "formula", "value at z = 0", "least when wrong"),
        *("greatest when right", "probability link", "proper"),
    )
    return markdown_table(head, rows)


def proper_losses_table() -> str:
    """One row a loss that can be read beside an accuracy, for ten classes."""
    rows = []
    for name, loss in PROPER_LOSSES.items():
        bounds = loss.bounds(10)
        ends = (bounds.wrong_least, bounds.right_greatest, bounds.maximum)
        values = map(number, (loss.even_guess(10), *ends))
        rows.append((code(name), loss.label, code(loss.formula), *values))
    head = (
        *("--loss", "what it is", "of one prediction", "even guess"),
        *("least when wrong", "greatest when right", "ceiling"),
    )
    return markdown_table(head, rows)


def penalties_table() -> str:
    """One row a penalty, with its L1 share."""
    rows = [
        (code(name), kind.label, "chosen" if fixed is None else number(fixed), about)
        for name, (kind, fixed) in PENALTIES.items()
        for about in [inspect.getdoc(kind) or ""]
    ]
    return markdown_table(("penalty", "name", "l1_ratio", "what it is"), rows)


def strength_table() -> str:
    """One row a convention, then what else must hold for each."""
    conventions = list_conventions()
    head = ("convention", "parameter", "alpha", "its objective or step")
    table = markdown_table(
        head,
        [
            (code(each.name), code(each.parameter), each.formula, code(each.objective))
            for each in conventions
        ],
    )
    notes = [
        f"- `{each.name}`: its loss is {each.loss}. {each.note}"
        + (f" {each.rule.reason}." if isinstance(each.rule, NoFixedAlpha) else "")
        for each in conventions
    ]
    return "\n".join([table, "", "What else must hold for the models to be the same:", "", *notes])


def log_formats_table() -> str:
    """One row a reader."""
    readers = dict.fromkeys((*READERS, *FOLDERS))
    return markdown_table(
        ("format", "what is read"), [(reader.name, reader.summary) for reader in readers]
    )


def names_table() -> str:
    """What names of logs mean: rows first, then quantities."""
    return markdown_table(
        ("meaning", "words or names"),
        [(code(meaning), ", ".join(map(code, words))) for meaning, words in vocabulary().items()],
    )


TABLES: dict[str, Callable[[], str]] = {
    "losses": losses_table,
    "penalties": penalties_table,
    "proper_losses": proper_losses_table,
    "strength": strength_table,
    "log_formats": log_formats_table,
    "names": names_table,
    "diagnoses": diagnoses,
}


def reference() -> str:
    """A directive for every public name, pointing to where it lives."""
    homes = []
    for name in counterpoint.__all__:
        home, attribute = counterpoint._HOMES.get(name, ("counterpoint.errors", name))
        if not attribute:  # A module, which may need a library that is not here.
            homes.append(home)
            continue
        public = getattr(counterpoint, name)
        if callable(public):
            homes.append(f"{public.__module__}.{public.__qualname__}")
    return "\n\n".join(f"::: {home}" for home in homes)


def number(value: float) -> str:
    """Three digits, or a word for infinity."""
    return "unbounded" if math.isinf(value) else f"{value:.3g}"


def code(text: str) -> str:
    """Text as it is, in a cell of a table: no character of it means anything to Markdown."""
    plain = re.sub(r"[|*_`\\]", lambda match: f"&#{ord(match[0])};", html.escape(text))
    return f"<code>{plain}</code>"


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """The rows as a Markdown table."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
