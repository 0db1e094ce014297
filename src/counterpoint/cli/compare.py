"""`counterpoint compare`: several models' predictions of the same rows, side by side."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterpoint.cli.ending import AsJson, check_out, console, ends_in_one_line
from counterpoint.errors import InputError

if TYPE_CHECKING:
    from counterpoint.comparison import Comparison


@ends_in_one_line
def compare(
    tables: Annotated[
        list[str],
        typer.Argument(
            help="Two or more tables of predictions (CSV, TSV, Parquet, Arrow, JSON Lines; also "
            ".gz, .bz2, .xz) or .npz files; the others are compared with the first. A column of "
            "probabilities for each class, named by class, or one for two classes.",
            metavar="A B [C...]",
            show_default=False,
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option(
            help="Column of the labels, in one table or in each. Left out: label, y_true, y, "
            "target or class, where there is one."
        ),
    ] = None,
    row_id: Annotated[
        str | None,
        typer.Option("--id", help="Column that names a row: rows are matched by it."),
    ] = None,
    weight: Annotated[str | None, typer.Option(help="Column of sample weights.")] = None,
    positive: Annotated[
        str | None,
        typer.Option(help="Class that a single column is the probability of."),
    ] = None,
    names: Annotated[str | None, typer.Option(help="What the models are called, by comma.")] = None,
    logits: Annotated[
        bool,
        typer.Option("--logits", help="The numbers are raw scores: softmax or sigmoid first."),
    ] = False,
    memory: Annotated[
        str | None,
        typer.Option(
            help="Memory to take, such as 2GB. Parquet files that need more are read in blocks: "
            "scores, differences and flips, but no parts."
        ),
    ] = None,
    out: Annotated[
        str, typer.Option(help="Folder for the page, charts and numbers.")
    ] = "counterpoint-compare",
    as_json: AsJson = False,
) -> None:
    """Compare models' predictions: scores, differences, and what they mean."""
    from counterpoint.comparison import compare as compare_models

    if len(tables) < 2:
        raise InputError("there is one table; name two or more to compare.")
    check_out(out)
    called = None if names is None else [name.strip() for name in names.split(",")]
    result = compare_models(
        *tables,
        names=called,
        target=target,
        id=row_id,
        weight=weight,
        positive=positive,
        logits=logits,
        memory=memory,
    )
    # Printed first: whatever becomes of the files, the findings are not lost.
    if as_json:
        from counterpoint.report.comparison.plain import plain_comparison

        print(json.dumps(plain_comparison(result), allow_nan=False), flush=True)
    else:
        from counterpoint.report.comparison.terminal import print_comparison

        print_comparison(console(), result.numbers, result.findings, result.notes)
        sys.stdout.flush()
    _write(result, Path(out), {"Data": ", ".join(tables), "Command": _command()})
    if not as_json:
        print(f"Page, charts and numbers: {Path(out) / 'report.html'}", flush=True)


def _command() -> str:
    return shlex.join(["counterpoint", *sys.argv[1:]])


def _write(result: Comparison, out: Path, origin: dict[str, str]) -> None:
    from counterpoint.files import all_or_nothing
    from counterpoint.report.comparison.folder import write_comparison

    with all_or_nothing(out) as staged:
        write_comparison(staged, result, origin=origin)
