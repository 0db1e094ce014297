"""The command line: each command parses, calls one library function, prints.

Imports of the library stand inside the commands: `counterpoint --help` must not wait for NumPy.
"""

from __future__ import annotations

import gc
import io
import sys
from typing import Annotated

import typer

from counterpoint.cli.audit import audit
from counterpoint.cli.compare import compare
from counterpoint.cli.convert import convert
from counterpoint.cli.diagnose import diagnose
from counterpoint.cli.landscape import landscape
from counterpoint.cli.read import read
from counterpoint.cli.relate import relate
from counterpoint.cli.sweep import sweep
from counterpoint.cli.train import train
from counterpoint.cli.watch import watch

app = typer.Typer(
    name="counterpoint",
    help="Fit classifiers over the whole range of penalty strengths, and say what happened.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command."""
    # Importing makes a hundred thousand objects that all stay: looking for garbage among them
    # again and again is a twentieth of a short run.
    gc.set_threshold(200_000)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A pipe may know ASCII alone: better a ? for a sign than no output after long work.
            stream.reconfigure(errors="replace")
    app()


def _print_version(asked: bool) -> None:
    if asked:
        from counterpoint import __version__

        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Options of the command itself; `_print_version` has done all there is to do."""


for command in (sweep, train, compare, read, diagnose, watch, audit, relate, landscape, convert):
    app.command()(command)
