"""What else a number may be where it does not fit its accuracy, each checked by its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.units import LOGARITHMIC
from counterpoint.findings.words import count, figure
from counterpoint.theory.proper_losses import PROPER_LOSSES
from counterpoint.theory.smoothing import smoothed_log_losses

#: Rows of a batch as people choose them.
_BATCHES = (8, 16, 32, 64, 100, 128, 256, 512, 1024)
#: Label smoothing as people choose it.
_SMOOTHING = 0.1
#: Smoothed labels have a loss near the least there is: within this share of it counts.
_NEAR = 1e-3
#: A number of classes is mistaken by such a factor at most.
_MISTAKEN_BY = 10


@dataclass(frozen=True)
class Hypothesis:
    """Something else that the number may be.

    Attributes
    ----------
    name
        Such as ``bits``.
    words
        A clause: what it would be, with its figures.
    """

    name: str
    words: str


def explaining(pair: Pair) -> tuple[Hypothesis, ...]:
    """Everything tried that would make the pair unremarkable."""
    found = [
        *_more_in_it(pair),
        *_other_units(pair),
        *_other_losses(pair),
        *_other_classes(pair),
    ]
    return tuple(found)


def in_words(hypotheses: tuple[Hypothesis, ...]) -> str:
    """A sentence with all of them, numbered in order; empty where there are none."""
    if not hypotheses:
        return ""
    listed = "; ".join(f"({i}) {h.words}" for i, h in enumerate(hypotheses, 1))
    return f"It would be unremarkable if it were: {listed}."


def _other_units(pair: Pair) -> Iterator[Hypothesis]:
    """The same loss in another unit, or another sort of mean."""
    if pair.loss_name in LOGARITHMIC:
        yield from _scaled(pair, "bits", math.log(2.0), "in bits (logarithms to base 2)")
        yield from _scaled(pair, "base_10", math.log(10.0), "with logarithms to base 10")
    else:
        yield from _scaled(pair, "doubled", 0.5, "without a factor of one half")
        yield from _scaled(pair, "halved", 2.0, "with a factor of one half")
    outputs = count(pair.n_classes, "output")
    if pair.loss_name in ("bce", "quadratic"):
        yield from _scaled(pair, "output_mean", pair.n_classes, f"a mean over {outputs} each row")
    if pair.loss_name == "squared":
        yield from _scaled(pair, "output_sum", 1.0 / pair.n_classes, f"a sum over {outputs}")
    if pair.samples is not None:
        rows = count(pair.samples, "row")
        yield from _scaled(pair, "sum", 1.0 / pair.samples, f"a sum over all {rows}, not a mean")
    batches = [size for size in _BATCHES if _fits(_times(pair, 1.0 / size))]
    if batches:
        sizes = " to ".join(str(size) for size in dict.fromkeys((batches[0], batches[-1])))
        yield Hypothesis("batch_sum", f"a sum over a batch of {sizes} rows, not a mean")


def _other_losses(pair: Pair) -> Iterator[Hypothesis]:
    for other in PROPER_LOSSES.values():
        if other.name == "bce" and pair.n_classes == 2:
            continue  # read as that of one output, which is log loss
        if other.name != pair.loss_name and _fits(replace(pair, loss_name=other.name)):
            yield Hypothesis(f"is_{other.name}", f"{other.label} (--loss {other.name})")


def _other_classes(pair: Pair) -> Iterator[Hypothesis]:
    """The fewest classes more with which the pair fits; known shares say how many there are."""

    def fits(n_classes: int) -> bool:
        return _fits(replace(pair, n_classes=n_classes))

    if (
        pair.prior is not None
        or pair.place not in ("above", "too high")
        or not fits(_MISTAKEN_BY * pair.n_classes)
    ):
        return
    fewest, most = pair.n_classes, _MISTAKEN_BY * pair.n_classes
    while most - fewest > 1:
        middle = (fewest + most) // 2
        fewest, most = (fewest, middle) if fits(middle) else (middle, most)
    yield Hypothesis("classes", f"a loss over more classes, {most:,} at least")


def _more_in_it(pair: Pair) -> Iterator[Hypothesis]:
    """Something that was added to the mean loss, or to the labels."""
    if pair.place not in ("above", "too high") or math.isnan(pair.wide_band.low):
        return
    least, most = (pair.known_loss - max(0.0, float(end)) for end in reversed(pair.wide_band))
    yield Hypothesis(
        "penalty",
        f"a loss with a penalty, or another term, of {figure(least)} to {figure(most)} in it",
    )
    if pair.loss_name == "log" and pair.accuracy is not None:
        low, high = smoothed_log_losses(pair.accuracy, _SMOOTHING, pair.n_classes)
        error = (pair.loss_error or 0.0) + _NEAR * pair.known_loss
        if low - error <= pair.known_loss <= high + error:
            yield Hypothesis(
                "label_smoothing",
                f"a loss over labels smoothed by {_SMOOTHING:g}, where a calibrated model has "
                f"{figure(float(low))} to {figure(float(high))}",
            )


def _scaled(pair: Pair, name: str, factor: float, words: str) -> Iterator[Hypothesis]:
    scaled = _times(pair, factor)
    if _fits(scaled):
        yield Hypothesis(name, f"{words}: {figure(scaled.loss)} then")


def _times(pair: Pair, factor: float) -> Pair:
    return replace(pair, loss=pair.known_loss * factor, loss_rounding=pair.loss_rounding * factor)


def _fits(pair: Pair) -> bool:
    return pair.place == "inside"
