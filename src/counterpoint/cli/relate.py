"""`counterpoint relate`: what a loss has to do with accuracy, in numbers and pictures."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from counterpoint.cli.ending import AsJson, check_out, console, ends_in_one_line
from counterpoint.errors import InputError


@ends_in_one_line
def relate(
    classes: Annotated[int, typer.Option(help="Number of classes.", show_default=False)],
    loss: Annotated[
        str,
        typer.Option(
            help="log, brier, squared (Brier over K), bce (sum over K sigmoids) or quadratic "
            "(K sigmoids)."
        ),
    ] = "brier",
    concentration: Annotated[
        str,
        typer.Option(
            help="Of Dirichlet predictions: one number, or one a class by comma. 1: all "
            "predictions equally likely; less: sure ones; more: undecided ones."
        ),
    ] = "1",
    label: Annotated[
        int, typer.Option(help="The true class, from 0, where concentrations differ.")
    ] = 0,
    point: Annotated[
        list[str] | None,
        typer.Option(
            help="A pair of your own, LOSS,ACCURACY or NAME=LOSS,ACCURACY; may be repeated.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(help="Rows that your points are over: what chance does is allowed for."),
    ] = None,
    out: Annotated[
        str, typer.Option(help="Folder for the charts and numbers.")
    ] = "counterpoint-relate",
    as_json: AsJson = False,
) -> None:
    """Show what a loss has to do with accuracy, and with the true class's probability."""
    from counterpoint.relation import relate as work_out

    points = _points(point or [])
    relation = work_out(classes, loss, _concentration(concentration), points, label, samples)
    check_out(out)
    # Printed first: whatever becomes of the files, the numbers are not lost.
    if as_json:
        print(json.dumps(relation.to_dict(), allow_nan=False), flush=True)
    else:
        from counterpoint.report.relation_text import print_relation

        print_relation(console(), relation)
        sys.stdout.flush()
    relation.save(out)
    if not as_json:
        print(f"Charts and numbers: {out}", flush=True)


def _concentration(text: str) -> float | list[float]:
    from counterpoint.runs.line import parse_number

    numbers = [parse_number(part, "--concentration").value for part in text.split(",")]
    return numbers[0] if len(numbers) == 1 else numbers


def _points(texts: list[str]) -> dict[str, tuple[float, float]]:
    """Pairs by name; those without one are counted."""
    from counterpoint.runs.line import parse_number

    points: dict[str, tuple[float, float]] = {}
    for i, text in enumerate(texts, start=1):
        name, _, pair = text.rpartition("=")
        name = name.strip() or f"point {i}"
        if pair.count(",") != 1:
            raise InputError(f"--point is {text!r}; give LOSS,ACCURACY, such as 0.4577,0.7826.")
        if name in points:
            raise InputError(f"--point names {name!r} twice; give each a name of its own.")
        loss, accuracy = pair.split(",")
        points[name] = (
            parse_number(loss, "loss").value,
            parse_number(accuracy, "accuracy").value,
        )
    return points
