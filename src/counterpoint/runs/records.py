"""Rows with named cells, whatever file they stand in: CSV, JSON Lines, Parquet."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.names import OBJECTIVES, SPLITS, Meaning, Split, meaning_of, words_of
from counterpoint.runs.series import Array

#: Cells that were not logged.
MISSING = {"", "none", "null", "na", "n/a", "-", "--", "<na>", "no log"}
_INDEX = {"", "index", "unnamed: 0"}
_SPLIT_COLUMNS = {"split", "phase", "mode", "stage", "subset", "dataset", "partition"}
_NAME_COLUMNS = {"metric", "quantity", "tag", "key", "name", "variable"}
#: The plainest count of steps first.
_STEPS = ("global", "step", "iteration", "iter", "round", "update", "batch")
#: Beyond this a step has no neighbour in double precision.
_MOST_PLACE = 2**53
_WRAPPED = re.compile(r"(?:tensor\()?\[?\s*([^\s,()\[\]]+?)\s*\]?(?:,[^)]*)?\)?\s*(%?)")


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are.

    Attributes
    ----------
    epoch, step, run, split
        Which column it is; None where there is none.
    name, value
        The two columns of a tidy table, one number a row.
    numbers
        The columns that hold quantities.
    """

    epoch: int | None
    step: int | None
    run: int | None
    split: int | None
    name: int | None
    value: int | None
    numbers: tuple[int, ...]


@lru_cache(maxsize=256)
def roles_of(names: tuple[str, ...]) -> Roles:
    """Find out what the columns are from their names.

    Examples
    --------
    >>> roles_of(("epoch", "step", "val_loss")).numbers
    (2,)
    """
    plain = [name.strip().lower() for name in names]
    meant = [meaning_of(name).quantity for name in names]

    def those(quantity: str) -> list[int]:
        return [i for i, each in enumerate(meant) if each == quantity]

    epochs, steps, runs = those("epoch"), those("step"), those("run")
    if not epochs and not steps and plain and plain[0] in _INDEX:
        epochs = [0]
    split = next((i for i, name in enumerate(plain) if name in _SPLIT_COLUMNS), None)
    value = plain.index("value") if "value" in plain else None
    named = next((i for i, name in enumerate(plain) if name in _NAME_COLUMNS), None)
    places = {*epochs, *steps, *runs, *those("time"), split}
    if value is not None and named is not None:
        numbers: tuple[int, ...] = ()
    else:
        value = named = None
        numbers = tuple(i for i in range(len(names)) if i not in places and plain[i] not in _INDEX)
    return Roles(
        epochs[0] if epochs else None,
        min(steps, key=lambda i: _step_rank(plain[i]), default=None),
        runs[0] if runs else None,
        split,
        named,
        value,
        numbers,
    )


def _step_rank(name: str) -> int:
    return next((rank for rank, word in enumerate(_STEPS) if word in name), len(_STEPS))


def tells_training(names: Iterable[str], explained: Container[str] = ()) -> bool:
    """Whether columns of these names are a log of training.

    Parameters
    ----------
    names
    explained
        Names, in lower case, whose meaning the user gives.

    Examples
    --------
    >>> tells_training(["epoch", "loss"]), tells_training(["petal_length", "species"])
    (True, False)
    """
    names = list(names)
    meant = [meaning_of(name) for name in names]
    measured = {"loss", "accuracy", "error_rate", "data_loss", "penalty", *OBJECTIVES}
    quantities = {meaning.quantity for meaning in meant}
    split = any(meaning.split and meaning.quantity not in SPLITS for meaning in meant)
    known = any(name.strip().lower() in explained for name in names)
    placed = bool(quantities & {"epoch", "step"})
    return known or bool(quantities & measured) or (split and placed)


