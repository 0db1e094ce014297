"""`counterpoint train`: networks over a range of penalty strengths, and what happened."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterpoint.cli.ending import AsJson, check_out, console, end, ends_in_one_line
from counterpoint.cli.tables import (
    Columns,
    Drop,
    Labels,
    NoHeader,
    Separator,
    Table,
    Target,
    how_to_read,
    read_with_judge,
)
from counterpoint.errors import InputError

if TYPE_CHECKING:
    from counterpoint.nets.population import Population


@ends_in_one_line
def train(
    table: Table,
    target: Target = None,
    hidden: Annotated[
        str, typer.Option(help="Units of each hidden layer, by comma; 0 for a linear model.")
    ] = "30",
    activation: Annotated[str, typer.Option(help="sigmoid, tanh, relu or gelu.")] = "relu",
    loss: Annotated[
        str,
        typer.Option(
            help="log (softmax cross-entropy), bce (over sigmoids), brier, quadratic (of sigmoids) "
            "or squared."
        ),
    ] = "log",
    penalty: Annotated[
        str | None,
        typer.Option(
            help="l2, l1, elasticnet, or decay beside the steps. By default l2; decay for adamw."
        ),
    ] = None,
    l1_ratio: Annotated[
        float | None, typer.Option(help="Share of L1 in the elastic net. By default 0.5.")
    ] = None,
    alphas: Annotated[
        str | None,
        typer.Option(
            help="Strengths: START:STOP:COUNT, even in the logarithm, or a list by comma. By "
            "default 1e-6:0.1:11."
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(help="First weights that each alpha starts from.")] = 1,
    epochs: Annotated[int, typer.Option(help="Passes over the training rows.")] = 30,
    batch: Annotated[int, typer.Option(help="Rows of a mini-batch.")] = 32,
    optimizer: Annotated[str, typer.Option(help="sgd, momentum, adam or adamw.")] = "sgd",
    rate: Annotated[
        float | None,
        typer.Option(help="Learning rate. By default 0.1, 0.01 for momentum, 0.001 for adam(w)."),
    ] = None,
    schedule: Annotated[
        str, typer.Option(help="Course of the learning rate: constant, linear or cosine.")
    ] = "constant",
    patience: Annotated[
        int | None,
        typer.Option(help="Stop a member after so many epochs without a better log loss."),
    ] = None,
    validation: Annotated[
        str, typer.Option(help="Rows to judge on: a fraction, or a file with the same columns.")
    ] = "0.2",
    scale: Annotated[
        str, typer.Option(help="standard (columns centred and divided by their deviation) or none.")
    ] = "standard",
    labels: Labels = None,
    drop: Drop = None,
    columns: Columns = None,
    no_header: NoHeader = False,
    separator: Separator = None,
    seed: Annotated[
        int, typer.Option(help="Of the rows held out and of their order; same seed, same result.")
    ] = 0,
    device: Annotated[str, typer.Option(help="cpu, or a device of PyTorch such as cuda.")] = "cpu",
    resume: Annotated[
        str | None,
        typer.Option(help="Folder to keep the training in, and to go on from after a crash."),
    ] = None,
    out: Annotated[
        str, typer.Option(help="Folder for the page, charts, weights and history.")
    ] = "counterpoint-train",
    as_json: AsJson = False,
) -> None:
    """Train networks over a range of penalty strengths, and say what happened."""
    from counterpoint.nets import check_torch

    check_torch()
    from counterpoint.nets.fitting import fit_dataset

    if l1_ratio is not None and penalty != "elasticnet":
        raise InputError(
            "--l1-ratio is for the elastic net alone; add --penalty elasticnet or leave it out."
        )
    check_out(out)
    how = how_to_read(target, drop, columns, no_header, separator)
    dataset, judge = read_with_judge(table, validation, "a --validation", how, labels=labels)
    population = fit_dataset(
        dataset,
        _sizes(hidden),
        activation=activation,
        validation=judge,
        scale=scale,
        device=device,
        checkpoint=resume,
        loss=loss,
        penalty=penalty,
        l1_ratio=0.5 if l1_ratio is None else l1_ratio,
        alphas=alphas,
        seeds=seeds,
        epochs=epochs,
        batch=batch,
        optimizer=optimizer,
        rate=rate,
        schedule=schedule,
        patience=patience,
        seed=seed,
    )
    # Printed first: whatever becomes of the files, the findings are not lost.
    _print(population, as_json)
    origin = {"Data": table, "Command": shlex.join(["counterpoint", *sys.argv[1:]])}
    _write(population, Path(out), origin)
    if not as_json:
        print(f"Page, charts, weights and history: {Path(out) / 'report.html'}", flush=True)
    if population.fit.interrupted:
        end("interrupted; what was done is above.", 130)


def _sizes(hidden: str) -> list[int]:
    """Units of each hidden layer."""
    try:
        sizes = [int(part) for part in hidden.split(",")]
    except ValueError:
        raise InputError(
            f"--hidden is {hidden!r}; give units by comma, such as 30 or 100,30, or 0."
        ) from None
    return [] if sizes == [0] else sizes


def _print(population: Population, as_json: bool) -> None:
    from counterpoint.report.population_text import plain_population, print_population

    if as_json:
        content = plain_population(population.fit, population.findings)
        print(json.dumps(content, allow_nan=False), flush=True)
    else:
        print_population(console(), population.fit, population.findings)
        sys.stdout.flush()


def _write(population: Population, out: Path, origin: dict[str, str]) -> None:
    from counterpoint.files import all_or_nothing
    from counterpoint.nets.storage import write_files
    from counterpoint.report.population_page import write_population

    with all_or_nothing(out) as staged:
        write_files(population, staged)
        write_population(staged, population.fit, population.findings, origin)
