"""Labels and row weights: what a target or weight column may hold."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.data.frames import is_text, missing_cells
from counterpoint.data.matrix import LARGEST, FloatArray
from counterpoint.data.wording import plural
from counterpoint.errors import InputError

Labels: TypeAlias = npt.NDArray[Any]


def class_labels(target: pl.Series) -> Labels:
    """Labels of a target column: booleans, strings, integers, or floats where some have a fraction.

    Raises
    ------
    InputError
        If a label is missing, infinite, or neither a number nor text.

    Examples
    --------
    >>> import polars as pl
    >>> class_labels(pl.Series("y", [0.0, 1.0, 1.0]))
    array([0, 1, 1])
    """
    check_labelled(target)
    if target.dtype == pl.Boolean:
        return target.to_numpy()
    if is_text(target.dtype):
        return target.cast(pl.String).to_numpy().astype(np.str_)
    if target.dtype.is_integer():
        greatest = target.max()
        wide = isinstance(greatest, int) and greatest >= 2**63
        return target.cast(pl.UInt64 if wide else pl.Int64).to_numpy()
    if not target.dtype.is_numeric():
        raise InputError(
            f"The target {target.name!r} holds {target.dtype} values: "
            "a class is an integer, a string or a boolean."
        )
    values = target.cast(pl.Float64).to_numpy()
    infinite = np.isinf(values)
    if infinite.any():
        raise InputError(
            f"The target {target.name!r} holds infinity in data row "
            f"{int(np.argmax(infinite)) + 1}: a class is an integer, a string or a boolean."
        )
    # Above 2**53 floats skip integers, so that two labels could become one.
    whole = np.all(values == np.rint(values)) and np.all(np.abs(values) < 2.0**53)
    return values.astype(np.int64) if whole else values


def check_labelled(target: pl.Series, first_row: int = 0) -> None:
    """Refuse a target column with a missing label; ``first_row`` is where it begins in its table.

    Raises
    ------
    InputError
        Naming the first such row.
    """
    missing = missing_cells(target)
    if missing.any():
        raise InputError(
            f"The target {target.name!r} has {plural(int(missing.sum()), 'missing value')}, the "
            f"first in data row {first_row + int(np.argmax(missing)) + 1}: leave those rows out or "
            "label them."
        )


def known_labels(y: Labels, known: Labels, source: str) -> Labels:
    """Labels of a test table as the training labels' type, each one of them.

    Raises
    ------
    InputError
        If there is a label that no training row has.
    """
    comparable = (y.dtype.kind == "U") == (known.dtype.kind == "U")
    unknown = np.setdiff1d(y, known) if comparable else np.unique(y)
    if unknown.size:
        raise InputError(
            f"{source} has rows of class {unknown[0]!s}, which the training data lacks: leave "
            "them out, or train on a table that has it."
        )
    return y.astype(known.dtype)


def check_classes(y: Labels, sample_weight: FloatArray | None, name: str) -> None:
    """Refuse a training target that isn't of two or more classes with weight.

    Raises
    ------
    InputError
        If there is one class, a class without weight, or so many values that they aren't classes.
    """
    classes, codes = np.unique(y, return_inverse=True)
    often_new = 2 * len(classes) > len(y)
    if len(classes) < 2:
        raise InputError(
            f"The target {name!r} has one class only ({classes[0]!s} in all {len(y):,} rows): "
            "a classifier needs rows of at least two."
        )
    if y.dtype.kind == "f" and (len(classes) > 20 or often_new):
        raise InputError(
            f"The target {name!r} has {len(classes):,} different values with fractions and looks "
            "like a regression target (continuous): turn it into classes first."
        )
    if len(classes) > 20 and often_new:
        raise InputError(
            f"The target {name!r} has {len(classes):,} different values in {len(y):,} rows, as an "
            "identifier or a regression target has: name a column of classes."
        )
    if sample_weight is not None:
        totals = np.bincount(codes, weights=sample_weight)
        if not totals.all():
            raise InputError(
                f"Class {classes[np.argmin(totals)]!s} of the target {name!r} has weight zero in "
                "all of its rows: give that class weight or leave its rows out."
            )


def row_weights(weights: pl.Series, rows: int) -> FloatArray:
    """Weights of the rows, shape (n,), checked.

    Raises
    ------
    InputError
        If a weight is missing, negative, infinite or no number, if all are zero, or if there are
        not as many as rows.

    Examples
    --------
    >>> import polars as pl
    >>> row_weights(pl.Series("w", [1, 2]), 2)
    array([1., 2.])
    """
    name = weights.name
    if len(weights) != rows:
        raise InputError(f"There are {len(weights):,} weights for {rows:,} rows: give one a row.")
    if not (weights.dtype.is_numeric() or weights.dtype == pl.Boolean):
        raise InputError(
            f"The weights {name!r} hold {weights.dtype} values: a weight is a number, 0 or more."
        )
    values = np.ascontiguousarray(weights.cast(pl.Float64).to_numpy())
    bad = ~((values >= 0) & (values <= LARGEST))
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"The weight {name!r} is {values[row]:g} in data row {row + 1}: "
            "a weight is a finite number, 0 or more."
        )
    if not values.any():
        raise InputError(f"The weights {name!r} are all zero: at least one must be above 0.")
    return values
