"""Lines of one shape differ in their numbers alone: what was learnt of one holds for the next.

A log of a million lines has a few dozen shapes. A line is parsed with marks in place of its
numbers, which shows what becomes of each; later lines of the shape then only fill them in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from counterpoint.errors import InputError
from counterpoint.runs.line import Quantity, quantity_of
from counterpoint.runs.names import Split
from counterpoint.runs.places import Place

#: A place and the numbers that a line says.
Parsed = tuple[Place, list[Quantity]]

#: A number that is not part of a word.
TOKEN = re.compile(r"(?<![\w.@'\-])([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?!\d)")
_MARK = 7_000_000_001
_MOST_SHAPES = 5_000
LONGEST_WHOLE = 15


class _Slot(NamedTuple):
    """A quantity of a shape: which of the line's numbers are its own."""

    name: str
    heading: Split
    digits: int | str
    total: int | None
    percent: bool


class Shape(NamedTuple):
    """What becomes of the numbers of a line, by their place among them."""

    place: Place
    places: tuple[tuple[str, int], ...]
    bar: tuple[int, int] | None
    slots: tuple[_Slot, ...]


class Shapes:
    """Parses lines, and remembers their shapes.

    Parameters
    ----------
    parse
        Text and heading → what the line says.
    """

    def __init__(self, parse: Callable[[str, Split], Parsed]) -> None:
        self._parse = parse
        self._known: dict[tuple[str, Split], Shape | None] = {}
        #: The shape of the line that was parsed last; None where it was parsed by itself.
        self.last: Shape | None = None

    def parse(self, plain: str, heading: Split) -> Parsed:
        """What a line says, as ``parse`` would read it.

        Raises
        ------
        InputError
            As ``parse`` does.
        """
        parts = TOKEN.split(plain)
        tokens = parts[1::2]
        key = ("\0".join(parts[::2]), heading)
        self.last = self._known.get(key)
        if key not in self._known:
            parsed = self._parse(plain, heading)
            if len(self._known) < _MOST_SHAPES:
                self._known[key] = self._shape(parts, heading, parsed)
            return parsed
        filled = None if self.last is None else _filled(self.last, tokens)
        if filled is not None:
            return filled
        self.last = None
        return self._parse(plain, heading)

    def _shape(self, parts: list[str], heading: Split, parsed: Parsed) -> Shape | None:
        """The shape of a line; none where filling it in would not give what was parsed."""
        marked = list(parts)
        marked[1::2] = [str(_MARK + i) for i in range(len(parts) // 2)]
        try:
            shape = _shape_of(*self._parse("".join(marked), heading))
            filled = _filled(shape, parts[1::2])
        except (InputError, ValueError):
            return None
        return shape if filled is not None and _same(filled, parsed) else None


def _shape_of(place: Place, found: list[Quantity]) -> Shape:
    places = [("epoch", place.epoch), ("epochs", place.epochs)]
    places += [("step", place.step), ("steps", place.steps)]
    slots = []
    for each in found:
        digits = re.match(r"[+-]?\w+", each.text)
        mark = digits[0] if digits else ""
        slots.append(
            _Slot(
                each.name,
                each.split,
                _index(int(mark)) if mark.isdigit() else mark,
                None if each.total is None else _index(each.total),
                "%" in each.text,
            )
        )
    return Shape(
        replace(place, rest=""),
        tuple((key, _index(int(value))) for key, value in places if value is not None),
        None if place.bar is None else (_index(place.bar[0]), _index(place.bar[1])),
        tuple(slots),
    )


def _index(mark: int) -> int:
    if mark < _MARK:
        raise ValueError(mark)
    return mark - _MARK


def _filled(shape: Shape, tokens: list[str]) -> Parsed | None:
    """A line of a shape; none where its numbers are not of the kind that the shape has."""
    try:
        said = {
            key: float(tokens[i]) if key == "epoch" else _whole(tokens[i])
            for key, i in shape.places
        }
        if shape.bar is not None:
            said["bar"] = (_whole(tokens[shape.bar[0]]), _whole(tokens[shape.bar[1]]))  # type: ignore[assignment]
        found = []
        for name, heading, digits, total, percent in shape.slots:
            text = digits if isinstance(digits, str) else tokens[digits]
            rows = None if total is None else tokens[total]
            if rows is not None:
                _whole(rows)
            shown = text + (f" / {rows}" if rows else "") + ("%" if percent else "")
            found.append(quantity_of(name, text, rows, percent, heading, shown))
    except ValueError:
        return None
    return replace(shape.place, **said) if said else shape.place, found  # type: ignore[arg-type]


def _whole(token: str) -> int:
    if not token.isdigit() or len(token) > LONGEST_WHOLE:
        raise ValueError(token)
    return int(token)


def _same(filled: Parsed, parsed: Parsed) -> bool:
    """Whether two readings of a line agree, whatever is left of its text."""

    def plain(each: Parsed) -> tuple[object, ...]:
        place, found = each
        return repr(replace(place, rest="")), [repr(replace(q, text="")) for q in found]

    return plain(filled) == plain(parsed)
