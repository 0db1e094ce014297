"""JSON with curves in it: lists of numbers under names, or a list of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.json_file import load_json, numbers_of
from counterpoint.runs.names import meaning_of
from counterpoint.runs.records import Rows, tells_training
from counterpoint.runs.source import Source

name = "JSON"
summary = (
    "Keras' `history.history`, `evals_result` of XGBoost and LightGBM, `catboost_training.json`, "
    "pandas' `to_json`, and other JSON of lists or of rows"
)
_DEEPEST = 6


def recognises(source: Source) -> bool:
    """Whether it begins as JSON and speaks of a loss, an accuracy or an error."""
    text = source.text.lstrip()
    if text[:1] not in ("{", "[") or "\n{" in text.strip():
        return False
    if '"iterations"' in text and '"learn_metrics"' in text:
        return True
    return any(
        key.lower() in source.explained
        or meaning_of(key).quantity in ("loss", "accuracy", "error_rate")
        for key in _keys(source.text)
    )


def read(source: Source, gathered: Gatherer) -> None:
    """Read the lists of one length as columns, or the objects as rows."""
    value = load_json(source)
    if isinstance(value, dict) and isinstance(value.get("iterations"), list):
        _catboost(value, gathered)
        return
    rows = _rows_in(value, source.explained)
    if rows is not None:
        table = Rows(gathered)
        for row in rows:
            table.add(tuple(map(str, row)), list(row.values()))
        return
    curves = dict(_curves(value, (), 0))
    _add(curves, gathered, source.explained)


def _keys(text: str) -> Iterator[str]:
    parts = text.split('"')
    for i in range(1, len(parts) - 1, 2):
        if parts[i + 1].lstrip()[:1] == ":" and len(parts[i]) < 100:
            yield parts[i]


def _rows_in(value: Any, explained: frozenset[str], depth: int = 0) -> list[dict[str, Any]] | None:
    """The first list of objects that tell of a training."""
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        keys = {str(key) for row in rows[:100] for key in row}
        return (
            rows if rows and len(rows) == len(value) and tells_training(keys, explained) else None
        )
    if isinstance(value, dict) and depth < _DEEPEST:
        if value and all(isinstance(each, dict) for each in value.values()):
            steps = list(value)
            if all(str(step).lstrip("-").isdigit() for step in steps):  # {"0": {...}, "1": ...}
                rows = [{"epoch": int(step), **value[step]} for step in steps]
                return rows if tells_training(map(str, rows[0]), explained) else None
        for each in value.values():
            if found := _rows_in(each, explained, depth + 1):
                return found
    return None


def _curves(
    value: Any, names: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], list[float | None]]]:
    """Every list of numbers with the names that lead to it."""
    if depth > _DEEPEST:
        return
    if (numbers := numbers_of(value)) is not None:
        yield names, numbers
    elif isinstance(value, dict):
        keys = list(map(str, value))
        if keys and all(key.isdigit() for key in keys):  # pandas: {"loss": {"0": 2.3, ...}}
            column = numbers_of(list(value.values()))
            if column is not None:
                yield names, column
                return
        for key, each in value.items():
            yield from _curves(each, (*names, str(key)), depth + 1)


def _add(
    curves: dict[tuple[str, ...], list[float | None]],
    gathered: Gatherer,
    explained: frozenset[str],
) -> None:
    """Curves of one length stand side by side; others are something else."""
    named = {_joined(names): numbers for names, numbers in curves.items() if names}
    said = {label for label in named if tells_training([label], explained)}
    lengths = {len(named[label]) for label in said}
    columns = {label: each for label, each in named.items() if len(each) in lengths}
    for length in sorted(lengths):
        together = {label: each for label, each in columns.items() if len(each) == length}
        rows = Rows(gathered)
        gathered.run.count = 0
        for i in range(length):
            rows.add(tuple(together), [each[i] for each in together.values()])


def _joined(names: tuple[str, ...]) -> str:
    """``validation_0`` and ``logloss`` as XGBoost prints them; of deeper names the last two."""
    telling = [each for each in names if each.lower() not in ("history", "params", "results")]
    return "-".join(telling[-2:])


def _catboost(value: dict[str, Any], gathered: Gatherer) -> None:
    """``{"meta": {"learn_metrics": [...]}, "iterations": [{"learn": [...]}]}``."""
    gathered.kind = "CatBoost training JSON"
    meta = value.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    metrics = {
        split: [
            str(m.get("name", "loss"))
            for m in meta.get(f"{split}_metrics") or []
            if isinstance(m, dict)
        ]
        for split in ("learn", "test")
    }
    rows = Rows(gathered)
    for entry in value["iterations"]:
        if not isinstance(entry, dict):
            gathered.note("an iteration is damaged and left out")
            continue
        row: dict[str, Any] = {"iteration": entry.get("iteration")}
        for split, names in metrics.items():
            numbers = numbers_of(entry.get(split)) or []
            row |= {f"{split} {metric}": each for metric, each in zip(names, numbers, strict=False)}
        rows.add(tuple(row), list(row.values()))
