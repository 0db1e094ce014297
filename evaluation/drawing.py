"""Which recipes make up the corpus: healthy kinds and faults, drawn by a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from faults import FAULTS, ON
from formats import FORMATS, NO_PENALTY
from healthy import HEALTHY, plain, within_updates
from recipes import Recipe
from sources import TEST, TUNING, available

#: Share of healthy runs.
HEALTHY_SHARE = 0.36


def recipes(runs: int, seed: int = 0) -> Iterator[tuple[str, Recipe]]:
    """Split and recipe of each run: kinds in turn, data sets in turn.

    The first runs of a larger corpus are those of a smaller one.
    """
    tables = {"tuning": available(TUNING), "test": available(TEST)}
    kinds = {"healthy": list(HEALTHY), "fault": list(FAULTS)}
    turns = dict.fromkeys(kinds, 0)
    for number in range(runs):
        rng = np.random.default_rng([seed, number])
        split = ("tuning", "test")[number % 2]
        sort = "healthy" if rng.random() < HEALTHY_SHARE else "fault"
        # Kinds in turn and splits in turn: each kind comes to both.
        kind = kinds[sort][turns[sort] // 2 % len(kinds[sort])]
        turns[sort] += 1
        fits = ON.get(kind, tables[split])
        data_set = str(rng.choice([name for name in tables[split] if name in fits]))
        recipe = plain(data_set, int(rng.integers(2**31)), rng)
        change = (HEALTHY | FAULTS)[kind]
        yield split, fitting(replace(change(recipe, rng), kind=kind), rng)


def fitting(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """The same in a format that can hold what is to be logged."""
    log = recipe.logging
    format = log.format
    if (log.penalty == "apart" and format in NO_PENALTY) or (
        recipe.appended and not FORMATS[format].appends
    ):
        format = "json_lines"
    if not log.validation and format in ("fastai", "textbook_json"):
        format = "keras_csv"
    told = log.told
    if format == "textbook_json" and "samples" not in told:
        told = (*told, "samples")  # its accuracies are counts
    if log.penalty != "none" and not recipe.alpha:
        log = replace(log, penalty="none")
    recipe = replace(recipe, logging=replace(log, format=format, told=told))
    return within_updates(recipe)
