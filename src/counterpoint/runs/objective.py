"""What was minimised, where a log does not call it a loss, or gives its parts alone."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from counterpoint.runs.gather import Key, Run
from counterpoint.runs.names import OBJECTIVES, Split
from counterpoint.runs.series import Series

#: What is read as a loss where none stands beside it.
LOSSES = ("loss_bits", "perplexity")
#: The terms of a detector's objective, which stand in its log weighted already. Of boxes it has one
#: always.
_BOX, _TERMS = (
    "box_loss",
    ("obj_loss", "cls_loss", "dfl_loss", "seg_loss", "pose_loss", "kobj_loss"),
)


class Objective(NamedTuple):
    """A run's numbers, in which a loss stands if it can be had.

    Attributes
    ----------
    series, names
        As in `Run`.
    name
        What the loss is; empty where the log has one by that name, or none at all.
    note
        How it was come by, for the reader.
    """

    series: dict[Key, Series]
    names: dict[Key, str]
    name: str = ""
    note: str = ""


def objective_of(run: Run) -> Objective:
    """The run's numbers, where a log without a loss has found what was minimised."""
    given = {quantity.removeprefix("batch_") for _, quantity in run.series}
    there = [each for each in OBJECTIVES if each in given]
    if run.maximised:
        return _renamed(run, "loss", "score")
    if given & {"loss", "data_loss", *LOSSES}:
        return Objective(dict(run.series), dict(run.names))
    if not there:
        return _summed(run, given)
    # What stands for most splits can be compared between them.
    objective = max(there, key=lambda name: sum(quantity == name for _, quantity in run.series))
    note = f"{objective}: no loss stands beside it, so it is read as the loss"
    return _renamed(run, objective, "loss")._replace(name=objective, note=note)


def _renamed(run: Run, old: str, new: str) -> Objective:
    def key_of(key: Key) -> Key:
        return (key[0], new) if key[1] == old else key

    series = {key_of(key): each for key, each in run.series.items()}
    return Objective(series, {key_of(key): each for key, each in run.names.items()})


def _summed(run: Run, given: set[str]) -> Objective:
    """With the sum of a detector's terms as its loss."""
    terms = [each for each in (_BOX, *_TERMS) if each in given]
    series, names = dict(run.series), dict(run.names)
    if terms[:1] == [_BOX] and len(terms) > 1:
        splits: list[Split] = [split for split, quantity in run.series if quantity == _BOX]
        for split in splits:
            parts = [run.series.get((split, each)) for each in terms]
            whole = [each for each in parts if each is not None]
            if len(whole) == len(terms) and all(_is_beside(whole[0], each) for each in whole):
                series[split, "loss"] = _sum(whole)
                names[split, "loss"] = " + ".join(names[split, each] for each in terms)
    if len(series) == len(run.series):
        return Objective(series, names)
    note = f"{' + '.join(terms)}: no loss stands beside them, so their sum is read as the loss"
    return Objective(series, names, "detection", note)


def _sum(parts: list[Series]) -> Series:
    first, total = parts[0], Series()
    values = reduce(np.add, (np.array(each.values) for each in parts))
    orders, steps, epochs = (np.array(each) for each in (first.orders, first.steps, first.epochs))
    total.extend(orders, steps, epochs, values)
    total.seen = first.seen
    return total


def _is_beside(one: Series, other: Series) -> bool:
    """Whether two were logged at the same places."""
    return len(one) == len(other) and all(
        np.array_equal(np.array(a), np.array(b), equal_nan=True)
        for a, b in ((one.steps, other.steps), (one.epochs, other.epochs))
    )
