"""From what was gathered to histories: percentages and counts become fractions, splits are set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import polars as pl

from counterpoint.runs.facts import Fact, checked_facts
from counterpoint.runs.gather import Gatherer, Key, Run
from counterpoint.runs.history import SCHEMA, History, labelled
from counterpoint.runs.names import Split
from counterpoint.runs.objective import LOSSES, objective_of
from counterpoint.runs.series import Series

#: What is measured on rows, and so is of a split.
_MEASURED = {"loss", "data_loss", "accuracy", "error_rate", "loss_bits", "perplexity"}
_MEASURED |= {f"batch_{quantity}" for quantity in _MEASURED}
#: Rounding of single precision may carry a share a little beyond one.
_ONE = 1.0 + 1e-5


def histories_of(
    gathered: Gatherer, name: str, kind: str, source: str, facts: Mapping[str, Fact]
) -> list[History]:
    """The runs that have numbers, in the order of the log.

    Parameters
    ----------
    gathered
    name
        Of the source; several runs of one source are numbered.
    kind, source
        As in `History`: its ``format`` and ``source``.
    facts
        What the user says, which outweighs what was read.
    """
    runs = [run for run in gathered.runs if run.series]
    found = []
    for number, run in enumerate(runs, start=1):
        label = run.label or (f"{name} #{number}" if len(runs) > 1 else name)
        notes = [f"run {number} of {len(runs)} in it"] if len(runs) > 1 else []
        notes += run.notes
        found.append(_history(run, gathered.home, facts, label, kind, source, notes))
    return found


def _history(
    run: Run,
    home: Split,
    facts: Mapping[str, Fact],
    name: str,
    kind: str,
    source: str,
    notes: list[str],
) -> History:
    objective = objective_of(run)
    series, names = _with_splits(objective.series, objective.names, home)
    known = {**run.facts}
    if objective.name:
        known.setdefault("loss", objective.name)
        notes.append(objective.note)
    for (split, _), each in series.items():
        if each.total is not None:
            known.setdefault(f"{split or 'test'}_samples", each.total)
    known |= checked_facts(facts)
    frames = []
    for key, each in series.items():
        if (key[0], "loss") in names or key[1] not in LOSSES:
            quantity, values, said = _scaled(key, each, known, (key[0], "accuracy") in series)
        else:
            quantity, values, said = _as_loss(key[1], list(each.values))
        notes += [f"{names[key]}: {text}" for text in said]
        if each.seen > len(each):
            notes.append(
                f"{names[key]}: {len(each):,} of {each.seen:,} points are kept, of each stretch "
                "the least and the greatest"
            )
        names[key[0], quantity] = names.pop(key)
        frames.append(_frame(key[0], quantity, each, values))
    rows = pl.concat(frames).sort("order", maintain_order=True).drop("order")
    return History(
        labelled(rows, name),
        name=name,
        facts=known,
        format=kind,
        source=source,
        notes=tuple(notes),
        names={"/".join(filter(None, key)): said for key, said in names.items()},
    )


def _with_splits(
    series: dict[Key, Series], names: dict[Key, str], home: Split
) -> tuple[dict[Key, Series], dict[Key, str]]:
    """Series and names, where what is measured without a split has found its own."""
    series, names = dict(series), dict(names)
    splits = {split for split, _ in series if split}
    judged = {("train", "loss"), ("validation", "loss")} <= set(series)
    of_validation = judged and ("", "loss") not in series
    lost = [quantity for split, quantity in series if not split and quantity in _MEASURED]
    for quantity in lost:
        # Keras prints training numbers without a prefix. fastai prints "train_loss valid_loss
        # accuracy", and that accuracy is of the validation rows.
        shares = quantity in ("accuracy", "error_rate") and of_validation
        split = home or ("validation" if shares else "train" if splits else "")
        if split and (split, quantity) not in series:
            series[split, quantity] = series.pop(("", quantity))
            names[split, quantity] = names.pop(("", quantity))
    return series, names


def _as_loss(quantity: str, values: list[float]) -> tuple[str, list[float], list[str]]:
    """A loss in bits, or its exponential, as the loss that it is of; in words what was done."""
    if quantity == "loss_bits":
        return "loss", [value * math.log(2.0) for value in values], ["in bits, times ln 2"]
    if any(value < 1.0 for value in values):
        return quantity, values, ["below 1, as no perplexity is"]
    # NaN and infinity stay what they are.
    return "loss", [math.log(value) for value in values], ["its logarithm is the loss"]


def _scaled(
    key: Key, series: Series, facts: Mapping[str, Fact], has_accuracy: bool
) -> tuple[str, list[float], list[str]]:
    """Quantity and values of a share as a fraction, and in words what was done."""
    quantity, values = key[1], list(series.values)
    share = quantity.removeprefix("batch_")
    if share not in ("accuracy", "error_rate"):
        return quantity, values, []
    said = []
    finite = [value for value in values if math.isfinite(value)]
    most = max(finite, default=0.0)
    rows = facts.get(f"{key[0]}_samples")
    whole = all(value.is_integer() for value in finite)
    if series.percent or most <= _ONE:
        if series.percent:
            said.append("percentages, divided by 100")
    elif whole and (most > 100.0 or _are_few(series, rows, most)):
        if not isinstance(rows, int) or most > rows:
            text = "counts of right predictions, of how many is not said (a fact such as "
            return f"correct_{quantity}", values, [f"{text}{key[0] or 'test'}_samples=10000 does)"]
        values = [value / rows for value in values]
        said.append(f"counts of {rows:,} rows")
    elif most <= 100.0 * _ONE and most > 1.5:
        values = [value / 100.0 for value in values]
        said.append("percentages, divided by 100")
    else:
        said.append(f"no share: the greatest value is {most:g}")
        if share == "error_rate":
            return quantity.replace("error_rate", "error"), values, said
    if share == "error_rate" and not has_accuracy:
        values = [1.0 - value for value in values]
        return quantity.replace("error_rate", "accuracy"), values, [*said, "1 - error is accuracy"]
    return quantity, values, said


def _are_few(series: Series, rows: Fact, most: float) -> bool:
    """Whether whole numbers are counts of no more than a hundred rows, and no percentages."""
    return isinstance(rows, int) and 1.5 < most <= rows and (rows < 100 or series.counts)


def _frame(split: str, quantity: str, series: Series, values: list[float]) -> pl.DataFrame:
    def known(places: Iterator[float] | list[float]) -> pl.Series:
        return pl.Series(places, dtype=pl.Float64).fill_nan(None)

    return pl.DataFrame(
        {
            "order": pl.Series(series.orders.tolist(), dtype=pl.Int64),
            "step": known(series.steps.tolist()).cast(pl.Int64),
            "epoch": known(series.epochs.tolist()),
            "value": pl.Series(values, dtype=pl.Float64),
        }
    ).with_columns(
        split=pl.lit(split, SCHEMA["split"]), quantity=pl.lit(quantity, SCHEMA["quantity"])
    )
