"""Four lists in JSON, as the code of Nielsen's *Neural Networks and Deep Learning* saves them."""

from __future__ import annotations

from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.json_file import load_json, numbers_of
from counterpoint.runs.names import Meaning
from counterpoint.runs.source import Source

name = "textbook JSON of four lists"
summary = (
    "`[evaluation cost, evaluation accuracy, training cost, training accuracy]`, or several such "
    "under names"
)
#: The order in which its `SGD` returns them.
_LISTS = (
    (Meaning("loss", "validation"), "evaluation cost"),
    (Meaning("accuracy", "validation"), "evaluation accuracy"),
    (Meaning("loss", "train"), "training cost"),
    (Meaning("accuracy", "train"), "training accuracy"),
)
#: Its evaluation rows, and its small and its whole training set.
_ROWS = {"validation": (10_000,), "train": (1_000, 50_000)}


def recognises(source: Source) -> bool:
    """Whether it is four lists of numbers of one length, of which some may be empty."""
    text = source.text.lstrip()
    if text[:1] not in ("[", "{") or '":{' in text.replace(" ", ""):
        return False
    squeezed = "".join(text[:400].split())
    if not squeezed.startswith("[[") and '":[[' not in squeezed:
        return False
    try:
        return bool(_runs(load_json(source)))
    except InputError:
        return False


def read(source: Source, gathered: Gatherer) -> None:
    """Read each four lists as a run; epochs count from 0."""
    for label, lists in _runs(load_json(source)).items():
        gathered.new_run(label)
        for (meaning, said), values in zip(_LISTS, lists, strict=True):
            numbers = numbers_of(values) or []
            for epoch, value in enumerate(numbers):
                if value is None:
                    continue
                series = gathered.point(meaning, value, None, float(epoch), said)
                if series is not None:
                    series.counts = meaning.quantity == "accuracy"
            if meaning.quantity == "accuracy":
                _count(meaning.split, numbers, gathered)


def _runs(value: Any) -> dict[str, list[Any]]:
    """Name → four lists."""
    if isinstance(value, list):
        return {"": value} if _is_four(value) else {}
    if isinstance(value, dict) and value and all(_is_four(each) for each in value.values()):
        return {str(label): lists for label, lists in value.items()}
    return {}


def _is_four(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 4:
        return False
    lengths = {len(each) for each in value if isinstance(each, list) and each}
    whole = all(each == [] or numbers_of(each) is not None for each in value)
    return whole and len(lengths) == 1


def _count(split: str, numbers: list[float | None], gathered: Gatherer) -> None:
    """Of how many rows the counts are; the code does not save that."""
    most = max((value for value in numbers if value is not None), default=0.0)
    rows = next((rows for rows in _ROWS[split] if most <= rows), None)
    if most > 100.0 and rows is not None and f"{split}_samples" not in gathered.run.facts:
        gathered.facts({f"{split}_samples": rows})
        gathered.note(f"{split} rows are taken to be the book's {rows:,}")
