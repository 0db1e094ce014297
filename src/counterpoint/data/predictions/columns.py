"""Which columns of a table of predictions are which: labels, and one probability a class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from counterpoint.data.wording import listed, near_names
from counterpoint.errors import InputError

USUAL_TARGETS = ("label", "labels", "y_true", "y", "target", "class", "true_label")
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
    frame: pl.DataFrame, labels: Sequence[str], source: str, positive: str | None = None
) -> ClassColumns:
    """Find the probabilities of each class among a table's columns.

    Columns are named by class, with or without something that all names share before or behind
    (``cat`` or ``p_cat``); or one column holds the probability of one of two classes.

    Parameters
    ----------
    frame
        The columns that are not labels, weights or identifiers.
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
    >>> frame = pl.DataFrame({"p_dog": [0.2, 0.9], "p_cat": [0.8, 0.1], "row": [1, 2]})
    >>> class_columns(frame, ["cat", "dog"], "t.csv").names
    ('p_cat', 'p_dog')
    """
    numeric = [name for name, kind in frame.schema.items() if _numbers(kind)]
    found = _by_class(frame.columns, labels)
    if found is None and len(numeric) == 1 and len(labels) <= 2:
        return _single(numeric[0], labels, source, positive)
    if found is None:
        raise InputError(_no_match(frame, numeric, labels, source))
    prefix, suffix = found
    of = {f"{prefix}{label}{suffix}": label for label in labels}
    text = [name for name in of if name not in numeric]
    if text:
        cell = next(
            (c for c in frame[text[0]].to_list() if c is not None and not _is_number(c)), ""
        )
        raise InputError(
            f"{source}: column {text[0]!r} holds text, such as {cell!r}: each class's column must "
            "hold numbers, with a decimal point and a plain minus sign."
        )
    of |= _unlabelled(frame, numeric, of, prefix, suffix)
    if len(of) == 1:
        raise InputError(
            f"{source} has a column for {labels[0]!r} alone, the one class that the labels name: "
            "give a column for each class that the model knows."
        )
    left = [name for name in frame.columns if name not in of]
    note = f"{source}: {len(of)} columns of probabilities, {listed(of)}, named by class"
    return ClassColumns(
        tuple(of), tuple(of.values()), note + (f"; {listed(left)} left out" if left else "")
    )


def _unlabelled(
    frame: pl.DataFrame, numeric: Sequence[str], known: Mapping[str, str], prefix: str, suffix: str
) -> dict[str, str]:
    """Columns of classes that no row has: named like the others, or needed to sum to one."""
    more = {
        name: name[len(prefix) : len(name) - len(suffix)]
        for name in numeric
        if name not in known
        and name.startswith(prefix)
        and name.endswith(suffix)
        and len(name) > len(prefix) + len(suffix)
    }
    if prefix or suffix or not more:
        return more
    first = frame.head(1000)
    if _sums_to_one(first, known):
        return {}
    for added in (*([name] for name in more), list(more)):
        if _sums_to_one(first, [*known, *added]):
            return {name: more[name] for name in added}
    return {}


def _sums_to_one(frame: pl.DataFrame, names: Iterable[str]) -> bool:
    totals = frame.select(list(names)).cast(pl.Float64).to_numpy().sum(axis=1)
    totals = totals[np.isfinite(totals)]
    return any(bool((np.abs(totals / whole - 1.0) < 0.02).all()) for whole in (1.0, 100.0))


def _numbers(kind: pl.DataType) -> bool:
    # A column without any value has no type of its own.
    return kind.is_numeric() or kind == pl.Null


def _is_number(cell: object) -> bool:
    try:
        float(str(cell))
    except ValueError:
        return False
    return True


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


def _no_match(
    frame: pl.DataFrame, numeric: Sequence[str], labels: Sequence[str], source: str
) -> str:
    if not numeric:
        what = f"text alone, in {listed(frame.columns)}" if frame.width else "no column but labels"
        return (
            f"{source} has {what}: it needs a column of probabilities for each class, or one for "
            "two classes."
        )
    missing = [label for label in labels if not any(_names(name, label) for name in numeric)]
    lacking = f"no column for class {missing[0]!r}" if missing else "no full set of columns"
    return (
        f"{source} has {lacking}: its numbers are {listed(numeric)} and the labels name "
        f"{listed(labels)}; name one column of probabilities a class, such as {labels[0]!r} or "
        f"'p_{labels[0]}'."
    )
