"""What a loss and an accuracy have to do with each other: `relate`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.findings.pairs import Pair
from counterpoint.findings.words import plain
from counterpoint.theory.dirichlet_losses import checked_concentration, checked_label
from counterpoint.theory.proper_losses import proper_loss_named
from counterpoint.theory.relation import LossRelation, Point

if TYPE_CHECKING:
    import altair as alt

#: Rows that stand for the whole distribution: chance moves a mean over so many by nothing.
ALL_ROWS = 10**18
#: Classes that a relation is worked out for at most.
MOST_CLASSES = 100_000


class Relation(LossRelation):
    """How a loss, the true class's probability and accuracy are bound together, and drawn.

    `relate` makes one. Attributes are those of `LossRelation`.
    """

    def explain(self) -> str:
        """What binds them, in plain words."""
        from counterpoint.report.relation_text import parts

        return "\n\n".join(f"{part.heading}. {part.words}" for part in parts(self))

    def plot(self) -> alt.VConcatChart:
        """One prediction's loss and the region, one above the other, as an Altair chart."""
        import altair

        from counterpoint.report.relation_charts import one_above_the_other, relation_charts

        whole = one_above_the_other(relation_charts(self).values())
        return altair.VConcatChart.from_dict(whole)

    def save(self, folder: str | Path) -> Path:
        """Write the charts as PNG and SVG, and the numbers as ``relation.json``, into a folder.

        Raises
        ------
        InputError
            The folder can't be written.
        """
        from counterpoint.files import all_or_nothing, write_atomically
        from counterpoint.report.export import save_chart
        from counterpoint.report.relation_charts import relation_charts

        home = Path(folder)
        with all_or_nothing(home) as staged:
            for name, chart in relation_charts(self).items():
                save_chart(chart, staged / name)
            numbers = json.dumps(self.to_dict(), indent=1, allow_nan=False)
            write_atomically(staged / "relation.json", numbers + "\n")
        return home

    def to_dict(self) -> dict[str, object]:
        """The numbers as plain values: the law at some t, the region at some accuracies."""
        from counterpoint.report.relation_rows import law_rows, region_rows

        return {
            "classes": self.classes,
            "loss": self.loss,
            "concentration": float(self.concentration[0])
            if self.symmetric
            else self.concentration.tolist(),
            "label": self.label,
            "law": [_plain_row(row._asdict()) for row in law_rows(self)],
            "region": [_plain_row(row._asdict()) for row in region_rows(self)],
            "points": [
                vars(point) | {"by_chance": [plain(end) for end in point.by_chance]}
                for point in self.points
            ],
        }


def relate(
    classes: int,
    loss: str = "brier",
    concentration: float | npt.ArrayLike = 1.0,
    points: Iterable[tuple[float, float]] | dict[str, tuple[float, float]] = (),
    label: int = 0,
    samples: int | None = None,
) -> Relation:
    """Relate a loss to accuracy, and to the probability that the true class is given.

    Parameters
    ----------
    classes
        Number of classes K, from 2.
    loss
        ``"log"``, ``"brier"``, ``"squared"`` (the Brier score over K), ``"bce"`` or
        ``"quadratic"``. The last two are of separate sigmoids and have a region, but no law.
    concentration
        Of Dirichlet predictions: one number, or one for each class. 1: every distribution over
        the classes is equally likely; below 1 they are sure, above 1 undecided.
    points
        Pairs (loss, accuracy) of one's own, or a dict of them by name.
    label
        The true class, from 0; it matters only where concentrations differ.
    samples
        Rows that one's own points are over: what chance may do is then allowed for.

    Returns
    -------
    Relation

    Raises
    ------
    InputError
        An unknown loss, or a number out of range.

    Examples
    --------
    >>> relation = relate(10, "brier")
    >>> law = relation.law(0.3)
    >>> print(f"{law.mean():.4f} ± {law.std():.4f}")
    0.5880 ± 0.0241
    >>> low, high = relation.region(0.9).calibrated
    >>> print(f"{low:.3f} to {high:.3f}")
    0.100 to 0.189
    """
    if isinstance(classes, bool) or classes not in range(2, MOST_CLASSES + 1):
        raise InputError(
            f"the number of classes is {classes}: it must be a whole number from 2 to "
            f"{MOST_CLASSES:,}."
        )
    classes = int(classes)
    proper_loss_named(loss)
    given: Any = concentration
    a = checked_concentration([given] * classes if np.ndim(given) == 0 else given)
    if len(a) != classes:
        raise InputError(
            f"concentration has {len(a)} numbers for {classes} classes: pass one for all, or one "
            "for each."
        )
    named = points if isinstance(points, dict) else _numbered(points)
    rows = None if samples is None else _checked_samples(samples)
    placed = tuple(_placed(name, pair, loss, classes, rows) for name, pair in named.items())
    return Relation(classes, loss, a, checked_label(label, classes), placed)


def _numbered(points: Iterable[tuple[float, float]]) -> dict[str, tuple[float, float]]:
    try:
        return {f"point {i}": pair for i, pair in enumerate(points, start=1)}
    except TypeError:
        raise InputError(f"points is {points!r}: pass pairs of loss and accuracy.") from None


def _checked_samples(samples: int) -> int:
    if isinstance(samples, bool) or samples not in range(1, ALL_ROWS):
        raise InputError(f"samples is {samples!r}: it must be a whole number from 1.")
    return int(samples)


def _placed(
    name: str, pair: tuple[float, float], loss: str, classes: int, samples: int | None
) -> Point:
    """A pair of loss and accuracy, and which predictors can have it, as `read` says it too."""
    if not (name and name.isprintable()):
        raise InputError(f"a point is called {name!r}: give it a name that can be printed.")
    try:
        value, accuracy = (float(x) for x in pair)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {pair!r}: it must be a pair of loss and accuracy.") from None
    if not 0.0 <= accuracy <= 1.0:
        raise InputError(
            f"{name} has the accuracy {accuracy:g}: pass the loss, then a fraction from 0 to 1."
        )
    if not math.isfinite(value):
        raise InputError(f"{name} has the loss {value:g}: a finite number is needed.")
    found = Pair(loss, classes, value, accuracy, samples=ALL_ROWS if samples is None else samples)
    return Point(
        name,
        value,
        accuracy,
        samples,
        reachable=found.place not in ("too low", "too high"),
        calibrated=found.place == "inside",
        by_chance=(float(found.wide_band.low), float(found.wide_band.high)),
    )


def _plain_row(row: dict[str, float]) -> dict[str, float | None]:
    return {name: plain(value) for name, value in row.items()}
