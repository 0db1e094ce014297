"""A finding: the one currency of Counterpoint's output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Evidence = Mapping[str, object]
Level = Literal["note", "caution", "problem"]
Sureness = Literal["proven", "measured", "likely", ""]


@dataclass(frozen=True)
class Finding:
    """A named conclusion with its evidence.

    Attributes
    ----------
    name
        Slug of the module that found it, such as ``flat_accuracy``.
    level
        ``note`` explains, ``caution`` asks for care, ``problem`` says that a number is wrong, or
        that the training is.
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
    since
        From when on, such as ``epoch 12``; empty where it is of no time.
    sure
        How far the evidence carries: ``proven`` by bounds or arithmetic, ``measured`` beyond noise,
        ``likely`` where a pattern speaks for it; empty where the title says.
    instead
        What it may be instead, the likeliest first.
    """

    name: str
    level: Level
    title: str
    explanation: str
    evidence: Evidence
    remedy: str = ""
    doubt: str = ""
    since: str = ""
    sure: Sureness = ""
    instead: tuple[str, ...] = ()
