"""What a loss and an accuracy say of each other: one pasted line, or two numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from counterpoint.errors import InputError
from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs import Pair, find_of_pairs
from counterpoint.findings.pairs.from_log import Known, pairs_of
from counterpoint.runs.line import Quantity, parse_line, parse_number
from counterpoint.theory.proper_losses import proper_loss_named

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

_CLASSES = re.compile(r"(?<![\w.])(\d+)[ -]class(?:es)?\b", re.IGNORECASE)
#: How far shares of classes may sum from 1: figures of three digits.
_SHARES_OFF = 2e-3


@dataclass(frozen=True, repr=False)
class Reading:
    """A loss and an accuracy, for each split that was read, and what they say of each other.

    Made by `read`; printed, it is a short report.

    Attributes
    ----------
    pairs : tuple of Pair
        One a split.
    findings : tuple of Finding
    notes : tuple of str
        How each number was read.
    """

    pairs: tuple[Pair, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        from counterpoint.report.pair_text import reading_text

        return reading_text(self.pairs, self.findings, self.notes)

    @property
    def table(self) -> pl.DataFrame:
        """One row a split: both numbers, the guesses, and the ranges."""
        import polars as pl

        return pl.DataFrame([pair.figures() for pair in self.pairs], infer_schema_length=None)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is infinite or unknown is None."""
        return {
            "read": list(self.notes),
            "splits": [pair.figures() for pair in self.pairs],
            "findings": [asdict(finding) for finding in self.findings],
        }

    def plot(self) -> alt.VConcatChart:
        """The losses that go with each accuracy, and these among them, as an Altair chart."""
        import altair as alt

        from counterpoint.report.region_chart import Dot, region_chart

        first = self.pairs[0]
        points = [
            Dot(pair.known_accuracy, pair.known_loss, pair.split or "this one")
            for pair in self.pairs
            if pair.whole and pair.loss_name == first.loss_name
        ]
        chart = region_chart(first.loss_name, first.n_classes, points, first.base_rate_guess)
        return alt.VConcatChart.from_dict(chart)


def read(
    line: str | None = None,
    *,
    loss: float | str | None = None,
    accuracy: float | str | None = None,
    classes: int | None = None,
    samples: int | None = None,
    loss_name: str | None = None,
    prior: Sequence[float] | None = None,
) -> Reading:
    """Say what a loss and an accuracy mean together. No data is needed.

    Parameters
    ----------
    line
        A line of a training log, in any usual format; or give ``loss`` and ``accuracy``.
    loss
        Mean loss over the rows.
    accuracy
        A fraction; or text such as ``"78.26%"`` or ``"7498/10000"``.
    classes
        Number of classes; may be left out where ``prior`` or the line (``10 classes``) says it.
    samples
        Number of rows that both are over, in the line those that were not trained on: intervals
        then say what is chance.
    loss_name
        ``log`` (cross-entropy; the default), ``brier``, ``squared`` (mean squared error over
        one-hot outputs), ``bce`` (binary cross-entropies summed over sigmoids) or ``quadratic``
        (half the squared distance of K sigmoids).
    prior
        Share of each class, for the base-rate guess.

    Returns
    -------
    Reading

    Raises
    ------
    InputError
        Nothing to read, an unknown number of classes, or numbers that can't be.

    Examples
    --------
    >>> reading = read(loss=0.4577, accuracy=0.7826, classes=2)
    >>> [finding.name for finding in reading.findings]
    ['unremarkable']
    >>> low, high = reading.pairs[0].band
    >>> print(f"{low:.3f} to {high:.3f}")
    0.301 to 0.524
    """
    quantities = _given(line, loss, accuracy)
    shares = None if prior is None else _checked_prior(prior)
    if loss_name is not None:
        proper_loss_named(loss_name)
    known = Known(
        n_classes=_number_of_classes(classes, shares, line or ""),
        loss_name=loss_name,
        samples=None if samples is None else _whole(samples, "samples", least=1),
        prior=shares,
    )
    pairs, notes = pairs_of(quantities, known, line or "")
    if not pairs:
        raise InputError(
            "; ".join(notes)
            or "the line names no loss and no accuracy: paste one such as 'loss: 0.46 - acc: 0.78'."
        )
    return Reading(tuple(pairs), find_of_pairs(pairs), tuple(notes))


def _given(
    line: str | None, loss: float | str | None, accuracy: float | str | None
) -> tuple[Quantity, ...]:
    """Quantities of the line, or of the two numbers."""
    if line is not None:
        if loss is not None or accuracy is not None:
            raise InputError("give a line, or a loss and an accuracy by themselves, not both.")
        return parse_line(line)
    if loss is None and accuracy is None:
        raise InputError("nothing to read: give a line of a log, or a loss and an accuracy.")
    return tuple(
        _one_number(value, name)
        for value, name in ((loss, "loss"), (accuracy, "accuracy"))
        if value is not None
    )


def _one_number(value: float | str, name: str) -> Quantity:
    if isinstance(value, str):
        return parse_number(value, name)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {value!r}: pass a number.") from None
    return Quantity(name, name, "", number, f"{number:g}", half_unit=0.0)


def _number_of_classes(classes: int | None, prior: tuple[float, ...] | None, line: str) -> int:
    said = _CLASSES.search(line)
    known = {
        "classes": None if classes is None else _whole(classes, "classes", least=2),
        "prior": None if prior is None else len(prior),
        "the line": None if said is None or classes is not None else int(said[1]),
    }
    counts = {name: count for name, count in known.items() if count is not None}
    if not counts:
        raise InputError("the number of classes is not known: give it, such as --classes 10.")
    if len(set(counts.values())) > 1:
        each = " and ".join(f"{name} says {count}" for name, count in counts.items())
        raise InputError(f"the number of classes is not clear: {each}; make them agree.")
    return _whole(next(iter(counts.values())), "classes", least=2)


def _checked_prior(prior: Sequence[float]) -> tuple[float, ...]:
    try:
        shares = tuple(float(share) for share in prior)
    except (TypeError, ValueError):
        raise InputError(f"prior is {prior!r}: pass one share a class, such as 0.6,0.4.") from None
    if len(shares) < 2 or not all(0.0 <= share <= 1.0 for share in shares):
        raise InputError(
            f"prior is {', '.join(f'{s:g}' for s in shares)}: pass one share a class, each from 0 "
            "to 1, such as 0.6,0.4."
        )
    total = math.fsum(shares)
    if abs(total - 1.0) > _SHARES_OFF:
        raise InputError(f"the shares in prior sum to {total:g}: they must sum to 1.")
    return tuple(share / total for share in shares)


def _whole(value: int, name: str, least: int) -> int:
    try:
        number = int(value)
        if number == value and number >= least:
            return number
    except (TypeError, ValueError, OverflowError):
        pass
    raise InputError(f"{name} is {value!r}: pass a whole number from {least}.")
