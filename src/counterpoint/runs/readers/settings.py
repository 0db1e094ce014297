"""Facts that a program prints among its numbers: sizes, and settings such as ``lr: 0.1``."""

from __future__ import annotations

import re

from counterpoint.runs.facts import fact_named

_KERAS = re.compile(r"(?i)train on (\d+) samples(?:, validate on (\d+))?")
_FOUND = re.compile(r"(?i)found (\d+) (?:images|files|validated).*?belonging to (\d+) classes")
_SETTING = re.compile(r"['\"]?\b([A-Za-z][A-Za-z_ ]{1,28}?)['\"]?\s*[:=]\s*['\"]?([\w.+\-]+)")
#: Names that are settings in a file of settings, and something else in a printed line.
_NUMBERS = {"loss", "eta", "batch", "alpha", "objective"}
_LONGEST = 4_000


def facts_in(plain: str) -> dict[str, str]:
    """Facts that a line of plain text says.

    Examples
    --------
    >>> facts_in("Train on 40000 samples, validate on 10000 samples")
    {'train_samples': '40000', 'validation_samples': '10000'}
    >>> facts_in("batch_size: 128, optimizer=adam, loss: 0.4")
    {'batch_size': '128', 'optimiser': 'adam'}
    """
    if match := _KERAS.search(plain):
        said = {"train_samples": match[1], "validation_samples": match[2]}
        return {name: rows for name, rows in said.items() if rows}
    if match := _FOUND.search(plain):
        return {"classes": match[2]}
    found: dict[str, str] = {}
    for setting, value in _SETTING.findall(plain[:_LONGEST]):
        fact = fact_named(setting)
        if fact and setting.lower() not in _NUMBERS:
            found.setdefault(fact, value)
    return found
