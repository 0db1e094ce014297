"""The command line: parses, calls one library function, prints.

Imports of the library stand inside the commands: `counterpoint --help` must not wait for NumPy.
"""

from __future__ import annotations

import functools
import gc
import io
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from counterpoint.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from counterpoint.data import Dataset
    from counterpoint.sweeps import SideBySide

P = ParamSpec("P")

#: Columns of output that no terminal sets the width of.
PIPE_WIDTH = 140

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


def _ends_in_one_line(command: Callable[P, None]) -> Callable[P, None]:
    """End with one line on standard error: status 2 for what a user can mend, 130 for Ctrl-C."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InputError as error:
            _end(str(error), 2)
        except MemoryError as error:
            _end(f"the memory is not enough ({error}); give fewer rows, alphas or folds.", 2)
        except KeyboardInterrupt:
            _end("interrupted.", 130)
        except BrokenPipeError:
            raise
        except OSError as error:
            _end(f"the output can't be written ({error.strerror or error}).", 1)

    return run


def _end(message: str, status: int) -> None:
    print(f"counterpoint: {_printable(message)}", file=sys.stderr)
    raise typer.Exit(status)


def _printable(text: str) -> str:
    """Text without line breaks and terminal codes, which a name from a file may hold."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


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


@app.command()
@_ends_in_one_line
def sweep(
    table: Annotated[
        str,
        typer.Argument(
            help="CSV, TSV, Parquet, Arrow, JSON Lines or libsvm file (also .gz, .bz2, .xz), .npy "
            "file, or sklearn:digits, sklearn:breast_cancer, sklearn:iris, sklearn:wine.",
            metavar="TABLE",
            show_default=False,
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option(
            help="Column to predict: its name, or its position from 0 (-1 is the last). Libsvm "
            "files and sklearn: tables have their own."
        ),
    ] = None,
    loss: Annotated[
        str,
        typer.Option(
            help="One or several by comma: log, squared, squared_hinge, huber, modified_huber, "
            "smooth_hinge."
        ),
    ] = "log",
    penalty: Annotated[
        str, typer.Option(help="One or several by comma: l2, l1, elasticnet.")
    ] = "l2",
    l1_ratio: Annotated[
        float | None,
        typer.Option(help="Share of L1 in the elastic net, from 0 to 1. By default 0.5."),
    ] = None,
    alphas: Annotated[
        str | None,
        typer.Option(
            help="Strengths: START:STOP:COUNT, even in the logarithm, such as 1e-12:1e3:31, or a "
            "list by comma. By default ten decades found from the data."
        ),
    ] = None,
    cv: Annotated[
        str | None,
        typer.Option(
            help="Folds of a stratified cross-validation, or alo for approximate leave-one-out. "
            "By default 5."
        ),
    ] = None,
    test: Annotated[
        str | None,
        typer.Option(
            help="Judge on held-out rows instead of folds: a fraction such as 0.25, or a file."
        ),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(help="standard (columns divided by their standard deviation) or none."),
    ] = "standard",
    labels: Annotated[
        str | None,
        typer.Option(help="An .npy file of labels, for an .npy file without a target column."),
    ] = None,
    weight: Annotated[str | None, typer.Option(help="Column of sample weights.")] = None,
    drop: Annotated[str | None, typer.Option(help="Columns to leave out, by comma.")] = None,
    columns: Annotated[
        str | None, typer.Option(help="Column names, by comma, for a file without a header.")
    ] = None,
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first line is data; name columns by position.")
    ] = False,
    separator: Annotated[
        str | None,
        typer.Option(help="Character between the columns of a text file; found if left out."),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Shuffles rows into folds; same seed, same result.")
    ] = 0,
    tol: Annotated[
        float,
        typer.Option(
            help="Distance to the optimum that a fit may have, as a share of the objective."
        ),
    ] = 1e-6,
    memory: Annotated[
        str | None,
        typer.Option(
            help="Memory for table and sweep, such as 2GB. Larger files stay on disk: .npy, and "
            "Parquet of numbers alone. By default as much as serves speed."
        ),
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(help="Folder to keep finished fits in, and to go on from."),
    ] = None,
    out: Annotated[
        str, typer.Option(help="Folder for the page, charts and numbers.")
    ] = "counterpoint-sweep",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Fit a range of penalty strengths, and say what happened."""
    from counterpoint.fit.grid import parse_alphas
    from counterpoint.fit.memory import parse_memory
    from counterpoint.sweeps import sweep_dataset

    grid = None if alphas is None else parse_alphas(alphas)
    losses, penalties = _names(loss, "--loss"), _names(penalty, "--penalty")
    folds = 5 if cv is None else _folds(cv)
    _check_together(cv, test, l1_ratio, penalties, out)
    options = {
        "target": target,
        "weight": weight,
        "drop": _names(drop, "--drop") if drop else (),
        "columns": _names(columns, "--columns") if columns else None,
        "header": False if no_header else None,
        "separator": separator,
    }
    limit = None if memory is None else parse_memory(memory)
    dataset, held_out = _read(table, test, options, labels, limit)
    result = sweep_dataset(
        dataset,
        losses,
        penalties,
        alphas=grid,
        l1_ratio=0.5 if l1_ratio is None else l1_ratio,
        cv=folds,
        scale=scale,
        seed=seed,
        tol=tol,
        test=held_out,
        memory=None if limit is None else _left(limit, dataset, table),
        checkpoint=checkpoint,
    )
    # Printed first: whatever becomes of the files, the findings are not lost.
    if as_json:
        _print_json(result)
    else:
        _print_people(result)
    origin = {"Data": table, "Command": shlex.join(["counterpoint", *sys.argv[1:]])}
    _write(result, Path(out), origin)
    if not as_json:
        print(f"Page, charts and numbers: {Path(out) / 'report.html'}", flush=True)
    if result.interrupted:
        _end("interrupted; what was finished is above.", 130)


@app.command()
@_ends_in_one_line
def convert(
    value: Annotated[
        float, typer.Argument(help="The strength in the library it comes from.", metavar="VALUE")
    ],
    source: Annotated[
        str, typer.Option("--from", help="Where it comes from, such as LogisticRegression.")
    ] = "counterpoint",
    to: Annotated[str, typer.Option("--to", help="Where it goes, or all.")] = "all",
    n: Annotated[
        float | None, typer.Option("--n", help="Training rows (or the sum of sample weights).")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Learning rate, where the convention needs it.")
    ] = None,
) -> None:
    """Convert a penalty strength between libraries' conventions."""
    from counterpoint.objective import strength

    if to == "all":
        from counterpoint.report.strengths import print_strengths

        alpha = strength.to_alpha(value, source, n=n, learning_rate=learning_rate)
        print_strengths(_console(), alpha, strength.table(alpha, n=n, learning_rate=learning_rate))
    else:
        print(repr(strength.convert(value, source, to, n=n, learning_rate=learning_rate)))
        for row in (strength.convention_named(source), strength.convention_named(to)):
            if row.note:
                print(f"{row.name}: {row.note}", file=sys.stderr)


def _check_together(
    cv: str | None, test: str | None, l1_ratio: float | None, penalties: list[str], out: str
) -> None:
    """Refuse options that contradict each other, and a folder that can't be written."""
    from counterpoint.files import check_writable_folder

    if cv is not None and test is not None:
        raise InputError("--cv and --test are two ways to judge; give one of them.")
    if l1_ratio is not None and "elasticnet" not in penalties:
        raise InputError(
            "--l1-ratio is for the elastic net alone; add --penalty elasticnet or leave it out."
        )
    if not out:
        raise InputError("--out is empty; name a folder (. is the one you are in).")
    check_writable_folder(out)


def _folds(cv: str) -> int | str:
    if cv == "alo":
        return cv
    try:
        return int(cv)
    except ValueError:
        raise InputError(
            f"--cv is {cv!r}; give a number of folds, or alo for approximate leave-one-out."
        ) from None


def _names(text: str, option: str) -> list[str]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise InputError(f"{option} is empty; give one name, or several by comma.")
    return list(dict.fromkeys(names))


def _read(
    table: str,
    test: str | None,
    options: dict[str, Any],
    labels: str | None,
    memory: int | None,
) -> tuple[Dataset, float | Dataset | None]:
    from counterpoint.data import load_dataset, load_pair

    if test is None:
        return load_dataset(table, **options, labels=labels, memory=memory), None
    try:
        fraction = float(test)
    except ValueError:
        if labels is not None or memory is not None:
            raise InputError(
                "--labels and --memory go with a --test that is a fraction, or with --cv, "
                "not with a second file."
            ) from None
        return load_pair(table, test, **options)
    return load_dataset(table, **options, labels=labels, memory=memory), fraction


def _left(memory: int, dataset: Dataset, table: str) -> int:
    """Bytes that a table leaves to the sweep."""
    from counterpoint.data.mapped import held_bytes
    from counterpoint.fit.memory import size_in_words

    held = held_bytes(dataset.X)
    if held >= memory:
        raise InputError(
            f"{table} takes {size_in_words(held)} of memory, more than --memory allows: save it "
            "as .npy or as Parquet of numbers, which stay on disk, or allow more."
        )
    return memory - held


def _write(result: SideBySide, out: Path, origin: dict[str, str]) -> None:
    from counterpoint.files import all_or_nothing
    from counterpoint.report.folder import write_report
    from counterpoint.storage import save_sweeps

    with all_or_nothing(out) as staged:
        save_sweeps(result.sweeps, staged)
        write_report(staged, result.sweeps, result.findings, origin=origin)


def _print_json(result: SideBySide) -> None:
    from counterpoint.storage import plain_results

    print(json.dumps(plain_results(result), allow_nan=False), flush=True)


def _print_people(result: SideBySide) -> None:
    from counterpoint.report.terminal import print_sweeps

    console = _console()
    print_sweeps(console, result.sweeps, result.findings)
    sys.stdout.flush()


def _console() -> Console:
    """Standard output; in a pipe or file as wide as the whole table."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(width=PIPE_WIDTH)
