"""Compare: several models' predictions of the same rows, scored, parted and set side by side."""

from __future__ import annotations

import operator
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.blocks import partition
from counterpoint.data.frames import to_series
from counterpoint.data.predictions import (
    BlockReader,
    Predictions,
    Roles,
    Table,
    aligned,
    as_table,
    blocks_of,
)
from counterpoint.errors import InputError
from counterpoint.findings import Finding
from counterpoint.findings.compared import find_compared
from counterpoint.fit.memory import parse_memory
from counterpoint.fit.threads import in_threads, shared_threads
from counterpoint.scores.compared import Compared, compared
from counterpoint.scores.inputs import checked_weights
from counterpoint.scores.studies import PairStudy, Study, pair_study, study
from counterpoint.scores.tally import Tally, tally
from counterpoint.text import printable

if TYPE_CHECKING:
    import altair as alt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Several models on the same rows, with what that means.

    Made by `compare`. The first model is the one that the others are compared with.

    Attributes
    ----------
    numbers : Compared
        All figures.
    findings : tuple of Finding
    notes : tuple of str
        How the predictions were understood.
    row_names : Series or None
        Identifiers of the rows, where there are any.
    """

    numbers: Compared
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    row_names: pl.Series | None

    def __repr__(self) -> str:
        named = ", ".join(model.name for model in self.numbers.models)
        return f"<Comparison of {named} on {self.numbers.n:,} rows>"

    @property
    def scores(self) -> pl.DataFrame:
        """Tidy table: model, quantity, value, low, high."""
        from counterpoint.report.comparison.tables import score_rows

        return pl.DataFrame(score_rows(self.numbers))

    @property
    def parts(self) -> pl.DataFrame:
        """Tidy table: model, quantity, part, value, low, high; empty where rows came in blocks."""
        from counterpoint.report.comparison.tables import part_rows

        return pl.DataFrame(part_rows(self.numbers))

    @property
    def differences(self) -> pl.DataFrame:
        """Tidy table: model, against, quantity, value, low, high, p, p_alone, test, rows_needed."""
        from counterpoint.report.comparison.tables import difference_rows

        return pl.DataFrame(difference_rows(self.numbers))

    @property
    def costliest(self) -> pl.DataFrame:
        """Table of each model's rows of greatest log loss, the worst first."""
        from counterpoint.report.comparison.tables import costliest_rows

        return pl.DataFrame(costliest_rows(self.numbers, self.row_names))

    def explain(self) -> str:
        """The findings in plain words."""
        from counterpoint.report.terminal import explanation

        return explanation(self.findings)

    def plot(self) -> alt.VConcatChart:
        """Scores, their parts and reliability, as an Altair chart."""
        from counterpoint.report.comparison.notebook import comparison_chart

        return comparison_chart(self.numbers)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained page; returns its path.

        Raises
        ------
        InputError
            Where the file can't be written.
        """
        from counterpoint.files import write_atomically
        from counterpoint.report.comparison.page import render_comparison

        return write_atomically(Path(path), render_comparison(self))


def compare(
    *models: Any,
    y_true: Any = None,
    X: Any = None,
    sample_weight: Any = None,
    names: Sequence[str] | None = None,
    classes: Sequence[Any] | None = None,
    target: str | None = None,
    weight: str | None = None,
    id: str | None = None,
    positive: Any = None,
    logits: bool = False,
    memory: str | int | None = None,
) -> Comparison:
    """Compare what several models predict for the same rows.

    Parameters
    ----------
    *models
        One or more, the first being what the others are compared with: arrays of probabilities of
        shape (n, classes), or (n,) for the second of two; pandas or Polars frames; paths of CSV,
        Parquet, Arrow, JSON Lines or npz files; or fitted classifiers with `predict_proba`.
    y_true : array of shape (n,)
        Labels; not needed where a table has them.
    X
        Rows for the classifiers to predict.
    sample_weight : array of shape (n,)
        Finite numbers, 0 or more.
    names : sequence of str
        What the models are called. By default the files' names, or A, B, C …
    classes : sequence
        Label of each column of arrays. By default the distinct labels in order.
    target, weight, id : str
        Columns of tables: labels, weights, and what identifies a row. With `id` rows are matched
        by it, without it by position.
    positive
        The class that a single column is the probability of. By default the second of two.
    logits : bool
        Whether the numbers are raw scores, to be turned by softmax or sigmoid.
    memory
        Bytes, or a size such as ``2GB``: Parquet files that would take more are read in blocks.
        Then there is what is a sum over rows (scores, differences, flips, the costliest rows), and
        no parts, scale or reliability.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        For anything wrong with what was passed: one sentence says what, where and what to do.

    Examples
    --------
    >>> y = [0, 0, 1, 1] * 50
    >>> sure, unsure = [0.01, 0.02, 0.98, 0.4] * 50, [0.4, 0.45, 0.55, 0.45] * 50
    >>> both = compare(unsure, sure, y_true=y, names=["unsure", "sure"])
    >>> both.findings[0].title
    "Accuracy can't tell unsure and sure apart; log loss and Brier score are better for sure"
    """
    if not models:
        raise InputError("there is nothing to compare: pass two models' predictions or more.")
    called = _names(models, names)
    roles = Roles(target, weight, id)
    of = None if positive is None else str(positive)
    paths = [os.fspath(m) for m in models if isinstance(m, (str, os.PathLike))]
    if memory is not None and len(paths) == len(models) and y_true is None:
        reader = blocks_of(
            paths, called, roles, memory=parse_memory(memory), positive=of, logits=logits
        )
        if reader is not None:
            return _compare_blocks(reader)
    tables = [_table(m, n, roles, X) for m, n in zip(models, called, strict=True)]
    predictions = aligned(
        tables,
        labels=None if y_true is None else to_series(y_true, "y_true"),
        weight=None if sample_weight is None else to_series(sample_weight, "sample_weight"),
        classes=None if classes is None else list(classes),
        positive=of,
        logits=logits,
        wanted=target,
    )
    return compare_predictions(predictions)


def compare_predictions(predictions: Predictions) -> Comparison:
    """`compare` for tables that were read by `counterpoint.data.predictions`."""
    label, names = predictions.label_index, predictions.names
    weight = checked_weights(predictions.weight, label.size)
    blocks = partition(label.size, 8.0 * len(names) * len(predictions.classes))
    counted = weight > 0.0
    kept = slice(None) if counted.all() else counted
    with shared_threads():
        total = reduce(
            operator.add,
            in_threads(
                lambda part: tally(
                    [p[part] for p in predictions.probabilities],
                    label[part],
                    weight[part],
                    part.start,
                ),
                blocks,
            ),
        )
        studied = list(
            in_threads(
                lambda p: study(p[kept], label[kept], weight[kept]), predictions.probabilities
            )
        )
        pairs = list(in_threads(lambda after: pair_study(studied[0][1], after[1]), studied[1:]))
    return _told(predictions, total, [s for s, _ in studied], pairs)


def _compare_blocks(reader: BlockReader) -> Comparison:
    with shared_threads():
        total = reduce(
            operator.add,
            in_threads(
                lambda b: tally(b.probabilities, b.label_index, b.weight, b.first_row),
                reader.blocks(),
            ),
        )
    if total.scores.weight == 0.0:
        raise InputError("The weights are all zero: at least one must be above 0.")
    return _told(reader, total)


def _told(
    source: Predictions | BlockReader,
    total: Tally,
    studies: Sequence[Study] = (),
    pairs: Sequence[PairStudy] = (),
) -> Comparison:
    # From here on names are only shown: of a terminal code in one, its name.
    names, classes = (tuple(map(printable, each)) for each in (source.names, source.classes))
    numbers = compared(names, classes, total, studies, pairs)
    return Comparison(numbers, find_compared(numbers), source.notes, source.rows)


def _names(models: Sequence[Any], given: Sequence[str] | None) -> list[str]:
    if given is not None:
        called = [str(name) for name in given]
        if len(called) != len(models) or len(set(called)) != len(called):
            raise InputError(
                f"names are {called} for {len(models)} models: give each a name of its own."
            )
        return called
    letters = [chr(ord("A") + i % 26) + "′" * (i // 26) for i in range(len(models))]
    paths = [os.fspath(m) if isinstance(m, (str, os.PathLike)) else None for m in models]
    stems = [
        letter if p is None else Path(p).stem for p, letter in zip(paths, letters, strict=True)
    ]
    if len(set(stems)) == len(stems):
        return stems
    # Two folders may hold files of one name.
    return [letter if p is None else p for p, letter in zip(paths, letters, strict=True)]


def _table(model: Any, name: str, roles: Roles, X: Any) -> Table:
    if not hasattr(model, "predict_proba"):
        if hasattr(model, "predict") and not hasattr(model, "__array__"):
            raise InputError(
                f"{name} ({type(model).__name__}) has no predict_proba: pass probabilities, or "
                "calibrate it first (CalibratedClassifierCV)."
            )
        return as_table(model, name, roles)
    if X is None:
        raise InputError(f"{name} is a classifier: pass X, the rows for it to predict.")
    classes = getattr(model, "classes_", None)
    table = as_table(model.predict_proba(X), name, roles)
    return Table(
        table.source, table.values, None if classes is None else tuple(map(str, classes.tolist()))
    )
