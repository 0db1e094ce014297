"""What a factor between two numbers may come from: counts and settings that are known."""

from __future__ import annotations

import math

from counterpoint.findings.words import figure
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import Declared

#: Relative difference up to which a factor is the same.
CLOSE = 5e-3


def known_factors(declared: Declared) -> dict[str, float]:
    """Factors that have a usual cause, the most likely first."""
    batch, train = float(declared.n_batch), declared.n_train
    rate = next((r for r in declared.rates if r), None)
    found = {"2": 2.0, "the number of rows in the mini-batch": batch}
    if train:
        found["the number of training rows"] = float(train)
        found["training rows over rows in the mini-batch"] = train / batch
    if declared.n_outputs > 2:
        found["the number of outputs"] = float(declared.n_outputs)
    if rate:
        found["the learning rate"] = rate
    if declared.momentum:
        found["1 - momentum"] = 1.0 - declared.momentum
    found["ln 2"] = math.log(2.0)
    found["ln 10"] = math.log(10.0)
    return found


def factor_in_words(ratio: float, declared: Declared) -> str:
    """A factor, and what it equals; twice or half of a known one is named too.

    Examples
    --------
    >>> declared = Declared((0.5,), 0.01, 0.0, None, "", "log", 500, 10, 4)
    >>> factor_in_words(50.0, declared)
    '50.0: training rows over rows in the mini-batch'
    >>> factor_in_words(0.1, declared)
    '0.100: one over the number of rows in the mini-batch'
    """
    name = named_factor(ratio, declared)
    return f"{figure(ratio)}: {name}" if name else figure(ratio)


def named_factor(ratio: float, declared: Declared) -> str:
    """What a factor equals; empty where nothing known."""
    size = abs(ratio)
    known = known_factors(declared)
    for name, value in known.items():
        for times, word in ((1.0, ""), (2.0, "twice "), (0.5, "half ")):
            if word and name == "2":
                continue
            if same(size, times * value):
                return f"{word}{name}"
            if same(size, times / value):
                return f"{word}one over {name}"
    return ""


def same(one: float, other: float) -> bool:
    """Whether two factors are the same: the first within half a percent of the other."""
    return abs(one - other) <= CLOSE * abs(other)


def agrees(estimate: Estimate, value: float) -> bool:
    """Whether a value is within an estimate's reach: its interval and half a percent."""
    return abs(estimate.value - value) <= 3.0 * estimate.error + CLOSE * abs(value)


def present(estimate: Estimate) -> bool:
    """Whether an estimate is clearly not zero."""
    return abs(estimate.value) > 5.0 * estimate.error and abs(estimate.value) > 1e-9
