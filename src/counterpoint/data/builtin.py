"""The small classical tables that come with scikit-learn."""

from __future__ import annotations

import polars as pl

from counterpoint.errors import InputError

PREFIX = "sklearn:"
NAMES = ("breast_cancer", "digits", "iris", "wine")


def read_builtin(source: str) -> tuple[pl.DataFrame, pl.Series]:
    """Features and labels of a built-in table, named ``sklearn:NAME``.

    Raises
    ------
    InputError
        If there is no table of that name, with the list.

    Examples
    --------
    >>> features, target = read_builtin("sklearn:iris")
    >>> features.shape, target.name
    ((150, 4), 'target')
    """
    name = source.removeprefix(PREFIX)
    if name not in NAMES:
        raise InputError(
            f"There is no built-in table {source!r}: the built-in tables are "
            f"{', '.join(PREFIX + known for known in NAMES)}."
        )
    # Imported here: it takes a second, and most tables are files.
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    columns = [str(column) for column in bunch.feature_names]
    return pl.DataFrame(bunch.data, schema=columns), pl.Series("target", bunch.target)
