"""The lines of a table, many at once where every cell of them is a plain number.

A row by itself costs a microsecond a cell, and a large log has millions of cells.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from counterpoint.runs.source import Source

#: Rows taken at once: few at first, as a run may end soon, then twice as many each time.
_FEWEST, _MOST = 64, 8_192


class Lines:
    """Lines of a file one at a time, or as numbers many at a time.

    Attributes
    ----------
    number : int
        Of the line that was given last, from 1.
    """

    def __init__(self, source: Source) -> None:
        self.number = 0
        self._blocks = source.blocks()
        self._block: list[str] = []
        self._next, self._many = 0, _FEWEST

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._next == len(self._block):
            self._block = next(self._blocks).split("\n")[:-1]
            self._next = 0
        self._next += 1
        self.number += 1
        return self._block[self._next - 1]

    def numbers(self, columns: int, delimiter: str) -> NDArray[np.float64] | None:
        """The next lines as numbers, which stay to be taken.

        Returns
        -------
        array (rows, columns) or None
            None where one of their cells is anything but a number, or their width is another.
        """
        lines = self._block[self._next : self._next + self._many]
        text = delimiter.join(lines)
        # float() would take 1_000.
        if any(line.count(delimiter) != columns - 1 for line in lines) or "_" in text:
            return None
        try:
            cells = array("d", map(float, text.split(delimiter)))
        except ValueError:
            return None
        return np.frombuffer(cells).reshape(len(lines), columns)

    def take(self, rows: int) -> None:
        """Go on behind so many of the lines that were given as numbers."""
        full = rows == self._many
        self._many = min(2 * self._many, _MOST) if full else _FEWEST
        self._next += rows
        self.number += rows
