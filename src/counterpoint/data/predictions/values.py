"""What the numbers of a table of predictions are: probabilities, per cent, logarithms, logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

from counterpoint.errors import InputError

Array = npt.NDArray[np.float64]
Kind = Literal["probability", "percent", "logarithm", "logit"]

EXACT = 1e-5
"""How far a row of probabilities may sum from 1, or lie outside [0, 1], and count as exact."""
PER_CLASS = 1.5e-7
"""What single precision adds to that, for each class."""
DECIMALS = range(2, 6)
"""Numbers of decimals that written probabilities may have been rounded to."""


@dataclass(frozen=True)
class Understanding:
    """How a model's numbers become probabilities.

    Attributes
    ----------
    kind : str
        ``probability``, ``percent``, ``logarithm`` or ``logit``.
    slack : float
        How far a row of probabilities may sum from 1.
    note : str
        What a reader should know of it; empty where there is nothing to say.
    """

    kind: Kind
    slack: float
    note: str


def understand(values: Array, source: str, *, logits: bool = False) -> Understanding:
    """Find out what a model's numbers are.

    Parameters
    ----------
    values : array of shape (n, columns)
        A column a class, or a single one for two classes.
    source : str
        For messages.
    logits : bool
        Whether the caller says that they are raw scores.

    Examples
    --------
    >>> understand(np.array([[25.0, 75.0], [90.0, 10.0]]), "t.csv").kind
    'percent'
    >>> print(understand(np.array([[0.33, 0.33, 0.33], [0.5, 0.25, 0.25]]), "t.csv").note)
    t.csv: probabilities rounded to 2 decimals, each row divided by its sum
    """
    exact = max(EXACT, PER_CLASS * values.shape[1])
    if logits:
        note = f"{source}: raw scores turned by " + (
            "softmax" if values.shape[1] > 1 else "sigmoid"
        )
        if values.min() >= 0.0 and values.max() <= 1.0:
            note += ", though all lie between 0 and 1 as probabilities do"
        return Understanding("logit", exact, note)
    finite = values[np.isfinite(values).all(axis=1)]
    if not len(finite):
        return Understanding("probability", exact, "")
    together = values.shape[1] > 1
    total = finite.sum(axis=1)
    least, greatest = float(finite.min()), float(finite.max())
    if least >= 0.0 and 1.0 + EXACT < greatest <= 100.0 + 0.1:
        # Rounded to whole per cent, each class may be half a per cent off.
        slack = 0.005 * values.shape[1] + 1e-9
        if not together or np.abs(total / 100.0 - 1.0).max() <= slack:
            return Understanding("percent", slack, f"{source}: read as per cent, divided by 100")
    negative = together and greatest <= EXACT and least < 0.0
    if negative and np.abs(np.exp(finite).sum(axis=1) - 1.0).max() <= 100.0 * exact:
        note = f"{source}: read as logarithms of probabilities"
        return Understanding("logarithm", 100.0 * exact, note)
    if together and least >= -EXACT and np.abs(total - 1.0).max() > exact:
        decimals = _decimals(finite)
        slack = 0.0 if decimals is None else 0.5 * values.shape[1] * 10.0**-decimals + 1e-9
        if decimals is not None and np.abs(total - 1.0).max() <= slack:
            note = (
                f"{source}: probabilities rounded to {decimals} decimals, each row divided by its "
                "sum"
            )
            return Understanding("probability", slack, note)
    return Understanding("probability", exact, "")


def as_probabilities(
    values: Array, found: Understanding, columns: Sequence[str], source: str, first_row: int = 0
) -> Array:
    """Probabilities of shape (n, classes), each row checked.

    Parameters
    ----------
    values : array of shape (n, columns)
    found
        What `understand` said.
    columns
        Their names, for messages.
    source, first_row
        Where the rows come from; rows of data count from 1 in messages.

    Raises
    ------
    InputError
        A number that is missing or no probability, or a row that does not sum to one.

    Examples
    --------
    >>> values = np.array([[25.0], [90.0]])
    >>> as_probabilities(values, understand(values, "t.csv"), ["p"], "t.csv")
    array([[0.75, 0.25],
           [0.1 , 0.9 ]])
    """
    _refuse(~np.isfinite(values), values, columns, source, first_row)
    if found.kind == "logit":
        values = softmax(values, axis=1) if values.shape[1] > 1 else expit(values)
    elif found.kind == "percent":
        values = values / 100.0
    elif found.kind == "logarithm":
        values = np.exp(values)
    edge = 1e-3 if found.kind == "percent" else EXACT
    _refuse((values < -edge) | (values > 1.0 + edge), values, columns, source, first_row)
    values = np.clip(values, 0.0, 1.0)
    if values.shape[1] == 1:
        return np.hstack([1.0 - values, values])
    total = values.sum(axis=1)
    off = np.abs(total - 1.0) > found.slack
    if off.any():
        row = int(np.argmax(off))
        raise InputError(
            f"{source}: the probabilities of data row {first_row + row + 1} sum to "
            f"{total[row]:.6g}, and {_others(off)}: each row must sum to 1 over the classes' "
            f"columns ({', '.join(map(repr, columns[:4]))}{', …' if len(columns) > 4 else ''})."
        )
    return values / total[:, np.newaxis] if found.note else values


def _decimals(values: Array) -> int | None:
    """The fewest decimals that write all values, if a few do."""
    for decimals in DECIMALS:
        scaled = values * 10.0**decimals
        if np.abs(scaled - np.rint(scaled)).max() < 1e-6:
            return decimals
    return None


def _refuse(
    bad: npt.NDArray[np.bool_], values: Array, columns: Sequence[str], source: str, first_row: int
) -> None:
    """Refuse the first bad number, and say what the column may hold instead."""
    if not bad.any():
        return
    row, column = np.argwhere(bad)[0]
    value = values[row, column]
    where = f"{source}, data row {first_row + row + 1}: column {columns[column]!r} is"
    if np.isnan(value):
        raise InputError(f"{where} missing: drop the row, or give its probability.")
    hint = "a probability lies between 0 and 1"
    if values.min() < -EXACT:
        hint += "; if these are raw scores (logits), say --logits (logits=True)"
    raise InputError(f"{where} {value:.6g}: {hint}.")


def _others(off: npt.NDArray[np.bool_]) -> str:
    more = int(off.sum()) - 1
    return "it is the only such row" if more == 0 else f"{more:,} more are off too"
