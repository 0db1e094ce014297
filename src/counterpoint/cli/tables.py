"""The options by which commands are told how to read a table, and the reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterpoint.errors import InputError

if TYPE_CHECKING:
    from counterpoint.data import Dataset

Table = Annotated[
    str,
    typer.Argument(
        help="CSV, TSV, Parquet, Arrow, JSON Lines or libsvm file (also .gz, .bz2, .xz), .npy "
        "file, or sklearn:digits, sklearn:breast_cancer, sklearn:iris, sklearn:wine.",
        metavar="TABLE",
        show_default=False,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        help="Column to predict: its name, or its position from 0 (-1 is the last). Libsvm "
        "files and sklearn: tables have their own."
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(help="An .npy file of labels, for an .npy file without a target column."),
]
Weight = Annotated[str | None, typer.Option(help="Column of sample weights.")]
Drop = Annotated[str | None, typer.Option(help="Columns to leave out, by comma.")]
Columns = Annotated[
    str | None, typer.Option(help="Column names, by comma, for a file without a header.")
]
NoHeader = Annotated[
    bool, typer.Option("--no-header", help="The first line is data; name columns by position.")
]
Separator = Annotated[
    str | None,
    typer.Option(help="Character between the columns of a text file; found if left out."),
]


def names(text: str, option: str) -> list[str]:
    """Names by comma, each once."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise InputError(f"{option} is empty; give one name, or several by comma.")
    return list(dict.fromkeys(parts))


def how_to_read(
    target: str | None,
    drop: str | None,
    columns: str | None,
    no_header: bool,
    separator: str | None,
) -> dict[str, Any]:
    """What the options say, as `counterpoint.data.load_dataset` takes it."""
    return {
        "target": target,
        "drop": names(drop, "--drop") if drop else (),
        "columns": names(columns, "--columns") if columns else None,
        "header": False if no_header else None,
        "separator": separator,
    }


def read_with_judge(
    table: str, judge: str, option: str, how: dict[str, Any], **of_one_table: Any
) -> tuple[Dataset, float | Dataset]:
    """A table, and what is to judge: the fraction that an option names, or the file.

    ``of_one_table`` are arguments of `load_dataset` that no second file can have; None where
    they were not given.
    """
    from counterpoint.data import load_dataset, load_pair

    try:
        fraction = float(judge)
    except ValueError:
        for name, value in of_one_table.items():
            if value is not None:
                raise InputError(
                    f"--{name} goes with {option} that is a fraction, not with a second file."
                ) from None
        return load_pair(table, judge, **how)
    return load_dataset(table, **how, **of_one_table), fraction
