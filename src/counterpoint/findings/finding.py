"""A finding: the one currency of Counterpoint's output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Evidence = Mapping[str, object]
Level = Literal["note", "caution", "problem"]


@dataclass(frozen=True)
class Finding:
    """A named conclusion with its evidence.

    Attributes
    ----------
    name
        Slug of the module that found it, such as ``flat_accuracy``.
    level
        ``note`` explains, ``caution`` asks for care, ``problem`` says that a number is wrong.
    title
        The conclusion in one line.
    explanation
        What happened and why, in plain words with numbers.
    evidence
        The numbers, by name: plain JSON values.
    remedy
        What to do about it; empty where nothing is called for.
    doubt
        What the evidence does not settle, and what would settle it; empty where nothing is open.
    """

    name: str
    level: Level
    title: str
    explanation: str
    evidence: Evidence
    remedy: str = ""
    doubt: str = ""
