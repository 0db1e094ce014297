"""A loss and an accuracy of the same rows, and where they stand among all that could be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

import numpy as np

from counterpoint.findings.words import plain
from counterpoint.scores.wilson import NORMAL_975, wilson_ends
from counterpoint.theory.proper_losses import ProperLoss, proper_loss_named
from counterpoint.theory.region import (
    Range,
    accuracy_forced,
    calibrated_accuracies,
    calibrated_losses,
    reachable_losses,
)
from counterpoint.theory.sampling import greatest_deviation

#: Where a loss stands at its accuracy. *Too low* and *too high* are what no predictor can have,
#: *below* and *above* what no calibrated one can, chance and rounding allowed for.
#: *No band*: the accuracy is below a guess's, and no calibrated predictor has it.
Place = Literal["too low", "below", "inside", "above", "too high", "no band"]

#: A loss typed to many digits may lie past an end by this share of it and still be at it.
_SLACK = 1e-9
#: Rows that are taken where they are not counted: few are judged on more.
UNCOUNTED = 100_000
#: Rows beyond which it is not worth saying how many would settle a doubt.
MOST_ROWS = 10**9
#: Accuracies of an interval that are tried for the greatest spread.
ACCURACIES = 7
#: Rows from which on a mean is near enough to normally distributed for a claim.
FEWEST_ROWS = 30

_NONE = Range(np.asarray(np.nan), np.asarray(np.nan))


@dataclass(frozen=True)
class Pair:
    """A mean loss and an accuracy over the same rows; either may be unknown.

    Attributes
    ----------
    loss_name
        One of `counterpoint.theory.proper_losses.PROPER_LOSSES`.
    n_classes
    loss, accuracy
    split
        Of which rows: ``train``, ``validation``, ``test``, or empty.
    samples
        How many rows.
    prior
        Share of each class among them.
    loss_rounding, accuracy_rounding
        How far rounding may have moved each.
    measured_error
        Half the 95% interval of the loss, where the losses that it is the mean of are at hand.
    """

    loss_name: str
    n_classes: int
    loss: float | None = None
    accuracy: float | None = None
    split: str = ""
    samples: int | None = None
    prior: tuple[float, ...] | None = None
    loss_rounding: float = 0.0
    accuracy_rounding: float = 0.0
    measured_error: float | None = None

    @property
    def kind(self) -> ProperLoss:
        """What binds this loss to accuracy."""
        return proper_loss_named(self.loss_name)

    @property
    def rows(self) -> int:
        """How many rows are taken for what is chance."""
        return UNCOUNTED if self.samples is None else self.samples

    @property
    def whole(self) -> bool:
        """Whether both numbers are known."""
        return self.loss is not None and self.accuracy is not None

    @property
    def uniform_guess(self) -> float:
        """Loss of giving every class the same probability."""
        return self.kind.even_guess(self.n_classes)

    @property
    def base_rate_guess(self) -> float | None:
        """Loss of giving every row the classes' shares, where these are known."""
        return None if self.prior is None else self.kind.guess(self.prior)

    @property
    def guess(self) -> float:
        """Loss of the best guess that looks at no row."""
        base = self.base_rate_guess
        return self.uniform_guess if base is None else base

    @property
    def guess_accuracy(self) -> float:
        """Accuracy of that guess: the share of the most frequent class."""
        return 1.0 / self.n_classes if self.prior is None else max(self.prior)

    @property
    def unrounded_accuracies(self) -> tuple[float, float]:
        """Least and greatest accuracy that is rounded to this one."""
        accuracy, rounding = self.known_accuracy, self.accuracy_rounding
        return max(0.0, accuracy - rounding), min(1.0, accuracy + rounding)

    @cached_property
    def reachable(self) -> Range:
        """Losses that some predictor of this accuracy has."""
        return reachable_losses(self.known_accuracy, self.loss_name, self.n_classes)

    @cached_property
    def band(self) -> Range:
        """Losses that some calibrated predictor of this accuracy has; NaN where there is none."""
        if self.unrounded_accuracies[1] < self.guess_accuracy:
            return _NONE
        return self._band_at(self.known_accuracy)

    def _band_at(self, accuracy: float) -> Range:
        """The band at another accuracy, that of the guess at least.

        By Jensen's inequality a calibrated predictor is no worse than the base rates, in loss or
        in accuracy.
        """
        possible = max(accuracy, self.guess_accuracy)
        low, high = calibrated_losses(possible, self.loss_name, self.n_classes)
        return Range(low, np.minimum(high, max(self.guess, float(low))))

    @property
    def accuracy_interval(self) -> tuple[float, float]:
        """Where the accuracy may lie in truth: 95% interval of so many rows, and rounding."""
        low, high = self.unrounded_accuracies
        return float(wilson_ends(low, self.rows)[0]), float(wilson_ends(high, self.rows)[1])

    @property
    def loss_error(self) -> float | None:
        """Half the 95% interval of the loss: as measured, or at most, were the model calibrated.

        The latter by the normal distribution, for the accuracy of its interval that has the
        greatest; None where no calibrated model has this accuracy.
        """
        if self.measured_error is not None:
            return self.measured_error
        if self.accuracy is None or self.accuracy_interval[1] < self.guess_accuracy:
            return None
        lowest, highest = np.maximum(self.accuracy_interval, self.guess_accuracy)
        deviation = max(map(self._deviation_at, np.linspace(lowest, highest, ACCURACIES)))
        return NORMAL_975 * deviation / math.sqrt(self.rows)

    def _deviation_at(self, accuracy: float) -> float:
        """Greatest standard deviation of a calibrated model's loss, by row."""
        low, high = self._band_at(accuracy)
        # Its mean lies in the band, wherever this loss does.
        mean = high if self.loss is None else np.clip(self.loss, low, high)
        return greatest_deviation(float(mean), float(accuracy), self.loss_name, self.n_classes)

    @cached_property
    def wide_band(self) -> Range:
        """The band at either end of the accuracy's interval, widened by the loss's error."""
        lowest, highest = self.accuracy_interval
        if highest < self.guess_accuracy:
            return _NONE
        low, high = self._band_at(highest).low, self._band_at(lowest).high
        error = self.loss_error or 0.0
        return Range(np.maximum(low - error, 0.0), high + error)

    @cached_property
    def place(self) -> Place:
        """Where the loss stands at its accuracy."""
        loss, rounding = self.known_loss, self.loss_rounding
        most_wrong, most_right = self.unrounded_accuracies
        least = float(reachable_losses(most_right, self.loss_name, self.n_classes).low)
        greatest = float(reachable_losses(most_wrong, self.loss_name, self.n_classes).high)
        high, low = loss + rounding, loss - rounding
        if high < least * (1.0 - _SLACK):
            return "too low"
        if low > greatest * (1.0 + _SLACK):
            return "too high"
        if np.isnan(self.wide_band.low):
            return "no band"
        if high < self.wide_band.low - _SLACK:
            return "below"
        if low > self.wide_band.high + _SLACK:
            return "above"
        return "inside"

    @property
    def forced_accuracy(self) -> Range:
        """Accuracies that some predictor of this loss has, or of one that is rounded to it."""
        most = self.kind.bounds(self.n_classes).maximum
        return self._forced_by_loss(partial(accuracy_forced, samples=self.samples), most)

    @property
    def calibrated_accuracy(self) -> Range:
        """Accuracies that some calibrated predictor of this loss has, or of one rounded to it."""
        return self._forced_by_loss(calibrated_accuracies, self.uniform_guess)

    def _forced_by_loss(self, accuracies: Callable[..., Range], most: float) -> Range:
        """From the least accuracy that the greatest loss allows to the greatest of the least."""
        least_loss = self.known_loss - self.loss_rounding
        greatest_loss = self.known_loss + self.loss_rounding
        if greatest_loss < 0.0 or least_loss > most * (1.0 + _SLACK):
            return _NONE
        of_greatest = accuracies(min(greatest_loss, most), self.loss_name, self.n_classes)
        of_least = accuracies(min(max(least_loss, 0.0), most), self.loss_name, self.n_classes)
        return Range(of_greatest.low, of_least.high)

    @property
    def known_loss(self) -> float:
        """The loss, which must be known."""
        assert self.loss is not None
        return self.loss

    @property
    def known_accuracy(self) -> float:
        """The accuracy, which must be known."""
        assert self.accuracy is not None
        return self.accuracy

    def rows_to_settle(self) -> int | None:
        """Rows on which the same numbers would be outside of the band beyond chance.

        At least `FEWEST_ROWS`, to two digits, upwards, as the interval is approximate. None where
        no number of rows would do.
        """
        fewest, most = FEWEST_ROWS - 1, MOST_ROWS
        if replace(self, samples=most).place in ("inside", "no band"):
            return None
        while most - fewest > 1:
            middle = (fewest + most) // 2
            inside = replace(self, samples=middle).place == "inside"
            fewest, most = (middle, most) if inside else (fewest, middle)
        unit: int = 10 ** max(0, len(str(most)) - 2)
        return -(-most // unit) * unit

    def figures(self) -> dict[str, object]:
        """Everything as plain values: what is infinite or unknown is None."""
        has_accuracy, has_loss = self.accuracy is not None, self.loss is not None
        ranges = {
            "reachable_loss": self.reachable if has_accuracy else _NONE,
            "calibrated_loss": self.band if has_accuracy else _NONE,
            "calibrated_loss_by_chance": self.wide_band if has_accuracy else _NONE,
            "forced_accuracy": self.forced_accuracy if has_loss else _NONE,
            "calibrated_accuracy": self.calibrated_accuracy if has_loss else _NONE,
            "accuracy_interval": self.accuracy_interval if has_accuracy else _NONE,
        }
        return {
            "split": self.split or None,
            "loss_name": self.loss_name,
            "classes": self.n_classes,
            "samples": self.samples,
            "loss": self.loss,
            "accuracy": self.accuracy,
            "loss_error": self.loss_error,
            "uniform_guess": self.uniform_guess,
            "base_rate_guess": self.base_rate_guess,
            **{
                f"{name}_{end}": plain(value)
                for name, ends in ranges.items()
                for end, value in zip(("low", "high"), ends, strict=True)
            },
            "place": self.place if self.whole else None,
        }
