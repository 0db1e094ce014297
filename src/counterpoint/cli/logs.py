"""The options by which commands are told what a log is of."""

from __future__ import annotations

from typing import Annotated

import typer

from counterpoint.errors import InputError

Classes = Annotated[int | None, typer.Option(help="Number of classes.")]
LossName = Annotated[
    str | None,
    typer.Option(help="Which loss is logged: log, brier, squared, bce or quadratic."),
]
Samples = Annotated[
    int | None, typer.Option(help="Rows that validation is over: shows what is chance.")
]
Meanings = Annotated[
    list[str] | None,
    typer.Option("--map", help='What a name means, such as "my_metric=val/accuracy".'),
]


def meanings_in(given: list[str]) -> dict[str, str]:
    """Name → meaning, of ``my_metric=val/accuracy``.

    Raises
    ------
    InputError
        There is no name, or no sign.

    Examples
    --------
    >>> meanings_in(["my_metric=val/accuracy"])
    {'my_metric': 'val/accuracy'}
    """
    known = {}
    for text in given:
        name, sign, meaning = text.rpartition("=")
        if not sign or not name.strip():
            raise InputError(
                f"--map is {text!r}: write a name, = and what it means, such as "
                "my_metric=val/accuracy."
            )
        known[name.strip()] = meaning
    return known
