"""`counterpoint convert`: a penalty strength in other libraries' conventions."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from counterpoint.cli.ending import console, ends_in_one_line


@ends_in_one_line
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
        print_strengths(console(), alpha, strength.table(alpha, n=n, learning_rate=learning_rate))
    else:
        print(repr(strength.convert(value, source, to, n=n, learning_rate=learning_rate)))
        for row in (strength.convention_named(source), strength.convention_named(to)):
            if row.note:
                print(f"{row.name}: {row.note}", file=sys.stderr)
