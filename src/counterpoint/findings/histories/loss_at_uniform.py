"""The loss is stuck at that of the even guess, ln K for log loss: nothing was learnt.

**When it appears.** Over the last four fifths of the run, or more, the loss stays within 1.5% of
the even guess's and accuracy does not move. Where K is not given it is read from the loss, if
that is the logarithm of a whole number and accuracy goes with it.

**Why.** The model gives all classes the same probability: no gradient reaches the weights (dead
units, saturated outputs, a rate of zero), features carry nothing (all zero, or shuffled against
the labels), or the penalty holds all weights at zero.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.stuck import Stuck, stuck_of
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, plain, share
from counterpoint.theory.proper_losses import proper_loss_named

summary = "The loss is stuck at that of the even guess over K classes."

REMEDY = (
    "Train on ten rows alone, without penalty: they must be learnt by heart. If they are not, "
    "look at the gradient norms of each layer, the rate, and whether the optimiser holds these "
    "weights."
)
INSTEAD = (
    "labels shuffled against the rows, or features that say nothing",
    "a rate far too low, or so high that all units died in the first steps",
    "a penalty that holds all weights at zero",
)


def find(course: Course) -> Finding | None:
    """Find a loss at the even guess."""
    stuck = stuck_of(course)
    if stuck is None or stuck.classes is None or stuck.loss is None:
        return None
    loss = stuck.loss
    name = course.loss_name or "log"
    guess = proper_loss_named(name).even_guess(stuck.classes)
    at = f"ln {stuck.classes}" if name == "log" else "the even guess"
    return Finding(
        name="loss_at_uniform",
        level="problem",
        title=f"{capital(called(loss))} is stuck at {at} = {figure(guess)}: nothing is learnt",
        explanation=f"Over {len(loss.finite)} points it goes from {figure(loss.first)} to "
        f"{figure(loss.end)}; giving each of {stuck.classes} classes the same probability costs "
        f"{figure(guess)}."
        + (f" {_accuracy(stuck)}" if stuck.accuracy is not None else "")
        + (" K was read from the loss; --classes says it." if stuck.inferred else ""),
        evidence={
            "even_guess": plain(guess),
            "loss": plain(loss.end),
            "classes": stuck.classes,
            "accuracy": None if stuck.accuracy is None else plain(stuck.accuracy.end),
        },
        since=loss.where(0),
        sure="measured",
        remedy=REMEDY,
        instead=INSTEAD,
        doubt="Gradient norms by layer would tell whether anything reaches the weights.",
    )


def _accuracy(stuck: Stuck) -> str:
    assert stuck.accuracy is not None
    return f"Accuracy stays at {share(stuck.accuracy.end)}."
