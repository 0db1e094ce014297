"""Whose table it is: programs that write CSV differ in what they leave unsaid."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from counterpoint.runs.names import SPLITS, Split, words_of


class Dialect(NamedTuple):
    """How a table is to be understood.

    Attributes
    ----------
    kind
        What the format is called.
    groups
        Run → its columns, as (column, name); one run named "" unless columns are of several.
    home
        The rows that a loss without a split in its name is of.
    split
        The rows that the whole file is of.
    """

    kind: str
    groups: dict[str, tuple[tuple[int, str], ...]]
    home: Split = ""
    split: Split = ""


def dialect_of(header: tuple[str, ...], path: Path) -> Dialect:
    """Find out whose table it is, from its header.

    Parameters
    ----------
    header
        Names of the columns.
    path
        Of the file; some programs say in its name what it holds.

    Examples
    --------
    >>> dialect_of(("epoch", "loss", "val_loss"), Path("log.csv")).kind
    'Keras CSVLogger'
    """
    plain = tuple(name.lower() for name in header)
    for fits, make in _DIALECTS:
        if fits(plain):
            return make(header, path)
    return Dialect("CSV", _all(header))


def _all(header: tuple[str, ...]) -> dict[str, tuple[tuple[int, str], ...]]:
    return {"": tuple(enumerate(header))}


def _keras(header: tuple[str, ...], path: Path) -> Dialect:
    return Dialect("Keras CSVLogger", _all(header), home="train")


def _yolo(header: tuple[str, ...], path: Path) -> Dialect:
    return Dialect("YOLO results.csv", _all(header))


def _catboost(header: tuple[str, ...], path: Path) -> Dialect:
    said = [SPLITS[word] for word in words_of(path.stem) if word in SPLITS]
    split: Split = said[-1] if said else ""
    # Quantile:alpha=0.5
    named = tuple((i, name.partition(":")[0]) for i, name in enumerate(header))
    return Dialect("CatBoost evaluation log", {"": named}, split=split)


def _tensorboard(header: tuple[str, ...], path: Path) -> Dialect:
    run, _, tag = path.stem.rpartition("tag-")
    split: Split = next((SPLITS[word] for word in words_of(run) if word in SPLITS), "")
    named = ((1, "step"), (2, tag or path.stem))
    return Dialect("TensorBoard CSV export", {"": named}, split=split)


def _wandb(header: tuple[str, ...], path: Path) -> Dialect:
    groups: dict[str, list[tuple[int, str]]] = {}
    for i, name in enumerate(header):
        run, parted, metric = name.rpartition(" - ")
        if parted and not metric.endswith(("__MIN", "__MAX")):
            groups.setdefault(run, []).append((i, metric))
    place = [(i, name) for i, name in enumerate(header) if " - " not in name]
    return Dialect(
        "Weights & Biases CSV export",
        {run: tuple(place + columns) for run, columns in groups.items()},
    )


def is_catboost(names: tuple[str, ...]) -> bool:
    """Whether a header is that of CatBoost's ``learn_error.tsv`` and its like."""
    return len(names) > 1 and names[0] == "iter"


def _is_keras(plain: tuple[str, ...]) -> bool:
    words = [set(words_of(name)) for name in plain]
    said = {SPLITS[word] for each in words for word in each if word in SPLITS}
    return "loss" in plain and said <= {"validation"} and not any("step" in w for w in words)


Fits = Callable[[tuple[str, ...]], bool]
Makes = Callable[[tuple[str, ...], Path], Dialect]

_DIALECTS: tuple[tuple[Fits, Makes], ...] = (
    (lambda plain: plain == ("wall time", "step", "value"), _tensorboard),
    (lambda plain: any(name.endswith("__min") and " - " in name for name in plain), _wandb),
    (lambda plain: any(re.match("metrics/|train/box_loss", name) for name in plain), _yolo),
    (is_catboost, _catboost),
    (
        lambda plain: {"train_loss", "valid_loss", "time"} <= set(plain),
        lambda header, path: Dialect("fastai CSVLogger", _all(header)),
    ),
    (_is_keras, _keras),
    (
        lambda plain: {"epoch", "step"} <= set(plain),
        lambda header, path: Dialect("Lightning metrics.csv", _all(header)),
    ),
)
