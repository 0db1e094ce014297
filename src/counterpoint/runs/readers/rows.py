"""Rows of a text: lines that are numbers under names, and what is the same for all of one shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.line import Quantity
from counterpoint.runs.names import Meaning, Split, meaning_of
from counterpoint.runs.places import Place
from counterpoint.runs.readers.settings import facts_in
from counterpoint.runs.readers.shapes import TOKEN, Shape
from counterpoint.runs.readers.stretch import Stretch, stretch_of

#: What a line must have to be worth a closer look.
WORTH = re.compile(
    r"(?i)loss|acc|cost|err|epoch|\bep\b|iter|step|batch|val|test|train|learn|score|norm|samples"
    r"|classes|\[\d|auc|prec@|entropy|nll|mse|:\s+f=|proj g|optim|seed|lr\b|decay|rate"
    r"|[\u8f6e\u8bad\u9a8c\u6d4b\u635f\u51c6\u6b63\u7cbe]"  # 轮训验测损准正精
)


class Row(NamedTuple):
    """A line that was a row of numbers by itself."""

    shape: Shape
    plain: str
    heading: Split
    place: Place
    said: list[Quantity]
    found: list[Quantity]


@dataclass
class AlikeRows:
    """Rows of one shape: how many of them are read at once, and where their numbers go."""

    shape: Shape
    stretch: Stretch | None
    labels: tuple[str, ...]
    meanings: list[Meaning]
    facts: frozenset[str]
    in_vain: int = 0


def alike_rows(raw: str, row: Row, gathered: Gatherer) -> AlikeRows:
    """What one row says of all of its shape.

    Parameters
    ----------
    raw
        The line as it stands in the file.
    row
        As it was read.
    gathered
        Gives names their meaning.
    """
    places = {id(each): i for i, each in enumerate(row.said)}
    kept = {label_of(each): places[id(each)] for each in row.found}
    labels = tuple(kept)
    meanings = [
        Meaning(meaning.quantity, meaning.split or row.said[i].split)
        for meaning, i in zip(gathered.meanings(labels), kept.values(), strict=True)
    ]
    facts = set(facts_in(row.plain)) | ({"epochs"} if row.place.epochs else set())
    stretch = None
    if WORTH.search(TOKEN.sub("", row.plain)):
        stretch = stretch_of(raw, row.plain, row.shape, list(kept.values()), row.said)
    return AlikeRows(row.shape, stretch, labels, meanings, frozenset(facts))


def label_of(found: Quantity) -> str:
    """Its name, with the rows that a heading named."""
    if found.split and not meaning_of(found.name).split:
        return f"{found.split} {found.name}"
    return found.name
