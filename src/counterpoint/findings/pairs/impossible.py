"""No predictor has this loss at this accuracy: the number is something else.

**When it appears.** The loss lies outside of what any predictor can reach, calibrated or not. A
wrong prediction costs at least a certain amount (ln 2 of log loss), which sets a floor; where the
loss has a ceiling, that sets another end. Log loss and binary cross-entropy have no ceiling
unless their probabilities are clipped, so none is claimed for them.

**What it means.** The number is not the mean of this loss over these rows, or the classes are not
as many as said. Each of the usual causes is tried by its figures, and those that would make the
pair unremarkable are listed: a penalty or another term in it, a sum and not a mean, another base
of the logarithm, a factor of two or of the number of outputs, another loss, more classes.

**What to do.** Print the data loss apart from penalties, as a mean, with its name.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.hypotheses import explaining, in_words
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import accuracy_figure, headed, loss_figure, named
from counterpoint.findings.words import count, figure, plain

summary = "No predictor has this loss at this accuracy: the number is something else."


def find(pair: Pair) -> Finding | None:
    """Say how far outside the reachable losses the number is, and what would explain it."""
    if not pair.whole or pair.place not in ("too low", "too high"):
        return None
    found = explaining(pair)
    low, high = map(float, pair.reachable)
    return Finding(
        name="impossible",
        level="problem",
        title=headed(pair, f"{named(pair)} is impossible"),
        explanation=f"{_too_low(pair, low) if pair.place == 'too low' else _too_high(pair, high)} "
        f"{in_words(found)}".strip(),
        evidence={
            "reachable_low": plain(low),
            "reachable_high": plain(high),
            "hypotheses": [each.name for each in found],
        },
        remedy="Print the mean of the data loss by itself, apart from any penalty, and say which "
        "loss it is and over how many classes.",
        doubt=_doubt(len(found)),
    )


def _doubt(explanations: int) -> str:
    if explanations == 0:
        return "No usual cause that was tried makes the two numbers fit."
    return "The two numbers do not tell which of these it is." if explanations > 1 else ""


def _too_low(pair: Pair, low: float) -> str:
    if pair.known_loss < 0:
        return f"No {pair.kind.label} is below zero: a sign is turned, or something is subtracted."
    wrong = 1.0 - pair.known_accuracy
    least = pair.kind.bounds(pair.n_classes).wrong_least
    return (
        f"Every wrong prediction costs at least {figure(least)}, and {accuracy_figure(wrong)} of "
        f"them are wrong: the mean is at least {figure(low)}, whatever the right ones cost."
    )


def _too_high(pair: Pair, high: float) -> str:
    ceiling = pair.kind.bounds(pair.n_classes).maximum
    loss = pair.known_loss
    over = (
        f"{pair.kind.label[:1].upper()}{pair.kind.label[1:]} over "
        f"{count(pair.n_classes, 'class', 'classes')}"
    )
    if loss > ceiling:
        return (
            f"{over} can't exceed {figure(ceiling)}, whatever the predictions: at least "
            f"{loss_figure(loss - ceiling)} of the {loss_figure(loss)} is something else. At this "
            f"accuracy it can't exceed {figure(high)}."
        )
    return (
        f"{over} can't exceed {figure(high)} at this accuracy: at least "
        f"{loss_figure(loss - high)} of the {loss_figure(loss)} is something else."
    )
