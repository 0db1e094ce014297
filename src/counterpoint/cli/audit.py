"""`counterpoint audit`: what the training step of a network in a file descends."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from counterpoint.cli.ending import ends_in_one_line
from counterpoint.errors import InputError


@ends_in_one_line
def audit(
    network: Annotated[
        str,
        typer.Argument(
            help="A Python file and the name in it, mynet.py:Network: a network, its class, or a "
            "function that makes one. THE FILE IS RUN, in a process of its own.",
            metavar="FILE:NAME",
            show_default=False,
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(help="A table, or sklearn:digits; left out, rows are made up."),
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column of the labels.")] = None,
    sizes: Annotated[
        str | None,
        typer.Option(help="Layer sizes that the class is made with, such as 784,30,10."),
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate that is meant.")] = None,
    alpha: Annotated[
        float | None,
        typer.Option(help="Strength that is meant: data loss + alpha * penalty."),
    ] = None,
    l1_ratio: Annotated[
        float | None, typer.Option(help="L1's share of the penalty, from 0 (L2) to 1.")
    ] = None,
    lmbda: Annotated[
        float | None, typer.Option(help="In place of alpha: lambda, over the training rows.")
    ] = None,
    momentum: Annotated[float | None, typer.Option(help="Momentum that is meant.")] = None,
    n_train: Annotated[int | None, typer.Option(help="Rows of the training set.")] = None,
    loss: Annotated[
        str, typer.Option(help="Data loss that is meant: log, bce, quadratic or logits.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Of rows, points and coordinates.")] = 0,
    time_limit: Annotated[
        float, typer.Option(help="Seconds after which the file's process is ended.")
    ] = 120.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Find out what a training step does to the weights, and what the reported cost is made of."""
    from counterpoint.auditing.file import audit_file
    from counterpoint.findings.words import count

    options = {
        "rate": rate,
        "alpha": alpha,
        "l1_ratio": l1_ratio,
        "lmbda": lmbda,
        "momentum": momentum,
        "n_train": n_train,
        "loss": loss,
        "seed": seed,
    }
    found = audit_file(network, data, target, _numbers(sizes), options, time_limit)
    if found.printed:
        print(
            f"counterpoint: {network.rpartition(':')[0]} printed {count(found.printed, 'line')} of "
            "its own: left out.",
            file=sys.stderr,
        )
    print(json.dumps(found.figures, allow_nan=False) if as_json else found.text, flush=True)


def _numbers(sizes: str | None) -> tuple[int, ...]:
    if sizes is None:
        return ()
    try:
        found = tuple(int(part) for part in sizes.split(","))
    except ValueError:
        found = ()
    if len(found) < 2 or min(found) < 1:
        raise InputError(f"--sizes is {sizes!r}; give whole numbers by comma, such as 784,30,10.")
    return found
