"""How pairs are spoken of."""

from __future__ import annotations

import math
from typing import SupportsFloat

from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.words import count, figure

_SPLITS = {"train": "Training", "validation": "Validation", "test": "Test"}


def headed(pair: Pair, words: str) -> str:
    """Words behind the name of the rows they are about, where they have one.

    Examples
    --------
    >>> headed(Pair("log", 2, split="validation"), "nothing unusual")
    'Validation: nothing unusual'
    """
    name = _SPLITS.get(pair.split, pair.split)
    return f"{name}: {words}" if name else words[:1].upper() + words[1:]


def loss_figure(value: float) -> str:
    """A loss to five digits, as logs print it.

    Examples
    --------
    >>> loss_figure(0.4577), loss_figure(174.71), loss_figure(0.00012)
    ('0.4577', '174.71', '1.2e-4')
    """
    return f"{value:.5g}" if 1e-3 <= abs(value) < 1e4 else figure(value)


def accuracy_figure(value: float) -> str:
    """An accuracy to four digits at most.

    Examples
    --------
    >>> accuracy_figure(0.7826), accuracy_figure(0.5), accuracy_figure(0.99999)
    ('0.7826', '0.50', '0.99999')
    """
    digits = f"{value:.6g}" if 0.9999 < value < 1 else f"{value:.4f}".rstrip("0")
    return digits + "0" * max(0, 4 - len(digits))


def named(pair: Pair) -> str:
    """Both numbers, such as ``log loss 0.4577 at accuracy 0.7826``."""
    accuracy = accuracy_figure(pair.known_accuracy)
    return f"{pair.kind.label} {loss_figure(pair.known_loss)} at accuracy {accuracy}"


def between(low: float, high: float) -> str:
    """A range in words.

    Examples
    --------
    >>> between(0.3013, 0.5237)
    '0.301 to 0.524'
    """
    return f"{figure(low)} to {figure(high)}"


def range_of(noun: str, low: SupportsFloat, high: SupportsFloat) -> str:
    """A range of losses or accuracies in words, whatever of its ends there is.

    Examples
    --------
    >>> range_of("log loss", 0.151, math.inf)
    'a log loss of 0.151 or more'
    >>> range_of("accuracy", 0.4, 0.75)
    'an accuracy of 0.40 to 0.75'
    """
    least, most = float(low), float(high)
    if math.isnan(least):
        return f"no {noun}: there is none"
    share = noun == "accuracy"
    show = accuracy_figure if share else figure
    article = "an" if share else "a"
    end = "or more" if most == (1.0 if share else math.inf) else f"to {show(most)}"
    return f"{article} {noun} of {show(least)} {end}"


def settled_by_rows(pair: Pair) -> str:
    """From how many rows on chance is no explanation; empty where the rows are counted."""
    rows = None if pair.samples is not None else pair.rows_to_settle()
    if rows is None:
        return ""
    return f" On fewer than about {rows:,} rows chance could explain it (--samples)."


def band_words(pair: Pair) -> str:
    """The calibrated band, and what chance adds to it."""
    low, high = (figure(float(end)) for end in pair.band)
    exact = f"of {low}" if low == high else f"between {low} and {high}"
    if pair.samples is None:
        return exact
    rows = count(pair.samples, "row")
    wide = between(*map(float, pair.wide_band))
    if math.isnan(pair.band.low):
        return f"of {wide} (its accuracy being by chance what it is over {rows})"
    return f"{exact} ({wide} with rounding and chance over {rows})"
