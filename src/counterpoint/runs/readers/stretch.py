"""Many lines of one shape in a row, read at once.

A line by itself costs some forty microseconds. A stretch of lines that differ in their numbers
alone is found by one expression, and its numbers come out column by column. It gives what line
after line would: where that is not certain from the shape, there is no `Stretch` for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from counterpoint.runs.line import CLOCK, NOTHING, Quantity
from counterpoint.runs.readers.habits import announces_best, is_remark
from counterpoint.runs.readers.shapes import LONGEST_WHOLE, TOKEN, Shape

#: Lines of one stretch at the most: where a run ends early, the rest was looked at in vain.
MOST = 256
#: Fewer are not worth it.
LEAST = 8
_LONGEST = 2_000
#: What a number may look like in another line of the shape, for what looks at the whole line.
_VARIANTS = ("1", "1.5", "-2.5e-05")


class Column(NamedTuple):
    """Where a kept quantity stands among the numbers of a line, and how it is scaled."""

    digits: int | float
    total: int | None
    percent: bool


class Found(NamedTuple):
    """The numbers of some rows, a list for each place and column; where the next line begins."""

    places: dict[str, list[float]]
    values: list[list[float]]
    end: int
    rows: int


@dataclass(frozen=True)
class Stretch:
    """Lines of one shape.

    Attributes
    ----------
    extent, line
        Expressions for many whole lines and for one of them.
    places
        ``epoch``, ``epochs``, ``step``, ``steps`` → which number of a line it is.
    columns
        Of the quantities that are kept.
    """

    extent: re.Pattern[str]
    line: re.Pattern[str]
    places: dict[str, int]
    columns: tuple[Column, ...]

    def read(self, text: str, begin: int) -> Found | None:
        """The lines from here on, all but the last of them; None where they are too few.

        Parameters
        ----------
        text
            Whole lines.
        begin
            Where one of them begins.
        """
        match = self.extent.match(text, begin)
        if match is None:
            return None
        last = text.rfind("\n", begin, match.end() - 1) + 1
        rows = self.line.findall(text, begin, max(begin, last))
        if len(rows) < LEAST:
            return None
        tokens = list(zip(*rows, strict=True)) if self.line.groups > 1 else [tuple(rows)]
        whole = [i for name, i in self.places.items() if name != "epoch"]
        whole += [column.total for column in self.columns if column.total is not None]
        if not all(map(_are_whole, (tokens[i] for i in whole))):
            return None
        places = {name: list(map(float, tokens[i])) for name, i in self.places.items()}
        values = [_values(column, tokens, len(rows)) for column in self.columns]
        return Found(places, values, last, len(rows))


def stretch_of(
    raw: str, plain: str, shape: Shape, kept: Sequence[int], said: Sequence[Quantity]
) -> Stretch | None:
    """The stretch that begins with a line; None where its shape does not tell all.

    Parameters
    ----------
    raw
        The line as it stands in the file.
    plain
        As it was parsed.
    shape
        Which of its numbers are what.
    kept
        Which of the shape's quantities are kept, in order.
    said
        All quantities of the line.
    """
    parts = TOKEN.split(plain)
    literals, tokens = parts[::2], parts[1::2]
    if shape.bar is not None or len(raw) > _LONGEST or not _is_certain(literals):
        return None
    columns = []
    for i in kept:
        slot = shape.slots[i]
        digits = float(slot.digits) if isinstance(slot.digits, str) else slot.digits
        is_count = slot.total is not None and said[i].quantity in ("accuracy", "error_rate")
        percent = (slot.percent or "%" in slot.name) and not is_count
        columns.append(Column(digits, slot.total if is_count else None, percent))
    line = _expression(literals)
    match = line.fullmatch(raw + "\n")
    if match is None or list(match.groups()) != tokens:
        return None
    extent = re.compile(f"(?:{_expression(literals, grouped=False).pattern}){{1,{MOST}}}+")
    return Stretch(extent, line, dict(shape.places), tuple(columns))


def _is_certain(literals: Sequence[str]) -> bool:
    """Whether what looks at whole lines says of every line of a shape what it says of this one."""
    # Two numbers with this between them may be a time of day, a date, or one with thousands.
    between = [literal for literal in literals[1:-1] if literal in (":", ",")]
    dates = [literal for literal in literals[1:] if re.match(r"-\d", literal)]
    touching = [each for each in literals[1:] if each.startswith(NOTHING)]
    touching += [each for each in literals[:-1] if each.endswith(NOTHING)]
    if between or dates or touching or not re.search("[=:]", "".join(literals)):
        return False  # Without = or : it might begin a table.
    lines = [variant.join(literals) for variant in _VARIANTS]
    return not any(is_remark(line) or announces_best(line) for line in lines)


def _expression(literals: Sequence[str], grouped: bool = True) -> re.Pattern[str]:
    """A whole line: the words as they are, any number and any time of day in their places."""
    # Atomic, as the scanner that cut the line gives nothing back either.
    pattern = TOKEN.pattern if grouped else TOKEN.pattern.replace("([+-]", "(?:[+-]")
    number = f"(?>{pattern})"
    clock = f"(?>{CLOCK.pattern})"
    texts = [clock.join(map(re.escape, literal.split(NOTHING))) for literal in literals]
    return re.compile(number.join(texts) + r"\r?\n")


def _are_whole(tokens: Sequence[str]) -> bool:
    return "".join(tokens).isdigit() and max(map(len, tokens)) <= LONGEST_WHOLE


def _values(column: Column, tokens: Sequence[Sequence[str]], rows: int) -> list[float]:
    if isinstance(column.digits, float):
        return [column.digits] * rows
    values = list(map(float, tokens[column.digits]))
    if column.total is not None:
        totals = map(int, tokens[column.total])
        return [v / t if t > 0 else v for v, t in zip(values, totals, strict=True)]
    return [round(v / 100.0, 15) for v in values] if column.percent else values
