"""`counterpoint watch`: a log as it grows."""

from __future__ import annotations

from typing import Annotated

import typer

from counterpoint.cli.ending import ends_in_one_line
from counterpoint.cli.logs import Classes, LossName, Meanings, Samples, meanings_in


@ends_in_one_line
def watch(
    path: Annotated[str, typer.Argument(help="A log, or a folder of runs.")],
    classes: Classes = None,
    loss: LossName = None,
    samples: Samples = None,
    meanings: Meanings = None,
) -> None:
    """Show a training while it runs: last values, their course, findings as they arise.

    On a terminal until Ctrl-C; in a pipe once.
    """
    from counterpoint.cli.ending import console
    from counterpoint.watching import watch as watch_path

    known = meanings_in(meanings or [])
    watch_path(path, console(), map=known, classes=classes, loss=loss, samples=samples)
