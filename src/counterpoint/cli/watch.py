"""`counterpoint watch`: a log as it grows."""

from __future__ import annotations

from typing import Annotated

import typer

from counterpoint.cli.ending import ends_in_one_line


@ends_in_one_line
def watch(
    path: Annotated[str, typer.Argument(help="A log, or a folder of runs.")],
    classes: Annotated[int | None, typer.Option(help="Number of classes.")] = None,
    loss: Annotated[
        str | None,
        typer.Option(help="Which loss is logged: log, brier, squared, bce or quadratic."),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(help="Rows that validation is over: shows what is chance.")
    ] = None,
    meanings: Annotated[
        list[str] | None,
        typer.Option("--map", help='What a name means, such as "my_metric=val/accuracy".'),
    ] = None,
) -> None:
    """Show a training while it runs: last values, their course, findings as they arise.

    On a terminal until Ctrl-C; in a pipe once.
    """
    from counterpoint.cli.ending import console
    from counterpoint.cli.meanings import meanings_in
    from counterpoint.watching import watch as watch_path

    known = meanings_in(meanings or [])
    watch_path(path, console(), map=known, classes=classes, loss=loss, samples=samples)
