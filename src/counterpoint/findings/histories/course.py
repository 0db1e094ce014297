"""A training as its diagnoses see it: curves by split and quantity, and what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from counterpoint.findings.histories.curve import Curve, Unit
from counterpoint.findings.histories.trend import Array
from counterpoint.findings.pairs.from_log import loss_named_in
from counterpoint.runs.facts import Fact
from counterpoint.runs.history import History
from counterpoint.theory.proper_losses import PROPER_LOSSES

#: Splits that judge, the first that is there counts.
_HELD = ("validation", "test")
#: Quantities of one mini-batch, read where those of the epoch are missing.
_OF_BATCHES = {"loss": "batch_loss", "accuracy": "batch_accuracy"}


@dataclass(frozen=True, eq=False)
class Course:
    """Everything that a diagnosis may look at.

    Attributes
    ----------
    curves
        (split, quantity) → curve.
    facts
        As in `History`.
    classes
        K, where it is known.
    loss_name
        One of `PROPER_LOSSES`, where it is said or named in the log; None where nothing says.
    notes, format
        How the log was read, and as what.
    """

    curves: Mapping[tuple[str, str], Curve]
    facts: Mapping[str, Fact]
    classes: int | None = None
    loss_name: str | None = None
    notes: tuple[str, ...] = ()
    format: str = ""

    def curve(self, split: str | None, quantity: str) -> Curve | None:
        """A curve with at least one finite value."""
        if split is None:
            return None
        found = self.curves.get((split, quantity))
        return found if found is not None and len(found.finite) else None

    @cached_property
    def trained(self) -> str | None:
        """The split that is trained on; where nothing names splits, the one there is."""
        for split in ("train", ""):
            if any((split, quantity) in self.curves for quantity in _MEASURED + _BATCHED):
                return split
        return None

    @cached_property
    def held(self) -> str | None:
        """The split that judges; the one with the longest curve of a loss or an accuracy."""
        lengths = {
            split: max(
                (len(c) for (s, q), c in self.curves.items() if s == split and q in _MEASURED),
                default=0,
            )
            for split in _HELD
        }
        best = max(lengths, key=lambda split: lengths[split])
        return best if lengths[best] else None

    @cached_property
    def train_loss(self) -> Curve | None:
        """Loss on the training rows: the objective as reported, else the data loss."""
        return self._measured(self.trained, "loss")

    @cached_property
    def train_accuracy(self) -> Curve | None:
        """Accuracy on the training rows."""
        return self._measured(self.trained, "accuracy")

    @cached_property
    def held_loss(self) -> Curve | None:
        """Loss on the rows that judge."""
        return self._measured(self.held, "loss")

    @cached_property
    def held_accuracy(self) -> Curve | None:
        """Accuracy on the rows that judge."""
        return self._measured(self.held, "accuracy")

    def _measured(self, split: str | None, quantity: str) -> Curve | None:
        names = [quantity, _OF_BATCHES[quantity]]
        if quantity == "loss":
            names.insert(1, "data_loss")
        for name in names:
            found = self.curve(split, name)
            if found is not None:
                return found
        return None

    @property
    def assumed_loss(self) -> str | None:
        """The loss that is named, else log loss; None where another one is named."""
        said = str(self.facts.get("loss") or "")
        return self.loss_name if self.loss_name or said else "log"

    def samples(self, split: str | None) -> int | None:
        """Rows of a split, where they are known."""
        if split is None:
            return None
        names = [split] if split else ["validation", "test"]
        known = (self.facts.get(f"{name}_samples") for name in names)
        return next((rows for rows in known if isinstance(rows, int)), None)

    def pair(self, split: str | None) -> tuple[Curve, Curve] | None:
        """Data loss (else loss) and accuracy of one split, at the places that both have."""
        accuracy = self.curve(split, "accuracy")
        loss = self.curve(split, "data_loss") or self.curve(split, "loss")
        if loss is None or accuracy is None:
            return None
        return together(loss, accuracy)

    @property
    def epochs(self) -> int:
        """Points of the longest curve of a loss or an accuracy, batches apart."""
        return max((len(c) for (_, q), c in self.curves.items() if q in _MEASURED), default=0)

    def named(self, quantity: str) -> list[Curve]:
        """Curves of a quantity, and of its parts, such as a norm by layer."""
        return [
            curve
            for (_, name), curve in self.curves.items()
            if (name == quantity or name.startswith(f"{quantity}_")) and len(curve.finite)
        ]

    def measured(self) -> Iterator[Curve]:
        """Every loss and accuracy."""
        return (c for (_, q), c in self.curves.items() if q in _MEASURED or q in _BATCHED)


_MEASURED = ("loss", "data_loss", "accuracy")
_BATCHED = tuple(_OF_BATCHES.values())
#: Values of one epoch that are a course of their own.
_FEWEST_WITHIN = 4


def together(one: Curve, other: Curve) -> tuple[Curve, Curve] | None:
    """Two curves at the places where both are finite; None where there is none."""
    if len(one) == len(other) and (one.unit != other.unit or np.array_equal(one.at, other.at)):
        both = np.isfinite(one.values) & np.isfinite(other.values)
        rows = np.flatnonzero(both)
        mine = theirs = rows
    elif one.unit == other.unit:
        _, mine, theirs = np.intersect1d(one.at, other.at, return_indices=True)
        both = np.isfinite(one.values[mine]) & np.isfinite(other.values[theirs])
        mine, theirs = mine[both], theirs[both]
    else:
        return None
    if not len(mine):
        return None
    return (
        replace(one, at=one.at[mine], values=one.values[mine]),
        replace(other, at=one.at[mine], values=other.values[theirs], unit=one.unit),
    )


def course_of(history: History) -> Course:
    """Curves and facts of a history.

    Examples
    --------
    >>> log = History.of_points([(1, 0, "train", "loss", 2.3), (2, 0, "train", "loss", 1.9)])
    >>> course_of(log).train_loss.values
    array([2.1])
    """
    curves = {}
    for (split, quantity), rows in history.rows.group_by("split", "quantity", maintain_order=True):
        curves[str(split), str(quantity)] = _curve(
            str(split),
            str(quantity),
            rows["step"].cast(float).fill_null(np.nan).to_numpy(),
            rows["epoch"].fill_null(np.nan).to_numpy(),
            rows["value"].to_numpy(),
        )
    classes = history.facts.get("classes")
    named = [str(history.facts.get("loss") or "")]
    named += [name for key, name in history.names.items() if key.endswith("loss")]
    loss = next(filter(None, map(_loss_said, named)), None)
    return Course(
        curves,
        history.facts,
        classes if isinstance(classes, int) else None,
        "log" if loss == "bce" and classes == 2 else loss,
        history.notes,
        history.format,
    )


def _loss_said(text: str) -> str | None:
    return text if text in PROPER_LOSSES else loss_named_in(text)


def _curve(split: str, quantity: str, steps: Array, epochs: Array, values: Array) -> Curve:
    """A curve by epoch where the log counts them, else by step, else by point.

    Several values of one epoch are one: their mean. Where a log does not get beyond one epoch, its
    steps, or else its rows, are what passes.
    """
    whole = np.arange(1.0, len(values) + 1.0)
    unit: Unit = "point"
    if len(epochs) > 1 and np.isnan(epochs[0]) and not np.isnan(epochs[1:]).any():
        # The log begins within an epoch, below the line that names it.
        epochs = np.concatenate(([epochs[1] - 1.0], epochs[1:]))
    at = whole
    within_one = len(values) >= _FEWEST_WITHIN and bool(np.all(epochs == epochs[0]))
    if not np.isnan(epochs).any() and not within_one:
        at, unit = epochs, "epoch"
    elif not np.isnan(steps).any():
        at, unit = steps, "step"
    changes = np.flatnonzero(np.diff(at, prepend=np.nan) != 0.0)
    if len(changes) < len(at) and not quantity.startswith("batch_"):
        counts = np.diff(np.append(changes, len(at)))
        values = np.add.reduceat(values, changes) / counts
        at = at[changes]
    return Curve(split, quantity, np.asarray(at, float), np.asarray(values, float), unit)
