"""`counterpoint read`: what a loss and an accuracy say of each other."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from counterpoint.cli.ending import ends_in_one_line


@ends_in_one_line
def read(
    line: Annotated[
        list[str] | None,
        typer.Argument(
            help="A line of a training log, best in quotes; - reads it from a pipe.",
            show_default=False,
        ),
    ] = None,
    loss_value: Annotated[
        str | None, typer.Option("--loss-value", help="The loss, instead of a line.")
    ] = None,
    accuracy: Annotated[
        str | None, typer.Option(help="The accuracy: 0.7826, 78.26% or 7826/10000.")
    ] = None,
    classes: Annotated[int | None, typer.Option(help="Number of classes.")] = None,
    samples: Annotated[
        int | None, typer.Option(help="Rows that the numbers are over: shows what is chance.")
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(help="Which loss: log (the default), brier, squared, bce or quadratic."),
    ] = None,
    prior: Annotated[str | None, typer.Option(help="Share of each class, such as 0.6,0.4.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Say what a loss and an accuracy mean together. No data is needed."""
    import sys

    from counterpoint.errors import InputError
    from counterpoint.reading import read as read_pair

    # Without quotes a line comes as words.
    text = " ".join(line) if line else None
    if text == "-":
        text = sys.stdin.read()
    shares = None
    if prior is not None:
        try:
            shares = [float(part) for part in prior.split(",")]
        except ValueError:
            raise InputError(
                f"--prior is {prior!r}; give one share a class, by comma, such as 0.6,0.4."
            ) from None
    reading = read_pair(
        text,
        loss=loss_value,
        accuracy=accuracy,
        classes=classes,
        samples=samples,
        loss_name=loss,
        prior=shares,
    )
    if as_json:
        print(json.dumps(reading.to_dict(), allow_nan=False), flush=True)
    else:
        print(reading, flush=True)