class Rows:
    """Adds rows of one table to what is gathered.

    Parameters
    ----------
    gathered
    counts
        Whether rows without an epoch and a step are numbered, as epochs, from 1.
    """

    def __init__(self, gathered: Gatherer, counts: bool = True) -> None:
        self._gathered = gathered
        self._counts = counts
        self._texts: dict[str, str] = {}

    def add(self, names: tuple[str, ...], cells: Sequence[Any]) -> None:
        """Add one row; a cell that is empty was not logged."""
        roles, gathered = roles_of(names), self._gathered
        if roles.run is not None and cells[roles.run] not in (None, ""):
            gathered.use_run(f"{names[roles.run].strip()} {str(cells[roles.run]).strip()}")
        epoch, step = _place(cells, roles.epoch), _place(cells, roles.step)
        if epoch is None and step is None and self._counts and roles.epoch is None:
            gathered.run.count += 1
            epoch = float(gathered.run.count)
            gathered.note("it does not number its rows: they are counted from 1, as epochs")
        whole = None if step is None or not math.isfinite(step) else int(step)
        split = _split_of(cells, roles.split)
        if roles.name is not None and roles.value is not None:
            label = str(cells[roles.name])
            self._number(
                label, gathered.meanings((label,))[0], cells[roles.value], split, whole, epoch
            )
            return
        meanings = gathered.meanings(names)
        for i in roles.numbers:
            cell = cells[i]
            if cell != "" and cell is not None:
                self._number(names[i], meanings[i], cell, split, whole, epoch)

    def add_many(self, names: tuple[str, ...], numbers: Array) -> int:
        """Add rows like the last one, of numbers alone, as far as nothing happens on the way.

        Parameters
        ----------
        names
        numbers : array (rows, columns)

        Returns
        -------
        int
            How many rows were added; `add` takes the next.
        """
        roles = roles_of(names)
        told = (roles.run, roles.split, roles.name)
        if self._texts or told != (None, None, None) or (roles.epoch, roles.step) == (None, None):
            return 0
        steps, epochs = (
            np.full(len(numbers), math.nan) if column is None else numbers[:, column]
            for column in (roles.step, roles.epoch)
        )
        for column, places in ((roles.step, steps), (roles.epoch, epochs)):
            if column is not None and not (np.abs(places) < _MOST_PLACE).all():
                return 0
        meanings = self._gathered.meanings(names)
        return self._gathered.columns(
            [meanings[i] for i in roles.numbers],
            np.trunc(steps),
            epochs,
            [numbers[:, i] for i in roles.numbers],
        )

    def _number(
        self,
        name: str,
        meaning: Meaning,
        cell: Any,
        split: Split,
        step: int | None,
        epoch: float | None,
    ) -> None:
        value, percent = number_of(cell)
        if value is None:
            if isinstance(cell, str) and cell.strip().lower() not in MISSING:
                self._texts.setdefault(name, cell.strip())
            return
        if self._texts and name in self._texts:
            self._gathered.note(f"{name}: {self._texts[name][:40]!r} is no number, left out")
        if split and not meaning.split:
            meaning = Meaning(meaning.quantity, split)
        series = self._gathered.point(meaning, value, step, epoch, name)
        if percent and series is not None:
            series.percent = True


def number_of(cell: Any) -> tuple[float | None, bool]:
    """A cell's number, and whether it was a percentage (which is divided by 100).

    Examples
    --------
    >>> number_of("78.5%"), number_of("tensor(0.5, device='cuda:0')"), number_of("adam")
    ((0.785, True), (0.5, False), (None, False))
    """
    if type(cell) is str and "_" not in cell:  # float() would take 1_000
        try:
            return float(cell), False
        except ValueError:
            return _written(cell)
    if cell is None or isinstance(cell, bool):
        return None, False
    if isinstance(cell, int | float):
        try:
            return float(cell), False
        except OverflowError:
            return math.inf if cell > 0 else -math.inf, False
    return None, False


def _written(cell: str) -> tuple[float | None, bool]:
    """The number in a text that is more than one."""
    text = cell.strip().replace("\u2212", "-")
    match = _WRAPPED.fullmatch(text) if len(text) < 200 else None
    if match is None or text.lower() in MISSING:
        return None, False
    try:
        value = float(match[1])
    except ValueError:
        return None, False
    return (round(value / 100.0, 15), True) if match[2] else (value, False)


def _place(cells: Sequence[Any], column: int | None) -> float | None:
    if column is None:
        return None
    cell = cells[column]
    value = number_of(cell)[0]
    if value is None and isinstance(cell, str):
        match = re.match(r"\D*(\d{1,15})\s*(?:/|of)\s*\d+\s*$", cell)  # 3/10
        value = float(match[1]) if match else None
    return value if value is not None and abs(value) < _MOST_PLACE else None


def _split_of(cells: Sequence[Any], column: int | None) -> Split:
    if column is None or not isinstance(cells[column], str):
        return ""
    words = words_of(cells[column])
    return SPLITS.get(words[0], "") if len(words) == 1 else ""
