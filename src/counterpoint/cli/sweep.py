"""`counterpoint sweep`: fit a range of penalty strengths, and say what happened."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    Weight,
    how_to_read,
    names,
    read_with_judge,
)
from counterpoint.errors import InputError

if TYPE_CHECKING:
    from counterpoint.data import Dataset
    from counterpoint.sweeps import SideBySide


@ends_in_one_line
def sweep(
    table: Table,
    target: Target = None,
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
    labels: Labels = None,
    weight: Weight = None,
    drop: Drop = None,
    columns: Columns = None,
    no_header: NoHeader = False,
    separator: Separator = None,
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
    device: Annotated[
        str | None,
        typer.Option(
            help="Accelerator to multiply dense tables on, by PyTorch's name, such as cuda. By "
            "default the processor."
        ),
    ] = None,
    out: Annotated[
        str, typer.Option(help="Folder for the page, charts and numbers.")
    ] = "counterpoint-sweep",
    as_json: AsJson = False,
) -> None:
    """Fit a range of penalty strengths, and say what happened."""
    from counterpoint.fit.grid import parse_alphas
    from counterpoint.fit.memory import parse_memory
    from counterpoint.sweeping import sweep_dataset

    grid = None if alphas is None else parse_alphas(alphas)
    losses, penalties = names(loss, "--loss"), names(penalty, "--penalty")
    folds = 5 if cv is None else _folds(cv)
    _check_together(cv, test, l1_ratio, penalties, out)
    how = how_to_read(target, drop, columns, no_header, separator) | {"weight": weight}
    limit = None if memory is None else parse_memory(memory)
    dataset, held_out = _read(table, test, how, labels, limit)
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
        device=device,
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
        end("interrupted; what was finished is above.", 130)


def _check_together(
    cv: str | None, test: str | None, l1_ratio: float | None, penalties: list[str], out: str
) -> None:
    """Refuse options that contradict each other, and a folder that can't be written."""
    if cv is not None and test is not None:
        raise InputError("--cv and --test are two ways to judge; give one of them.")
    if l1_ratio is not None and "elasticnet" not in penalties:
        raise InputError(
            "--l1-ratio is for the elastic net alone; add --penalty elasticnet or leave it out."
        )
    check_out(out)


def _folds(cv: str) -> int | str:
    if cv == "alo":
        return cv
    try:
        return int(cv)
    except ValueError:
        raise InputError(
            f"--cv is {cv!r}; give a number of folds, or alo for approximate leave-one-out."
        ) from None


def _read(
    table: str, test: str | None, how: dict[str, Any], labels: str | None, memory: int | None
) -> tuple[Dataset, float | Dataset | None]:
    from counterpoint.data import load_dataset

    if test is None:
        return load_dataset(table, **how, labels=labels, memory=memory), None
    return read_with_judge(table, test, "a --test", how, labels=labels, memory=memory)


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

    print_sweeps(console(), result.sweeps, result.findings)
    sys.stdout.flush()
