"""What a run verifiably did: measured on the truth of its trace, and on what its log shows of it.

Nothing here knows how Counterpoint diagnoses. A change counts as there where it exceeds three of
its standard errors, which come from the differences of the same rows' losses at two epochs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from recipes import Logging, Recipe
from training import Series, Trace, train
from written import Written


@dataclass(frozen=True)
class Change:
    """A difference of means between two epochs, and its standard error over rows."""

    by: float
    error: float

    def up(self, least: float, errors: float = 3.0) -> bool:
        """Whether it certainly rose, and by at least so much."""
        return self.by >= max(least, errors * self.error)

    def down(self, least: float, errors: float = 3.0) -> bool:
        return -self.by >= max(least, errors * self.error)


@dataclass(frozen=True)
class Case:
    """One training and its log.

    Attributes
    ----------
    recipe, trace
    log
        What stands in the log.
    reference
        Training loss, and training and held-out accuracy, of a training that suits the data.
    """

    recipe: Recipe
    trace: Trace
    log: Written
    reference: tuple[float, float, float]

    @property
    def epochs(self) -> int:
        return self.trace.epochs

    @cached_property
    def tail(self) -> int:
        """Epochs that stand for the end: a tenth of all."""
        return max(1, self.epochs // 10)

    @cached_property
    def held_loss(self) -> Series:
        return np.asarray(self.trace.held_losses.mean(axis=1))

    @cached_property
    def held_accuracy(self) -> Series:
        return np.asarray(self.trace.held_right.mean(axis=1))

    @cached_property
    def best(self) -> int:
        """Epoch of the least true held-out loss."""
        return int(np.nanargmin(np.where(np.isfinite(self.held_loss), self.held_loss, np.inf)))

    @cached_property
    def objective(self) -> Series:
        """What training reports to minimise."""
        return self.trace.train_loss + self.trace.penalty

    def held_loss_change(self, begin: int, end: int) -> Change:
        """Of the true held-out loss between the tails that end with two epochs (from 0)."""
        return _paired(self.trace.held_losses, begin, end, self.tail)

    def held_accuracy_change(self, begin: int, end: int) -> Change:
        return _paired(self.trace.held_right.astype(float), begin, end, self.tail)

    def shown(self, split: str, quantity: str) -> Series | None:
        """A series of the log; for a loss the data loss where it stands alone."""
        found = self.log.series.get(f"{split}/{quantity}")
        return (
            self.log.series.get(f"{split}/data_loss")
            if found is None and quantity == "loss"
            else found
        )

    @cached_property
    def finite(self) -> bool:
        return all(bool(np.isfinite(v).all()) for v in self.log.series.values())

    @cached_property
    def learnt(self) -> Series:
        """Share of what can be learnt that the training loss has gained, an entry an epoch."""
        start, least = self.trace.base_loss, self.reference[0]
        return (start - self.trace.train_loss) / max(start - least, 1e-12)

    @cached_property
    def penalty_share(self) -> Series:
        """Of the reported training objective."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.trace.penalty / self.objective

    @cached_property
    def shows_penalty(self) -> bool:
        """Whether the penalty is anywhere in the log."""
        return self.recipe.logging.penalty != "none" and self.recipe.alpha > 0

    def told(self, fact: str) -> bool:
        return fact in self.recipe.logging.told


def _paired(values: np.ndarray, begin: int, end: int, tail: int) -> Change:
    """Mean difference of rows between two stretches of epochs, with its standard error."""
    half = around(begin, tail // 2)
    before = values[begin - half : begin + half + 1].mean(axis=0)
    after = values[max(0, end - tail + 1) : end + 1].mean(axis=0)
    difference = after - before
    return Change(float(difference.mean()), float(difference.std() / np.sqrt(len(difference))))


def around(epoch: int, most: int) -> int:
    """Epochs on either side that are like an epoch: none of the first, in which all is learnt."""
    return min(most, epoch // 4)


def roughness(series: Series) -> float:
    """Standard deviation of what is left of a series beside the mean of its neighbours."""
    if len(series) < 3:
        return 0.0
    rest = series[1:-1] - (series[:-2] + series[2:]) / 2
    return float(rest.std() / np.sqrt(1.5))


@lru_cache(maxsize=64)
def reference(data_set: str, loss: str) -> tuple[float, float, float]:
    """Training loss, training and held-out accuracy that a suitable training reaches."""
    recipe = Recipe(
        "reference", data_set, 1, hidden=(64,), loss=loss, epochs=30, train_rows=1000,
        validation_rows=1000, logging=Logging(running=False),
    )  # fmt: skip
    trace = train(recipe)
    right = trace.held_right.mean(axis=1)
    best = int(trace.held_losses.mean(axis=1).argmin())
    return float(trace.train_loss[best]), float(trace.train_accuracy[best]), float(right.max())
