"""Which columns of a table of predictions are which: labels, and one probability a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from counterpoint.data.frames import is_text
from counterpoint.data.wording import listed, near_names
from counterpoint.errors import InputError

USUAL_TARGETS = ("label", "labels", "y_true", "y", "target", "class", "true", "true_label", "truth")
"""Names that a column of labels goes by, where nothing says which it is."""


@dataclass(frozen=True)
class ClassColumns:
    """The columns that hold a model's probabilities.

    Attributes
    ----------
    names : tuple of str
        In the order of `classes`; a single one holds the probability of the second of two.
    classes : tuple of str
    note : str
        How they were understood.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    note: str


def named_column(frame_names: Sequence[str], wanted: str, source: str, option: str) -> str:
    """A column that the caller named.

    Raises
    ------
    InputError
        If the table has no such column.
    """
    if wanted not in frame_names:
        raise InputError(
            f"{source} has no column {wanted!r} for --{option}: {near_names(wanted, frame_names)}"
        )
    return wanted


def guessed_target(names: Sequence[str]) -> str | None:
    """The one column that goes by a usual name of labels, if there is just one.

    Examples
    --------
    >>> guessed_target(["cat", "dog", "Label"]), guessed_target(["label", "y"])
    ('Label', None)
    """
    found = [name for name in names if name.lower() in USUAL_TARGETS]
    return found[0] if len(found) == 1 else None


def class_columns(
    schema: Mapping[str, pl.DataType],
    labels: Sequence[str],
    source: str,
    positive: str | None = None,
) -> ClassColumns:
    """Find the probabilities of each class among a table's columns.

    Columns are named by class, with or without something that all names share before or behind
    (``cat`` or ``p_cat``); or one column holds the probability of one of two classes.

    Parameters
    ----------
    schema
        Names and types of the columns that are not labels, weights or identifiers.
    labels
        The classes that the labels name, in order.
    source
        The table, for messages.
    positive
        The class that a single column is the probability of; by default the last.

    Raises
    ------
    InputError
        If no set of columns fits the labels.

    Examples
    --------
    >>> class_columns({"p_dog": pl.Float64(), "p_cat": pl.Float64()}, ["cat", "dog"], "t.csv").names
    ('p_cat', 'p_dog')
    """
    numeric = [name for name, kind in schema.items() if kind.is_numeric() or kind == pl.Null]
    if not numeric:
        text = [name for name, kind in schema.items() if is_text(kind)]
        what = f"text alone in {listed(text)}" if text else "no column beside the labels"
        raise InputError(
            f"{source} has {what}: it needs a column of probabilities for each class, or one for "
            "two classes."
        )
    if len(numeric) == 1 and len(labels) <= 2:
        return _single(numeric[0], labels, source, positive)
    found = _by_class(numeric, labels)
    if found is None:
        raise InputError(_no_match(numeric, labels, source))
    prefix, suffix = found
    classes = list(labels)
    for name in numeric:  # a class that no row has may have a column all the same
        middle = name[len(prefix) : len(name) - len(suffix)]
        fits = name.startswith(prefix) and name.endswith(suffix) and middle
        if fits and (prefix or suffix) and middle not in classes:
            classes.append(middle)
    names = tuple(f"{prefix}{label}{suffix}" for label in classes)
    left = [name for name in schema if name not in names]
    note = f"{source}: {len(names)} columns of probabilities, {listed(names)}, named by class"
    return ClassColumns(
        names, tuple(classes), note + (f"; {listed(left)} left out" if left else "")
    )


def _single(name: str, labels: Sequence[str], source: str, positive: str | None) -> ClassColumns:
    if len(labels) < 2:
        raise InputError(
            f"{source} has one column of probabilities, {name!r}, and the labels name one class "
            f"only ({labels[0]!r}): give one column a class, named by class."
        )
    named = [label for label in labels if _names(name, label)]
    of = positive or (named[0] if len(named) == 1 else labels[1])
    if of not in labels:
        raise InputError(f"--positive is {of!r}, and the labels are {listed(labels)}.")
    other = labels[0] if of == labels[1] else labels[1]
    note = f"{source}: column {name!r} is read as the probability of {of!r}"
    return ClassColumns((name,), (other, of), note)


def _names(column: str, label: str) -> bool:
    """Whether a column's name ends or begins with a label, apart from the rest: p_yes, yes.prob."""
    rest = column.removeprefix(label) if column.startswith(label) else column.removesuffix(label)
    return rest == "" or (rest != column and not (rest[0].isalnum() and rest[-1].isalnum()))


def _by_class(names: Sequence[str], labels: Sequence[str]) -> tuple[str, str] | None:
    """What stands before and behind the class in the columns' names; the shortest that fits."""
    known = set(names)
    fits = []
    for name in names:
        at = name.find(labels[0])
        while at >= 0:
            prefix, suffix = name[:at], name[at + len(labels[0]) :]
            if all(f"{prefix}{label}{suffix}" in known for label in labels):
                fits.append((prefix, suffix))
            at = name.find(labels[0], at + 1)
    return min(fits, key=lambda pair: len(pair[0]) + len(pair[1]), default=None)


def _no_match(numeric: Sequence[str], labels: Sequence[str], source: str) -> str:
    missing = [label for label in labels if not any(_names(name, label) for name in numeric)]
    if len(labels) == 1:
        missing = list(labels)
    lacking = f"no column for class {missing[0]!r}" if missing else "no full set of columns"
    return (
        f"{source} has {lacking}: its numbers are {listed(numeric)} and the labels name "
        f"{listed(labels)}; name one column of probabilities a class, such as {labels[0]!r} or "
        f"'p_{labels[0]}'."
    )
