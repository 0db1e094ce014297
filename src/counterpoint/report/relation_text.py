"""A relation in plain words and small tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from counterpoint.findings.words import count, figure, roughly
from counterpoint.report.relation_rows import law_rows, narrowing_rows, region_rows
from counterpoint.text import TEXT_WIDTH
from counterpoint.theory.proper_losses import proper_loss_named
from counterpoint.theory.relation import LossRelation, Point


@dataclass(frozen=True)
class Part:
    """A heading, what there is to say, and the numbers: a table's titles and rows, or none."""

    heading: str
    words: str
    titles: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def print_relation(console: Console, relation: LossRelation) -> None:
    """Print what binds the loss to t and to accuracy, and where one's own points lie."""
    for part in parts(relation):
        console.print(Text(part.heading, style="bold"))
        console.print(Text(part.words), width=min(console.width, TEXT_WIDTH))
        if part.rows:
            table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
            for title in part.titles:
                table.add_column(Text(title), justify="right")
            for row in part.rows:
                table.add_row(*map(Text, row))
            console.print(table)
        console.print()


def parts(relation: LossRelation) -> Iterator[Part]:
    """Everything a relation says, in order."""
    if relation.has_spread:
        yield _with_spread(relation)
        if relation.symmetric:
            yield _narrowing(relation)
    elif relation.has_law:
        yield _without_spread(relation)
    yield _region(relation)
    if relation.points:
        yield Part("Your points", "\n".join(_placed(relation, p) for p in relation.points))


def dirichlet_words(relation: LossRelation) -> str:
    """The predictions in words.

    Examples
    --------
    >>> from counterpoint.relation import relate
    >>> dirichlet_words(relate(3, concentration=[2, 1, 1]))
    'Dirichlet(2, 1, 1) predictions where class 0 is true'
    """
    a = relation.concentration
    if relation.symmetric:
        likely = " (all equally likely)" if a[0] == 1.0 else ""
        return f"Dirichlet({a[0]:g}) predictions{likely}"
    shown = ", ".join(f"{value:g}" for value in a[:5]) + (", …" if len(a) > 5 else "")
    return f"Dirichlet({shown}) predictions where class {relation.label} is true"


def _with_spread(relation: LossRelation) -> Part:
    label = proper_loss_named(relation.loss).label
    law, others = relation.law(0.0), relation.classes - 1
    over = f" / {relation.classes}" if relation.loss == "squared" else ""
    mean = law.mean()
    words = (
        f"A prediction gives the true class the probability t. Its {label} is then "
        f"(1 - t)² (1 + S){over}, where S is the sum of squares of the shares that the other "
        f"{others:,} classes have of the remaining 1 - t. S is {figure(1.0 / others)} where "
        "they share it evenly and 1 where one has it all: no prediction lies outside. "
        f"For {dirichlet_words(relation)} S does not depend on t. The loss strays from its mean "
        f"given t by {_fine_percent(law.std() / mean)} of it (one standard deviation)."
    )
    titles = ("t", "mean", "sd", "5%", "median", "95%", "least", "greatest")
    rows = [[f"{row.t:g}", *map(figure, row[1:])] for row in law_rows(relation)]
    return Part(f"One prediction: {label} at the true class's probability t", words, titles, rows)


def _without_spread(relation: LossRelation) -> Part:
    label = proper_loss_named(relation.loss).label
    formula = {"log": "-ln t", "brier": "2 (1 - t)²", "squared": "(1 - t)²"}[relation.loss]
    words = (
        f"A prediction gives the true class the probability t. Its {label} is then {formula} and "
        "nothing else matters: plotted against t there is no scatter at all."
    )
    over_all = relation.law()
    words += (
        f" Over {dirichlet_words(relation)} it has mean {figure(over_all.mean())} and standard "
        f"deviation {figure(over_all.std())}."
    )
    rows = [[f"{row.t:g}", figure(row.mean)] for row in law_rows(relation)]
    return Part(
        f"One prediction: {label} at the true class's probability t", words, ("t", label), rows
    )


