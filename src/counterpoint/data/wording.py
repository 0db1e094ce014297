"""Pieces of the sentences that notes and errors are made of."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_SHOWN = 6


def plural(count: int, noun: str) -> str:
    """Count and noun, the noun in the plural where there is not one.

    Examples
    --------
    >>> plural(1, "cell"), plural(2399, "cell")
    ('1 cell', '2,399 cells')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """Names in quotes, the first six of them.

    Examples
    --------
    >>> listed("abcdefgh")
    "'a', 'b', 'c', 'd', 'e', 'f' and 2 more"
    """
    known = list(names)
    more = f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else ""
    return ", ".join(map(repr, known[:_SHOWN])) + more


def counted(counts: Mapping[str, int]) -> str:
    """Names with their counts, the first six of them.

    Examples
    --------
    >>> counted({"job": 1843, "sex": 2})
    "'job' (1,843), 'sex' (2)"
    """
    shown = [f"{name!r} ({count:,})" for name, count in list(counts.items())[:_SHOWN]]
    more = f" and {len(counts) - _SHOWN:,} more" if len(counts) > _SHOWN else ""
    return ", ".join(shown) + more


def near_names(name: str, known: Iterable[str]) -> str:
    """Say which known names are nearest to a wrong one, as the end of a sentence.

    Examples
    --------
    >>> near_names("incme", ["age", "income"])
    "did you mean 'income'?"
    >>> near_names("zzz", ["age", "income"])
    "the names are 'age', 'income'."
    """
    names = list(known)
    folded = {n.casefold(): n for n in reversed(names)}
    matches = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
    if close := [folded[match] for match in matches]:
        return f"did you mean {' or '.join(map(repr, close))}?"
    return f"the names are {listed(names)}."
