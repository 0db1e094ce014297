"""A loss and an accuracy as text: a small table, a scale with marks, and findings in words."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import SupportsFloat

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import accuracy_figure, between, headed, loss_figure
from counterpoint.findings.words import count, figure

WIDTH = 96
#: Columns that the scale takes.
SCALE = 56
_LABEL = 14


def reading_text(pairs: Sequence[Pair], findings: Sequence[Finding], notes: Sequence[str]) -> str:
    """Everything, for a terminal or a notebook."""
    lines: list[str] = []
    for note in notes:
        lines += textwrap.wrap(f"Read: {note}", WIDTH, subsequent_indent="  ")
    for pair in pairs:
        lines += ["", *pair_lines(pair)]
    lines += finding_lines(findings)
    return "\n".join(lines)


def pair_lines(pair: Pair) -> list[str]:
    """The table of one pair, and its scale below."""
    rows = [(label, *cells) for label, *cells in _rows(pair) if any(cells)]
    loss_title = f"{pair.kind.label[:1].upper()}{pair.kind.label[1:]}"
    widths = [
        max(len(row[0]) for row in rows),
        max(len(loss_title), *(len(row[1]) for row in rows)),
    ]
    lines = [headed(pair, _classes(pair))]
    for label, loss, accuracy in [("", loss_title, "Accuracy"), *rows]:
        lines.append(f"  {label:<{widths[0]}}  {loss:<{widths[1]}}  {accuracy}".rstrip())
    scale = scale_lines(pair)
    return [*lines, "", *scale] if scale else lines


def scale_lines(pair: Pair) -> list[str]:
    """Losses on a line: what any model and a calibrated one can have, guesses, and this one."""
    marks = _marks(pair)
    values = [value for _, value in marks]
    ends = [] if pair.accuracy is None else [*map(float, pair.band), float(pair.reachable.low)]
    known = sorted(v for v in (*ends, *values) if math.isfinite(v))
    top = 1.1 * known[-1]
    # A number that is off the scale of all others stands at its end, with an arrow.
    if len(known) > 1 and known[-1] > 4 * known[-2]:
        top = 1.5 * known[-2]
    if top <= 0.0:
        return []

    def column(value: float) -> int:
        return round(min(max(value, 0.0), top) / top * (SCALE - 1))

    lines = []
    if pair.accuracy is not None:
        for label, (low, high), sign in (
            ("any model", pair.reachable, "-"),
            ("calibrated", pair.band, "="),
        ):
            if not math.isnan(low):
                first, last = column(float(low)), column(float(high))
                drawn = " " * first + sign * (last - first + 1)
                beyond = ">" if high > top else ""
                lines.append(f"  {label:<{_LABEL}}{drawn[: SCALE - len(beyond)]}{beyond}")
    for label, value in marks:
        sign = ">" if value > top else "<" if value < 0 else "*" if label == "this one" else "|"
        number = loss_figure(value) if label == "this one" else figure(value)
        lines.append(f"  {label:<{_LABEL}}{' ' * column(value)}{sign} {number}")
    axis = f"  {'':<{_LABEL}}0{'.' * (SCALE - 2)}{figure(top)}"
    return [*lines, axis]


def finding_lines(findings: Iterable[Finding], width: int = WIDTH) -> list[str]:
    """Each finding: its level and conclusion; below, explanation, causes, remedy and doubt."""
    lines: list[str] = []
    for finding in findings:
        lines += ["", *textwrap.wrap(f"{finding.level}: {finding.title}", width)]
        causes = "; ".join(f"({i}) {cause}" for i, cause in enumerate(finding.instead, 1))
        parts = (("", finding.explanation), ("It may be: ", causes))
        for label, text in (
            *parts,
            ("What to do: ", finding.remedy),
            ("Open: ", finding.doubt),
        ):
            if text:
                lines += textwrap.wrap(
                    label + text, width, initial_indent="  ", subsequent_indent="  "
                )
    return lines


def _classes(pair: Pair) -> str:
    rows = "" if pair.samples is None else f" over {count(pair.samples, 'row')}"
    return f"{pair.n_classes:,} classes{rows}"


def _rows(pair: Pair) -> Iterable[tuple[str, str, str]]:
    """Label, loss and accuracy of each row of the table."""
    loss, accuracy = pair.loss, pair.accuracy
    yield (
        "this one",
        "" if loss is None else loss_figure(loss),
        "" if accuracy is None else accuracy_figure(accuracy),
    )
    if pair.samples is not None:
        error = pair.loss_error
        yield (
            "  95% interval",
            f"± {figure(error)} at most, if calibrated" if error and loss is not None else "",
            "" if accuracy is None else _accuracies(*pair.accuracy_interval),
        )
    yield "even guess", figure(pair.uniform_guess), accuracy_figure(1.0 / pair.n_classes)
    if pair.prior is not None:
        yield "base rates", figure(pair.base_rate_guess), accuracy_figure(max(pair.prior))
    yield (
        "any model",
        "" if accuracy is None else _losses(*pair.reachable),
        "" if loss is None else _accuracies(*pair.forced_accuracy),
    )
    yield (
        "calibrated",
        "" if accuracy is None else _losses(*pair.band),
        "" if loss is None else _accuracies(*pair.calibrated_accuracy),
    )


def _losses(low: SupportsFloat, high: SupportsFloat) -> str:
    least, most = float(low), float(high)
    if math.isnan(least):
        return "none has this"
    return f"{figure(least)} or more" if math.isinf(most) else between(least, most)


def _accuracies(low: SupportsFloat, high: SupportsFloat) -> str:
    # As one is written: to three digits 0.9996 would be 1.00.
    least, most = float(low), float(high)
    if math.isnan(least):
        return "none has this"
    return f"{accuracy_figure(least)} to {accuracy_figure(most)}"


def _marks(pair: Pair) -> list[tuple[str, float]]:
    marks = [("even guess", pair.uniform_guess)]
    if pair.base_rate_guess is not None:
        marks.append(("base rates", pair.base_rate_guess))
    if pair.loss is not None:
        marks.insert(0, ("this one", pair.loss))
    return marks