def _narrowing(relation: LossRelation) -> Part:
    a = float(relation.concentration[0])
    shrinks = math.sqrt(2.0 * (a + 1.0) / a**3)
    words = (
        "S is a sum of many small squares, and where no class is special such a sum hardly "
        f"varies: with K classes its standard deviation falls like {figure(shrinks)} / K^1.5. So "
        "the scatter that one plots is a curve with a blur, and with more classes only the curve "
        "is left. At the same concentration, t drawn with the rest:"
    )
    titles = ("classes", "sd given t, of the mean", "variance that t explains")
    rows = [
        [f"{row.classes:,}", _fine_percent(row.deviation), _fine_percent(row.explained)]
        for row in narrowing_rows(relation)
    ]
    return Part("Why the scatter is narrow", words, titles, rows)


def _region(relation: LossRelation) -> Part:
    kind = proper_loss_named(relation.loss)
    bounds = kind.bounds(relation.classes)
    words = (
        f"Over {count(relation.classes, 'class', 'classes')}, {kind.label} as a mean against "
        f"accuracy. A wrong prediction costs at least {figure(bounds.wrong_least)}"
    )
    right = bounds.right_greatest
    words += f", a right one at most {figure(right)}. " if math.isfinite(right) else ". "
    words += (
        "Predictors whose probabilities are true (calibrated) have a far smaller region: between "
        "the two columns in the middle."
    )
    titles = (
        "accuracy",
        "any: least",
        "calibrated: least",
        "calibrated: greatest",
        "any: greatest",
    )
    rows = [[f"{row.accuracy:.4g}", *map(figure, row[1:])] for row in region_rows(relation)]
    return Part("Many predictions: which losses go with which accuracy", words, titles, rows)


def _placed(relation: LossRelation, point: Point) -> str:
    """Where a point lies, and what that means."""
    pair = f"{point.name}: {point.loss:.4g} at accuracy {point.accuracy:.4g}"
    region = relation.region(point.accuracy)
    low, high = (float(end) for end in region.calibrated)
    if not point.reachable:
        least, greatest = map(float, region.reachable)
        if point.loss > greatest:
            limit = f"above {figure(greatest)}"
            doubt = "Is it a sum, is a penalty in it, or are there more classes?"
        else:
            limit = f"below {figure(least)}"
            doubt = "Is it divided by something, or of other rows than the accuracy?"
        return f"{pair} is impossible: at this accuracy no predictor is {limit}. {doubt}"
    by_chance = _with_chance(point)
    if point.calibrated:
        exact = f"{figure(low)} to {figure(high)}" if math.isfinite(low) else "none exactly"
        return (
            f"{pair} is what a calibrated predictor can have ({exact}{by_chance}); that it is "
            "calibrated does not follow."
        )
    if math.isnan(low):
        return (
            f"{pair} can be had, but by no calibrated predictor: none is worse than a guess"
            f"{by_chance}. {_doubt(point)}"
        )
    side, end = ("above", high) if point.loss > high else ("below", low)
    return (
        f"{pair} can be had, but by no calibrated predictor: it lies {side} {figure(end)}"
        f"{by_chance}. {_doubt(point)}"
    )


def _with_chance(point: Point) -> str:
    """The band as chance widens it; nothing where rows are not counted, or where there is none."""
    low, high = point.by_chance
    if point.samples is None or math.isnan(low):
        return ""
    return f"; {figure(low)} to {figure(high)} with chance over {count(point.samples, 'row')}"


def _doubt(point: Point) -> str:
    if point.samples is None:
        return "On few rows chance may do that (--samples), and so may rounding."
    return f"Chance over {count(point.samples, 'row')} is allowed for, rounding is not."


def _fine_percent(value: float) -> str:
    """A share as a percentage to two digits that are not nines."""
    left = 1.0 - value
    if value in (0.0, 1.0):
        return f"{100.0 * value:.0f}%"
    if left < 0.01:
        return f"{100.0 * value:.{max(0, 1 - math.floor(math.log10(100.0 * left)))}f}%"
    return f"{roughly(100.0 * value)}%"
