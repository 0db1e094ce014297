"""The first loss is far above that of an even guess: a bad start.

**When it appears.** At the first point the loss (of training, else of other rows) is more than
three times that of giving all K classes the same probability. Where K is not known, and an accuracy
is there: three times that of a thousand classes, 20.7, or of as many sigmoids, 1/2 each, as the
first accuracy hints at, if that is more. A loss that stays there though most rows are right, at an
accuracy that moves, is on another scale, and no bad start.

**Why.** Fresh weights that are too large, inputs that are not scaled, or a first step that was
far too long; a penalty inside the loss does it too. What is lost in epochs is mostly made good;
with some activations units die of it for good.
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import loss_impossible, penalty_dominates, penalty_grows
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, plain
from counterpoint.theory.proper_losses import proper_loss_named

summary = "The first loss is far above that of an even guess."

_TIMES = 3.0
#: No class of up to a thousand has an even guess beyond ln 1000 = 6.9. A sum of binary
#: cross-entropies does: over 26 classes healthy runs began at 18.
_MOST_CLASSES = 1_000
#: A loss that keeps more than this share, beside an accuracy that is no guess, has another scale.
_STAYS = 0.5
#: An accuracy that is no guess, over 1/K; and what one moves by that is not one class's share.
_ABOVE_GUESS, _MOVES = 1.5, 0.01


def find(course: Course) -> Finding | None:
    """Compare the first loss with the even guess."""
    loss = course.train_loss or course.held_loss
    if loss is None or course.assumed_loss is None:
        return None
    known = course.classes is not None
    if not known and course.train_accuracy is None and course.held_accuracy is None:
        return None
    guess = (
        # Fresh sigmoids say 1/2 of each class, which costs more than 1/K.
        proper_loss_named(course.assumed_loss).bounds(course.classes).uniform_guess
        if course.classes is not None
        else _guess_of_unknown(course)
    )
    stays = loss.end > _STAYS * loss.first and not _breaks(loss)
    if loss.first < _TIMES * guess or (stays and _is_right(course)):
        return None
    if penalty_grows.find(course) or penalty_dominates.find(course):
        return None
    impossible = loss_impossible.find(course)
    if impossible is not None and impossible.sure == "proven":
        return None
    against = (
        f"the even guess over {course.classes} classes costs {figure(guess)}"
        if known
        else f"an even guess costs {figure(guess)} at most"
    )
    return Finding(
        name="bad_start",
        level="caution",
        title=f"{capital(called(loss))} begins at {figure(loss.first)}, where {against}",
        explanation=f"It ends at {figure(loss.end)}. A fresh model that knows nothing "
        "should cost about the even guess; more means that it is sure of wrong answers from the "
        "start.",
        evidence={
            "first": plain(loss.first),
            "even_guess": plain(guess) if known else None,
            "end": plain(loss.end),
        },
        since=loss.where(0),
        sure="measured" if known else "likely",
        remedy="Scale the inputs (mean 0, deviation 1); use the usual initialisation for the "
        "activation; warm the rate up.",
        instead=(
            "inputs that are not scaled",
            "fresh weights that are too large",
            "first steps that were too long",
            "a sum over rows, or a penalty, in the loss",
        ),
        doubt="The loss before the first step would tell fresh weights from first steps.",
    )


def _guess_of_unknown(course: Course) -> float:
    """The most that an even guess costs: of a thousand classes, or of sigmoids for 1/accuracy."""
    firsts = [a.first for a in (course.train_accuracy, course.held_accuracy) if a is not None]
    classes = 1.0 / min(1.0, max([*firsts, 1.0 / _MOST_CLASSES]))
    return max(math.log(_MOST_CLASSES), classes * math.log(2.0))


def _is_right(course: Course) -> bool:
    """Whether accuracy ends above what guessing gives, and is not one class's share."""
    accuracy = course.train_accuracy or course.held_accuracy
    guess = 1.0 / (course.classes or 2)
    if accuracy is None or accuracy.end <= _ABOVE_GUESS * guess:
        return False
    return bool(np.ptp(accuracy.finite.values) > _MOVES)


def _breaks(loss: Curve) -> bool:
    """Whether a loss stops being a number: its last one is no end that it stays at."""
    return len(loss.finite) < len(loss)
