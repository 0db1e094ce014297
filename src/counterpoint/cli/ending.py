"""How every command ends, and where it prints."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, NoReturn, ParamSpec

import typer

from counterpoint.errors import InputError
from counterpoint.text import printable

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

#: Columns of output that no terminal sets the width of.
PIPE_WIDTH = 140


def ends_in_one_line(command: Callable[P, None]) -> Callable[P, None]:
    """End with one line on standard error: status 2 for what a user can mend, 130 for Ctrl-C."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InputError as error:
            end(str(error), 2)
        except MemoryError as error:
            end(f"the memory is not enough ({error}); give fewer rows, alphas or folds.", 2)
        except KeyboardInterrupt:
            end("interrupted.", 130)
        except BrokenPipeError:
            raise
        except OSError as error:
            end(f"the output can't be written ({error.strerror or error}).", 1)

    return run


def end(message: str, status: int) -> NoReturn:
    """Print one line on standard error and exit with this status."""
    print(f"counterpoint: {printable(message)}", file=sys.stderr)
    raise typer.Exit(status)


def check_out(out: str) -> None:
    """Refuse a folder for the output that can't be written, before the work begins."""
    from counterpoint.files import check_writable_folder

    if not out:
        raise InputError("--out is empty; name a folder (. is the one you are in).")
    check_writable_folder(out)


def console() -> Console:
    """Standard output; in a pipe or file as wide as the whole table."""
    from rich.console import Console

    own = Console()
    return own if own.is_terminal or "COLUMNS" in os.environ else Console(width=PIPE_WIDTH)
