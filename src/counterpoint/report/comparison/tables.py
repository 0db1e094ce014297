"""A comparison as tidy tables: plain rows, before anyone formats them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from counterpoint.findings.words import plain
from counterpoint.scores import Estimate
from counterpoint.scores.compared import Compared

Row = dict[str, object]

#: How the error rate, whose parts are shown beside those of the losses, is called.
PARTED = {"accuracy": "error_rate", "log_loss": "log_loss", "brier": "brier"}


def score_rows(both: Compared) -> list[Row]:
    """A row a model and score."""
    return [
        {"model": model.name, "quantity": name, **_values(estimate)}
        for model in both.models
        for name, estimate in model.scores.items()
    ]


def part_rows(both: Compared) -> list[Row]:
    """A row a model, score and part; none where rows were read in blocks."""
    return [
        {"model": model.name, "quantity": PARTED[name], "part": part, **_values(estimate)}
        for model in both.models
        if model.study is not None
        for name, parts in model.study.parts.items()
        for part, estimate in vars(parts).items()
    ]


def difference_rows(both: Compared) -> list[Row]:
    """A row a later model and score, against the first model; then their parts and the split."""
    return list(_differences(both))


def costliest_rows(both: Compared, row_names: pl.Series | None = None) -> list[Row]:
    """Rows of greatest log loss of each model, with what every model says of them."""
    rows: list[Row] = []
    for at, model in enumerate(both.models):
        for place, costly in enumerate(model.costliest, start=1):
            named = costly.row + 1 if row_names is None else str(row_names[costly.row])
            row: Row = {
                "model": model.name,
                "place": place,
                "row": named,
                "label": both.classes[costly.label],
                "weight": costly.weight,
                "share": both.share_of_loss(at, costly),
            }
            for i, other in enumerate(both.models):
                row[f"predicted by {other.name}"] = both.classes[costly.predicted[i]]
                row[f"probability by {other.name}"] = costly.probability[i]
                row[f"log loss of {other.name}"] = costly.log_loss[i]
            rows.append(row)
    return rows


def _differences(both: Compared) -> Iterator[Row]:
    for pair in both.pairs:
        names = {"model": both.models[pair.after].name, "against": both.models[pair.before].name}
        for name, found in pair.changes.items():
            yield {
                **names,
                "quantity": name,
                **_values(found.estimate),
                "p": plain(found.p),
                "p_alone": plain(found.p_alone),
                "test": found.test,
                "rows_needed": found.rows_needed,
            }
        if pair.study is None:
            continue
        split = pair.study.split
        parts = {
            f"{part} of {PARTED[name]}": estimate
            for name, changes in pair.study.parts.items()
            for part, estimate in vars(changes).items()
        }
        parts |= {
            "scale part of log_loss": split.scale_interval,
            "direction part of log_loss": split.direction_interval,
        }
        for quantity, estimate in parts.items():
            blank = {"p": None, "p_alone": None, "test": None, "rows_needed": None}
            yield {**names, "quantity": quantity, **_values(estimate), **blank}


def _values(estimate: Estimate) -> Row:
    return {
        "value": plain(estimate.value),
        "low": plain(estimate.low),
        "high": plain(estimate.high),
    }
