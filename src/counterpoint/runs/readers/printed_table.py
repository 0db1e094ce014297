"""Tables that programs print into their text: a line of names, then lines of numbers below it."""

from __future__ import annotations

import math
import re

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.records import MISSING, Rows, number_of, tells_training

_PARTED = (r"\s*[|│┃]\s*", r"\t+", r"\s{2,}", r"\s+")
_RULE = re.compile(r"[\s|+:=\-─┼┤├━]*[\-─=━]{2,}[\s|+:=\-─┼┤├━]*")
_CLOCK = re.compile(r"\d+:\d\d(?::\d\d)?|\ue000|\d[\d.]*\s?m?s|\d[\d.]*m")
#: fastai's first versions put the time behind the last column.
_TIME_AT_END = re.compile(r"\s*\(\ue000\)\s*$")


class PrintedTable:
    """Takes the lines of a printed table out of a text.

    Parameters
    ----------
    gathered
        Where the numbers go.

    Attributes
    ----------
    kind : str
        Whose table it looks like.
    """

    @property
    def is_open(self) -> bool:
        """Whether the next line may belong to a table."""
        return bool(self._names)

    def __init__(self, gathered: Gatherer) -> None:
        self._rows = Rows(gathered)
        self._gathered = gathered
        self._names: tuple[str, ...] = ()
        self._parted = ""
        #: The first cell of the last row of the table before, until this one has a row.
        self._before = math.nan
        self._last = math.nan
        self.kind = "text"

    def take(self, line: str) -> bool:
        """Take a line where it belongs to a table.

        Parameters
        ----------
        line
            Plain text.

        Returns
        -------
        bool
            Whether it was part of one.
        """
        if self._names:
            if _RULE.fullmatch(line):
                return True
            cells = _cells(_TIME_AT_END.sub("", line), self._parted)
            if len(cells) != len(self._names) and self._parted != _PARTED[0]:
                cells = line.split()
            if len(cells) == len(self._names) and all(_is_cell(cell) for cell in cells):
                place = number_of(cells[0])[0]
                if place is not None and place <= self._before:
                    self._gathered.new_run()  # a table that begins anew
                self._last, self._before = math.nan if place is None else place, math.nan
                self._rows.add(self._names, cells)
                return True
            self._names = ()
        return self._begins(line)

    def _begins(self, line: str) -> bool:
        line = line.partition("█")[0]  # fastai draws its bar behind the header
        if re.search(r"[=:]|\d\.\d", line) or len(line) > 500:
            return False
        for parted in _PARTED:
            names = tuple(_cells(line, parted))
            if len(names) < 2 or any(number_of(name)[0] is not None for name in names):
                continue
            if len(names) > 1 and _is_header(names):
                self._names, self._parted = names, parted
                self._before = self._last
                self.kind = _kind(names)
                return True
        return False


def _is_header(names: tuple[str, ...]) -> bool:
    first = names[0].lower()
    return tells_training(names) and first in ("epoch", "step", "iter", "iteration", "round")


def _kind(names: tuple[str, ...]) -> str:
    plain = [name.lower() for name in names]
    if "valid_loss" in plain:
        return "fastai"
    if plain[0] == "iter":
        return "scikit-learn verbose"
    return "Hugging Face table" if "training loss" in plain else "text"


def _cells(line: str, parted: str) -> list[str]:
    return [cell.strip() for cell in re.split(parted, line.strip().strip("|│┃").strip())]


def _is_cell(cell: str) -> bool:
    return number_of(cell)[0] is not None or cell.lower() in MISSING or bool(_CLOCK.fullmatch(cell))
