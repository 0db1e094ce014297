"""What a table's columns are, learned once and applied to every later table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from counterpoint.data.frames import is_text
from counterpoint.errors import InputError

MISSING_LEVEL = "(missing)"

# Above this size a matrix made mostly of indicators is kept sparse.
_DENSE_BYTES = 1_000_000_000

# 2024-01-31, 31.1.2024, 1/31/24, each with or without a time behind it, and 23:59 alone.
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_DATE = r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2}))"
_DATE_OR_TIME = re.compile(rf"{_DATE}(?:[T ]{_CLOCK}.*)?|{_CLOCK}")


@dataclass(frozen=True)
class Column:
    """One column of a table: a number, or text with known levels.

    Parameters
    ----------
    name : str
        The column's name in the table.
    levels : tuple of str or None
        The levels of a categorical column, each an indicator feature; None for a numeric column
        (a boolean column is numeric, 0 or 1).

    Examples
    --------
    >>> Column("colour", ("blue", "red")).feature_names
    ('colour=blue', 'colour=red')
    >>> Column("age", None).feature_names
    ('age',)
    """

    name: str
    levels: tuple[str, ...] | None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features that this column becomes."""
        if self.levels is None:
            return (self.name,)
        return tuple(f"{self.name}={level}" for level in self.levels)


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order, and the features that they become.

    Parameters
    ----------
    columns : tuple of Column
        In the order of the features.
    by_name : bool
        Whether a later table is matched by column name (tables) or by position (matrices).
    sparse : bool
        Whether the feature matrix is a CSR array.

    Examples
    --------
    >>> import polars as pl
    >>> schema = learn_schema(pl.DataFrame({"age": [31, 40, 22], "sex": ["f", "m", "f"]}))
    >>> schema.feature_names
    ('age', 'sex=f', 'sex=m')
    """

    columns: tuple[Column, ...]
    by_name: bool
    sparse: bool

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, length d."""
        return tuple(name for column in self.columns for name in column.feature_names)


def numeric_schema(names: Iterable[str], *, by_name: bool, sparse: bool) -> Schema:
    """Schema of a table or matrix whose columns are all numbers.

    Examples
    --------
    >>> numeric_schema(["a", "b"], by_name=False, sparse=False).feature_names
    ('a', 'b')
    """
    return Schema(tuple(Column(name, None) for name in names), by_name, sparse)


def learn_schema(frame: pl.DataFrame) -> Schema:
    """Learn each column's kind and levels from a table of features.

    A categorical column becomes one indicator a level, with no level dropped: the penalty makes
    the fit unique, and dropping one would make it depend on which. Levels are learned from all
    rows, and that leaks nothing into a fold: a level that a fold's training rows lack is a column
    of zeros there, so its weight stays zero. Null is missing, and a column of nulls is left out.

    Raises
    ------
    InputError
        If a column holds dates, times or nested values, if a text column has as many values as
        rows, or if no column is left.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"job": ["a", None, "b", "a"], "void": [None] * 4})
    >>> learn_schema(frame).feature_names
    ('job=a', 'job=b', 'job=(missing)')
    """
    columns = tuple(_learn_column(s) for s in frame if s.null_count() < len(s))
    if not columns:
        raise InputError(
            "The table has no feature column with a value in it: "
            "give it at least one column beside the target."
        )
    width = sum(len(column.feature_names) for column in columns)
    indicators = sum(len(column.levels) for column in columns if column.levels is not None)
    large = frame.height * width * 8 > _DENSE_BYTES
    return Schema(columns, by_name=True, sparse=large and 2 * indicators > width)


def _learn_column(series: pl.Series) -> Column:
    """Kind and levels of one column."""
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return Column(series.name, None)
    if is_text(series.dtype):
        return Column(series.name, _learn_levels(series.cast(pl.String)))
    what = "dates or times" if series.dtype.is_temporal() else f"{series.dtype} values"
    raise _neither_number_nor_category(series.name, what)


def _neither_number_nor_category(name: str, what: str) -> InputError:
    """The refusal of a column by its kind."""
    return InputError(
        f"Column {name!r} holds {what}, which are neither numbers nor categories: turn it into "
        "numbers, or leave it out (--drop)."
    )


def _learn_levels(text: pl.Series) -> tuple[str, ...]:
    """Sorted levels of a text column, the missing one last."""
    levels: list[str] = text.drop_nulls().unique().sort().to_list()
    if all(_DATE_OR_TIME.fullmatch(level) for level in levels):
        raise _neither_number_nor_category(text.name, "dates or times")
    filled = len(text) - text.null_count()
    if len(levels) == filled and 2 * filled > len(text) > 1:
        raise InputError(
            f"Text column {text.name!r} has a different value in every row, as an identifier or "
            "free text has: leave it out (--drop)."
        )
    if text.null_count() and MISSING_LEVEL not in levels:
        levels.append(MISSING_LEVEL)
    return tuple(levels)
