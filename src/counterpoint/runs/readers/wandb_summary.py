"""The summary of a Weights & Biases run: the last value of everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.json_file import load_json
from counterpoint.runs.records import Rows
from counterpoint.runs.source import Source

name = "Weights & Biases summary"
summary = "`wandb-summary.json`: final values only"


def recognises(source: Source) -> bool:
    """Whether it is one JSON object with the keys that every such run has."""
    text = source.text.lstrip()
    keys = set(re.findall(r'"(_step|_runtime|_timestamp|_wandb)"\s*:', text))
    return text[:1] == "{" and len(keys) >= 2 and "\n{" not in text


def read(source: Source, gathered: Gatherer) -> None:
    """Read it as one row."""
    state = load_json(source)
    if not isinstance(state, dict):
        raise InputError("it is no JSON object.")
    flat = {key: value for key, value in _flat(state) if not key.startswith("_wandb")}
    Rows(gathered, counts=False).add(tuple(flat), list(flat.values()))
    gathered.note("a summary holds the last values only: there is no curve to read")


def _flat(state: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers with their names; those of an object of numbers, such as a maximum, under its."""
    for key, value in state.items():
        if isinstance(value, dict) and not before:
            yield from _flat(value, f"{key}.")
        elif not isinstance(value, dict | list):
            yield f"{before}{key}", value
