"""The command line: parses, calls one library function, prints.

Imports of the library stand inside the commands: `counterpoint --help` must not wait for NumPy.
"""

from __future__ import annotations

import gc
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterpoint.errors import InputError

if TYPE_CHECKING:
    from counterpoint.data import Dataset
    from counterpoint.sweeps import SideBySide

app = typer.Typer(
    name="counterpoint",
    help="Fit classifiers over the whole range of penalty strengths, and say what happened.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command; what a user can mend exits 2 with one line."""
    # Importing makes a hundred thousand objects that all stay: looking for garbage among them
    # again and again is a twentieth of a short run.
    gc.set_threshold(200_000)
    try:
        app()
    except InputError as error:
        print(f"counterpoint: {_one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("counterpoint: interrupted.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)


def _one_line(error: InputError) -> str:
    # A name from a file may hold line breaks or terminal codes.
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(error))


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from counterpoint import __version__

        print(__version__)
        raise typer.Exit


@app.command()
def sweep(
    table: Annotated[
        str,
        typer.Argument(
            help="CSV, TSV, Parquet, Arrow, JSON Lines or libsvm file (also .gz, .bz2, .xz), or "
            "sklearn:digits, sklearn:breast_cancer, sklearn:iris, sklearn:wine.",
            show_default=False,
        ),
    ],
    target: Annotated[
        str | None, typer.Option(help="Column to predict: its name, or its position from 0.")
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
    l1_ratio: Annotated[float, typer.Option(help="Share of L1 in the elastic net.")] = 0.5,
    alphas: Annotated[
        str | None,
        typer.Option(
            help="Strengths: START:STOP:COUNT, even in the logarithm, such as 1e-12:1e3:31, or a "
            "list by comma. By default ten decades found from the data."
        ),
    ] = None,
    cv: Annotated[int, typer.Option(help="Stratified folds.")] = 5,
    test: Annotated[
        str | None,
        typer.Option(help="Judge on held-out rows instead: a fraction such as 0.25, or a file."),
    ] = None,
    scale: Annotated[
        str, typer.Option(help="standard (columns divided by their deviation) or none.")
    ] = "standard",
    weight: Annotated[str | None, typer.Option(help="Column of sample weights.")] = None,
    drop: Annotated[str | None, typer.Option(help="Columns to leave out, by comma.")] = None,
    columns: Annotated[
        str | None, typer.Option(help="Column names, by comma, for a file without a header.")
    ] = None,
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first line is data; name columns by position.")
    ] = False,
    separator: Annotated[str | None, typer.Option(help="Between columns of a text file.")] = None,
    seed: Annotated[int, typer.Option(help="Of the folds.")] = 0,
    tol: Annotated[float, typer.Option(help="Relative distance to the optimum to certify.")] = 1e-6,
    out: Annotated[Path, typer.Option(help="Folder for the page, charts and numbers.")] = Path(
        "counterpoint-sweep"
    ),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Fit over a range of penalty strengths, and explain what loss and accuracy do."""
    from counterpoint.files import check_writable_folder
    from counterpoint.fit.grid import parse_alphas
    from counterpoint.sweeps import sweep_dataset

    grid = None if alphas is None else parse_alphas(alphas)
    losses, penalties = _names(loss, "--loss"), _names(penalty, "--penalty")
    check_writable_folder(out)
    options = {
        "target": _column(target),
        "weight": _column(weight),
        "drop": _names(drop, "--drop") if drop else (),
        "columns": _names(columns, "--columns") if columns else None,
        "header": False if no_header else None,
        "separator": separator,
    }
    dataset, held_out = _read(table, test, options)
    result = sweep_dataset(
        dataset,
        losses,
        penalties,
        alphas=grid,
        l1_ratio=l1_ratio,
        cv=cv,
        scale=scale,
        seed=seed,
        tol=tol,
        test=held_out,
    )
    _write(result, out, {"Data": table, "Command": shlex.join(["counterpoint", *sys.argv[1:]])})
    if as_json:
        _print_json(result)
    else:
        _print_people(result, out)


@app.command()
def convert(
    value: Annotated[float, typer.Argument(help="The strength in the library it comes from.")],
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
        from rich.console import Console

        from counterpoint.report.strengths import print_strengths

        alpha = strength.to_alpha(value, source, n=n, learning_rate=learning_rate)
        print_strengths(Console(), alpha, strength.table(alpha, n=n, learning_rate=learning_rate))
    else:
        print(repr(strength.convert(value, source, to, n=n, learning_rate=learning_rate)))


def _names(text: str, option: str) -> list[str]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise InputError(f"{option} is empty; give one name, or several by comma.")
    return list(dict.fromkeys(names))


def _column(text: str | None) -> str | int | None:
    """A position where the text is a whole number, else a name."""
    if text is not None and text.lstrip("-").isdigit():
        return int(text)
    return text


def _read(
    table: str, test: str | None, options: dict[str, Any]
) -> tuple[Dataset, float | Dataset | None]:
    from counterpoint.data import load_dataset, load_pair

    if test is None:
        return load_dataset(table, **options), None
    try:
        fraction = float(test)
    except ValueError:
        return load_pair(table, test, **options)
    return load_dataset(table, **options), fraction


def _write(result: SideBySide, out: Path, origin: dict[str, str]) -> None:
    from counterpoint.report.folder import write_report
    from counterpoint.storage import save_sweep

    alone = len(result.sweeps) == 1
    for s in result.sweeps:
        save_sweep(s, out if alone else out / f"{s.fit.loss}-{s.fit.penalty_name}")
    write_report(out, result.sweeps, result.findings, origin=origin)


def _print_json(result: SideBySide) -> None:
    from counterpoint.storage import plain_results

    print(json.dumps(plain_results(result), allow_nan=False))


def _print_people(result: SideBySide, out: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    from counterpoint.report.terminal import print_sweeps

    console = Console()
    print_sweeps(console, result.sweeps, result.findings)
    console.print(Text(f"Page, charts and numbers: {out / 'report.html'}"))
