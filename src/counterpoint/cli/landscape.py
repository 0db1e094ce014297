"""`counterpoint landscape`: loss and accuracy over two parameters, and where each is best."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterpoint.cli.ending import AsJson, check_out, console, end, ends_in_one_line
from counterpoint.cli.tables import Drop, Target, Weight, names
from counterpoint.errors import InputError

if TYPE_CHECKING:
    from counterpoint.data import Dataset
    from counterpoint.landscapes import Landscape


@ends_in_one_line
def landscape(
    table: Annotated[
        str | None,
        typer.Argument(
            help="CSV, TSV, Parquet, Arrow, JSON Lines or libsvm file (also .gz, .bz2, .xz), or "
            "sklearn:breast_cancer. Or give --points or --simulate.",
            metavar="TABLE",
            show_default=False,
        ),
    ] = None,
    target: Target = None,
    axes: Annotated[
        str | None,
        typer.Option(
            help="Two by comma: features, whose weights are varied, or intercept. The other "
            "parameters are held where the loss is least."
        ),
    ] = None,
    points: Annotated[
        str | None,
        typer.Option(help="Points x:y by comma instead of a table, such as -1:0,-0.3:0,0:1."),
    ] = None,
    simulate: Annotated[
        str | None,
        typer.Option(
            help="A logistic sample N,SLOPE,INTERCEPT,SEED instead of a table, with x normal: "
            "100,0.3,0.5,0."
        ),
    ] = None,
    loss: Annotated[
        str,
        typer.Option(
            help="The loss that is minimised: log, squared, squared_hinge, huber, modified_huber, "
            "smooth_hinge."
        ),
    ] = "log",
    alpha: Annotated[
        float, typer.Option(help="Strength of an L2 penalty in the fit; next to none by default.")
    ] = 1e-10,
    weight: Weight = None,
    drop: Drop = None,
    time_limit: Annotated[
        float, typer.Option(help="Seconds for each search for the least 0-1 loss, at most.")
    ] = 10.0,
    out: Annotated[
        str, typer.Option(help="Folder for the charts and numbers.")
    ] = "counterpoint-landscape",
    as_json: AsJson = False,
) -> None:
    """Survey loss and accuracy over two parameters of a linear model, and where each is best."""
    from counterpoint.landscapes import landscape_of

    check_out(out)
    named = None if axes is None else [part.strip() for part in axes.split(",")]
    dataset = _rows(table, target, weight, drop, points, simulate)
    found = landscape_of(dataset, named, loss=loss, alpha=alpha, time_limit=time_limit)
    # Printed first: whatever becomes of the files, the findings are not lost.
    if as_json:
        from counterpoint.report.landscape_folder import plain_landscape

        print(json.dumps(plain_landscape(found.surface, found.findings), allow_nan=False))
    else:
        _print_people(found, dataset)
    found.save(Path(out))
    if not as_json:
        print(f"Charts and numbers: {Path(out) / 'landscape.png'}", flush=True)
    if found.surface.whole.interrupted:
        end("the search was interrupted; what it had found is above.", 130)


def _rows(
    table: str | None,
    target: str | None,
    weight: str | None,
    drop: str | None,
    points: str | None,
    simulate: str | None,
) -> Dataset:
    """Rows from the one source that was named."""
    from counterpoint.data import load_dataset
    from counterpoint.samples import logistic_sample, parse_points

    if sum(source is not None for source in (table, points, simulate)) != 1:
        raise InputError("name one source of rows: a TABLE, or --points, or --simulate.")
    if table is None:
        for option, value in (("--target", target), ("--weight", weight), ("--drop", drop)):
            if value is not None:
                raise InputError(f"{option} goes with a TABLE; leave it out.")
        return parse_points(points) if points is not None else logistic_sample(str(simulate))
    left_out = names(drop, "--drop") if drop else ()
    return load_dataset(table, target=target, weight=weight, drop=left_out)


def _print_people(found: Landscape, dataset: Dataset) -> None:
    from counterpoint.report.terminal import print_findings, print_lines

    surface = found.surface
    classes = " and ".join(surface.classes)
    where = console()
    print_lines(
        where,
        [
            f"{surface.n:,} rows of classes {classes}; {surface.loss_label} over "
            f"{surface.names[0]} and {surface.names[1]}.",
            *dataset.notes,
        ],
    )
    print_findings(where, found.findings)
