"""What a reader hands its numbers to: it names them, parts appended runs, and bounds memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from counterpoint.errors import InputError
from counterpoint.runs.facts import checked_facts
from counterpoint.runs.names import Meaning, Split, series_of
from counterpoint.runs.series import Array, Series

#: Points kept of one source. Longer series are thinned, and that is said.
MOST_POINTS = 2_000_000
#: A file with more runs holds something else than logs. Of more names the first are kept.
MOST_RUNS, MOST_NAMES = 10_000, 5_000

Key = tuple[Split, str]
#: What is no measurement.
_PLACES = ("time", "epoch", "step", "run")


class Run:
    """One training as it is being read."""

    def __init__(self, label: str = "") -> None:
        self.label = label
        self.series: dict[Key, Series] = {}
        self.names: dict[Key, str] = {}
        self.facts: dict[str, Any] = {}
        self.notes: list[str] = []
        #: Whether what the log calls no name, and is read as the loss, is to be made large.
        self.maximised = False
        #: Rows so far, where a log does not number them.
        self.count = 0


class Gatherer:
    """Numbers of one source, as they come.

    Parameters
    ----------
    meanings
        Names that the user explains: name → meaning. They outweigh the table of names.
    most_points
        Bound on the points kept.

    Attributes
    ----------
    split : str
        Rows that the whole source is of, such as those of a folder ``validation``.
    home : str
        The rows that a loss without a name of its split is of, where the format tells; else "".
    kind : str
        What the format is called, where the reader finds one more particular than its own name.
    ending : callable or None
        Hands over what the reader holds back until the end of its file, if it holds back anything.
    """

    def __init__(
        self,
        meanings: Mapping[str, Meaning] | None = None,
        most_points: int = MOST_POINTS,
    ) -> None:
        #: The run that is being read.
        self.run = Run()
        self.runs = [self.run]
        self.split: Split = ""
        self.home: Split = ""
        self.kind = ""
        self.ending: Callable[[], None] | None = None
        self._meanings = {name.lower(): meaning for name, meaning in (meanings or {}).items()}
        self._most = most_points
        self._held = 0
        self._order = 0
        self._named: dict[tuple[str, ...], list[Meaning]] = {}

    def new_run(self, label: str = "") -> None:
        """Begin another run, unless the one at hand has no number yet."""
        if self.run.series:
            if len(self.runs) >= MOST_RUNS:
                raise InputError(f"there are more than {MOST_RUNS:,} runs in it: is it a log?")
            self.run = Run()
            self.runs.append(self.run)
        self.run.label = label or self.run.label

    def use_run(self, label: str) -> None:
        """Go on with the run of this name, or begin it."""
        if self.run.label == label:
            return
        # The latest of the name: an earlier one ended when its epochs started anew.
        known = next((run for run in reversed(self.runs) if run.label == label), None)
        if known is None:
            self.new_run(label)
        else:
            self.run = known

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Note what is known of the run at hand; what is known already stays."""
        for name, fact in facts.items():
            try:
                known = checked_facts({name: fact})
            except InputError:  # "classes: many" says nothing
                continue
            self.run.facts = {**self.run.facts, **known, **self.run.facts}

    def note(self, text: str) -> None:
        """Say something of how the run at hand was read, once."""
        if text not in self.run.notes:
            self.run.notes.append(text)

    def explains(self, name: str) -> bool:
        """Whether the user said what a name means."""
        return name.strip().lower() in self._meanings

    def meanings(self, names: Iterable[str]) -> list[Meaning]:
        """What names that stand together in a log mean: no two the same.

        Of ``loss`` and ``mse`` side by side, the plainer name is the loss and the other keeps its
        own words.
        """
        together = tuple(names)
        if together in self._named:
            return self._named[together]
        found = self._apart(together)
        if len(self._named) < MOST_NAMES:
            self._named[together] = found
        return found

    def _apart(self, names: tuple[str, ...]) -> list[Meaning]:
        given = [self._meanings.get(name.strip().lower()) for name in names]
        found = [known or series_of(name) for name, known in zip(names, given, strict=True)]
        if {"validation_0", "validation_1"} <= {name.partition("-")[0] for name in names}:
            found = [self._of_two_sets(*each) for each in zip(names, given, found, strict=True)]
        # A plain name claims first; what the user explained claims before all.
        order = sorted(range(len(names)), key=lambda i: (given[i] is None, _plainness(names[i])))
        claimed: set[Meaning] = set()
        for i in order:
            if not found[i].quantity or (found[i] in claimed and found[i].quantity != "time"):
                found[i] = Meaning(_own_words(names[i], len(claimed)), found[i].split)
            claimed.add(found[i])
        return found

    def _of_two_sets(self, name: str, given: Meaning | None, found: Meaning) -> Meaning:
        """XGBoost numbers its sets: of two, the first is the training rows by custom."""
        if given or not name.startswith("validation_0-"):
            return found
        self.note(f"{name} is taken for training rows, as is custom where two sets are given")
        return Meaning(found.quantity, "train")

    def row(
        self,
        values: Mapping[str, float] | Iterable[tuple[str, float]],
        step: int | None = None,
        epoch: float | None = None,
    ) -> None:
        """Add numbers of one moment under their names in the log."""
        pairs = list(values.items() if isinstance(values, Mapping) else values)
        for meaning, (name, value) in zip(
            self.meanings(name for name, _ in pairs), pairs, strict=True
        ):
            self.point(meaning, value, step, epoch, name)

    def point(
        self,
        meaning: Meaning,
        value: float,
        step: int | None = None,
        epoch: float | None = None,
        name: str = "",
    ) -> Series | None:
        """Add one number; a place before the last one of its series begins another run."""
        quantity, split = meaning
        if quantity in _PLACES:
            return None
        key = (split or self.split, quantity)
        series = self.run.series.get(key)
        if series is not None and series.is_before(step, epoch):
            self.new_run(self.run.label)
            series = None
        if series is None:
            if len(self.run.series) >= MOST_NAMES:
                self.note(f"it has more than {MOST_NAMES:,} different names: the rest is left out")
                return None
            series = self.run.series.setdefault(key, Series())
            self.run.names[key] = name or quantity
        series.add(self._order, step, epoch, value)
        self._order += 1
        self._held += 1
        if self._held > self._most:
            self._thin()
        return series

    def columns(
        self, meanings: list[Meaning], steps: Array, epochs: Array, values: list[Array]
    ) -> int:
        """Add points of known series moment by moment, as far as nothing happens on the way.

        Parameters
        ----------
        meanings
            Of each series, which the run at hand has already.
        steps, epochs
            Of each moment; NaN where the log does not say.
        values
            Of each series.

        Returns
        -------
        int
            How many moments were added: up to where places go back, or the room ends.
        """
        keys = [(m.split or self.split, m.quantity) for m in meanings if m.quantity not in _PLACES]
        values = [v for v, m in zip(values, meanings, strict=True) if m.quantity not in _PLACES]
        if not keys or len(set(keys)) < len(keys) or not set(keys) <= self.run.series.keys():
            return 0
        series = [self.run.series[key] for key in keys]
        last = [(each.epochs[-1], each.steps[-1]) for each in series]
        if any(str(each) != str(last[0]) for each in last):
            return 0
        moved = np.diff(epochs, prepend=last[0][0])
        stays = np.isnan(moved) | (moved == 0.0)
        back = (moved < 0.0) | (stays & (np.diff(steps, prepend=last[0][1]) < 0.0))
        room = (self._most - self._held) // len(series)
        # The last moment before a step back is the caller's: it may count on from there.
        count = max(0, min(int(back.argmax()) - 1 if back.any() else len(steps), room))
        orders = self._order + len(series) * np.arange(count, dtype=np.float64)
        for offset, each in enumerate(series):
            each.extend(orders + offset, steps[:count], epochs[:count], values[offset][:count])
        self._order += len(series) * count
        self._held += len(series) * count
        return count

    def _thin(self) -> None:
        """Thin the longest series, until a quarter of the room is free."""
        every = [series for run in self.runs for series in run.series.values()]
        while self._held > 0.75 * self._most:
            longest = max(map(len, every))
            if longest < 8:
                raise InputError("it has millions of short series: is it a log?")
            for series in every:
                if len(series) > longest // 2:
                    before = len(series)
                    series.thin()
                    self._held -= before - len(series)


def _plainness(name: str) -> tuple[int, int]:
    # "val_loss" before "val_log_loss" and "FinalLoss"; of as many, "loss" and "accuracy" before
    # "mse".
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name))
    return len(words), 0 if re.search(r"loss|acc", name, re.IGNORECASE) else 1


def _own_words(name: str, number: int) -> str:
    return "_".join(re.findall(r"[^\W_]+", name.lower())) or f"unnamed_{number}"
