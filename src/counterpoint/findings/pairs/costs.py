"""What right predictions and mistakes must have cost, if the loss is the mean of both.

All of the rows themselves, so nothing is left to chance; rounding is allowed for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from counterpoint.findings.pairs.pair import Pair

#: Where Keras clips probabilities.
CLIPPED = 1e-7


def right_at_most(pair: Pair) -> float:
    """Most that a right prediction can cost."""
    return pair.kind.bounds(pair.n_classes).right_greatest


def mistake_at_most(pair: Pair) -> float:
    """Most that a mistake costs: the ceiling, or that of clipped probabilities."""
    ceiling = pair.kind.bounds(pair.n_classes).maximum
    outputs = pair.n_classes if pair.loss_name == "bce" else 1
    return min(ceiling, -outputs * math.log(CLIPPED))


def mistake_at_least(pair: Pair) -> float:
    """Least that mistakes cost on average, whatever the right predictions cost; -inf if none."""
    return _least_of_rest(pair, [1.0 - a for a in pair.unrounded_accuracies], right_at_most(pair))


def right_at_least(pair: Pair) -> float:
    """Least that right predictions cost on average, mistakes costing the most; -inf if none."""
    return _least_of_rest(pair, pair.unrounded_accuracies, mistake_at_most(pair))


def clipped_greatest(pair: Pair) -> float:
    """Greatest loss at this accuracy where probabilities are clipped."""
    wrong, accuracy = mistake_at_most(pair), pair.unrounded_accuracies[0]
    return accuracy * min(right_at_most(pair), wrong) + (1.0 - accuracy) * wrong


def is_implausible(pair: Pair) -> bool:
    """Whether the loss is above that of clipped probabilities at their worst."""
    return pair.known_loss - pair.loss_rounding > clipped_greatest(pair)


def is_over_confident(pair: Pair) -> bool:
    """Whether the loss is above the band, and a mistake costs more than the even guess does."""
    above = pair.place == "above" and not is_implausible(pair)
    return above and mistake_at_least(pair) > pair.uniform_guess


def is_under_confident(pair: Pair) -> bool:
    """Whether right predictions alone cost more than a calibrated model does altogether."""
    above = pair.place == "above" and not is_implausible(pair)
    return above and bool(pair.known_accuracy * right_at_least(pair) > pair.wide_band.high)


def _least_of_rest(pair: Pair, shares: Iterable[float], others: float) -> float:
    """Least mean cost of a share of the rows where each of the others costs so much."""
    loss = pair.known_loss - pair.loss_rounding
    return min((loss - (1.0 - s) * others) / s if s > 0.0 else -math.inf for s in shares)
