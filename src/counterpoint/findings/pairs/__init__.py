"""Findings about a loss and an accuracy alone, and the registry of them.

A new one is a module with ``summary`` and ``find``, and one line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs import (
    gap,
    half,
    implausible,
    impossible,
    over_confident,
    too_little_loss,
    uncalibrated,
    under_confident,
    unremarkable,
    worse_than_guessing,
)
from counterpoint.findings.pairs.pair import Pair


class PairModule(Protocol):
    """A module that holds one finding about a pair."""

    summary: str

    def find(self, pair: Pair, /) -> Finding | None:
        """The finding, or None where the pair gives no cause for it."""


class GapModule(Protocol):
    """A module that holds one finding about the same model on two sets of rows."""

    summary: str

    def find(self, train: Pair, other: Pair, /) -> Finding | None:
        """The finding, or None where the pairs give no cause for it."""


PAIR_FINDINGS: Mapping[str, PairModule] = MappingProxyType(
    {
        "impossible": impossible,
        "implausible": implausible,
        "over_confident": over_confident,
        "under_confident": under_confident,
        "uncalibrated": uncalibrated,
        "too_little_loss": too_little_loss,
        "worse_than_guessing": worse_than_guessing,
        "unremarkable": unremarkable,
        "half": half,
    }
)
"""Findings about one pair by name, the most important first."""

GAP_FINDINGS: Mapping[str, GapModule] = MappingProxyType({"gap": gap})
"""Findings about two pairs by name."""


def find_of_pairs(pairs: Sequence[Pair]) -> tuple[Finding, ...]:
    """Everything there is to say of pairs: of each, then of training beside the others.

    Returns
    -------
    tuple of Finding
        Those about rows that were not trained on first.
    """
    ordered = sorted(pairs, key=lambda pair: pair.split == "train")
    return tuple(finding for finding in _all(ordered) if finding is not None)


def _all(pairs: Sequence[Pair]) -> Iterable[Finding | None]:
    for pair in pairs:
        for module in PAIR_FINDINGS.values():
            yield module.find(pair)
    for train in (pair for pair in pairs if pair.split == "train"):
        for other in (pair for pair in pairs if pair.split not in ("train", "")):
            for gaps in GAP_FINDINGS.values():
                yield gaps.find(train, other)


__all__ = ["GAP_FINDINGS", "PAIR_FINDINGS", "Pair", "find_of_pairs"]
