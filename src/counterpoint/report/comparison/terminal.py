"""A comparison on the terminal: scores and their parts, differences, and the findings."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from counterpoint.findings.compared.words import SCORE_LABELS
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, listing, p_value, roughly
from counterpoint.report.comparison.words import (
    adjusted_note,
    margin,
    parts_note,
    size_in_short,
)
from counterpoint.report.quantities import interval_text, score_text
from counterpoint.report.terminal import print_findings, print_lines, text_width
from counterpoint.scores import Estimate
from counterpoint.scores.compared import Compared, PairScores
from counterpoint.text import printable


def print_comparison(
    console: Console, both: Compared, findings: Sequence[Finding], notes: Sequence[str]
) -> None:
    """Print how the tables were understood, scores, parts, differences and findings."""
    print_lines(console, (size_in_short(both), *notes))
    _print_scores(console, both)
    if any(model.study is not None for model in both.models):
        _print_parts(console, both)
    for pair in both.pairs:
        _print_differences(console, both, pair)
    if note := adjusted_note(both):
        _aside(console, note)
    print_findings(console, findings)


def _print_scores(console: Console, both: Compared) -> None:
    table = _table("", *SCORE_LABELS.values())
    for model in both.models:
        table.add_row(
            _text(model.name), *(_text(margin(model.scores[name])) for name in SCORE_LABELS)
        )
    table.add_row(
        _text("base rates"), *(_text(score_text(both.base[n])) for n in SCORE_LABELS), style="dim"
    )
    console.print(table)
    shares = [f"{c} {s:.3f}" for c, s in zip(both.classes, both.class_share, strict=True)]
    _aside(
        console,
        "±: half the 95% interval, where it isn't written out. Base rates: every row is given "
        f"the classes' shares ({listing(shares)}).",
    )


def _print_parts(console: Console, both: Compared) -> None:
    table = _table("", "miscalibration", "discrimination", "uncertainty")
    for name in ("log_loss", "brier", "accuracy"):
        for model in both.models:
            if model.study is None:
                continue
            parts = model.study.parts[name]
            label = "error rate" if name == "accuracy" else SCORE_LABELS[name]
            table.add_row(
                _text(f"{label}, {model.name}"),
                *(
                    _text(f"{score_text(float(each.value))} ({_range(each)})")
                    for each in (parts.miscalibration, parts.discrimination)
                ),
                _text(score_text(float(parts.uncertainty.value))),
            )
    console.print(table)
    _aside(console, parts_note(both))


def _print_differences(console: Console, both: Compared, pair: PairScores) -> None:
    first, second = both.models[pair.before].name, both.models[pair.after].name
    table = _table(
        f"{second} minus {first}", "difference", "95% interval", "test", "rows to show it"
    )
    for name, label in SCORE_LABELS.items():
        found = pair.changes[name]
        rows = found.rows_needed
        table.add_row(
            _text(label),
            _text(score_text(float(found.estimate.value))),
            _text(_range(found.estimate)),
            _text(f"{found.test} {p_value(found.p)}"),
            _text("–" if rows is None else roughly(rows)),
        )
    console.print(table)
    flips = pair.flips
    others = f", {flips.d:,} wrong in both and differently" if len(both.classes) > 2 else ""
    line = (
        f"Of {count(flips.n, 'row')}, {flips.b:,} right with {second} alone, {flips.c:,} with "
        f"{first} alone{others}."
    )
    if pair.study is not None:
        split = pair.study.split
        line += (
            f" The difference in log loss is {figure(split.scale)} scale (how sure) and "
            f"{figure(split.direction)} direction (what is believed)."
        )
    _aside(console, line)


def _range(estimate: Estimate) -> str:
    return interval_text(float(estimate.low), float(estimate.high)) or "no interval"


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for i, title in enumerate(titles):
        table.add_column(Text(printable(title)), justify="right" if i else "left")
    return table


def _text(words: str) -> Text:
    return Text(printable(words))


def _aside(console: Console, words: str) -> None:
    console.print(Text(printable(words), style="dim"), width=text_width(console))
    console.print()
