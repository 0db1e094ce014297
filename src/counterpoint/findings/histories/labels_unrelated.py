"""Training is learnt, and on other rows nothing of it holds: accuracy stays at chance.

**When it appears.** Training is learnt: its accuracy ends far above chance, or, where none is
logged, its loss below half of what guessing costs (where K is not known, of where it began).
Accuracy on the rows that judge ends no higher than chance and does not rise beyond its noise; to
rise from below chance to it is no rise. The loss on these rows must not say that something holds:
that it falls to the end, or, where K and the loss are known and chance is about 1/K, that it once
was well below the even guess's, and accuracy ends above 1/K by two errors of its rows.
Chance is 1/K and more, for classes that are not alike (a fifth) and for few rows (two errors, both
together as the root of their squares). It is the commonest class's share
where accuracy begins at it and falls by five points, and the loss on the same rows is least at
first and never below what guessing that share costs (of three classes and more, where training
accuracy begins there too). Of four and more it is 1.6/K, if the loss is least at first and never
far below the even guess's.
Where K is not known, it is that of any number of classes at which the accuracy is chance; then the
loss on the same rows must say so too: least in the first fifth of the run, and never below the even
guess over so many classes. Where no loss is logged, it is half of a training accuracy that rose, of
which the other has no part.

**What it means.** What is learnt has nothing to do with the rows that judge: shuffled or shifted
labels, labels of another file, rows preprocessed in another way, an evaluation that restores no
weights or stays in another mode.

**What to do.** Evaluate the training rows with the evaluation code. If they come out at chance
too, the evaluation is at fault; if not, the labels or the preprocessing of the other rows are, or
the training labels were random.
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.chance import (
    ERRORS,
    LEARNT,
    RISES,
    ROWS,
    UNALIKE,
    chances,
    guess_of,
)
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, plain, share

summary = "Training is learnt while accuracy on other rows stays at chance."

#: The share of the even guess's loss (or of the first) that a training loss keeps that has learnt.
_KEEPS = 0.5
#: What a loss falls by to the end that knows something of these rows: those of unrelated labels
#: are least in the first half. And the share of the even guess's below which it knows, where no
#: class has more than 1.2/K: two classes of 0.6 and 0.4 have 0.97 of it. Of few rows it may be a
#: chance (0.93 with shuffled labels, at 1.2 errors above 1/K), so accuracy has to say so as well:
#: rows that are hard to tell apart had 0.92 and 0.94, at 2.4 and 3.3 errors.
_FALLS, _KNOWS, _BEYOND = 0.01, 0.95, 2.0
#: Rows of which fewer tell nothing of chance.
_FEWEST_ROWS = 50


@once
def find(course: Course) -> Finding | None:
    """Find accuracy on other rows at chance beside a training that learnt."""
    train, held = course.train_accuracy, course.held_accuracy
    if held is None or held is train or len(held.finite) < 3:
        return None
    if (course.samples(course.held) or ROWS) < _FEWEST_ROWS:
        return None
    if _falls_to_the_end(course):
        return None
    at = (
        chance
        for chance in chances(course, held)
        if _stays_at(course, held, chance) and not _knows(course, chance)
    )
    learnt = next(filter(None, (_learnt(course, chance) for chance in at)), None)
    return None if learnt is None else _finding(course, held, *learnt)


def _stays_at(course: Course, held: Curve, chance: float) -> bool:
    """Whether accuracy ends no higher than chance, and did not rise to it beyond its noise."""
    if max(held.end, float(np.median(held.finite.values))) > chance:
        return False
    rows = course.samples(course.held) or ROWS
    by_rows = ERRORS * math.sqrt(2.0 * chance * (1.0 - chance) / rows)
    # From below chance to chance is no rise.
    begin = max(float(held.smooth[0]), chance / UNALIKE if course.classes else 0.0)
    return held.end - begin <= max(RISES, by_rows, 3.0 * held.error())


def _falls_to_the_end(course: Course) -> bool:
    """Whether the loss of the rows that judge is least in the second half, beyond its noise."""
    loss = course.held_loss
    if loss is None or loss is course.train_loss or len(loss.finite) < 4:
        return False
    fall = float(loss.smooth[0]) - loss.least
    late = loss.best > len(loss.finite) // 2
    return late and fall > max(3.0 * loss.error(), _FALLS * abs(loss.first))


def _knows(course: Course, chance: float) -> bool:
    """Whether the loss was once below what guessing costs that is right by chance so often."""
    loss, right, classes = course.held_loss, course.held_accuracy, course.classes
    if loss is None or right is None or classes is None or course.loss_name is None:
        return False
    even, rows = 1.0 / classes, course.samples(course.held) or ROWS
    if right.end < even + _BEYOND * math.sqrt(even * (1.0 - even) / rows):
        return False
    if chance > UNALIKE * even + math.sqrt(1.0 / rows):
        return False  # the commonest class's share, with which its loss was compared already
    # A binary cross-entropy of two classes may be summed over two outputs.
    name = "bce" if course.facts.get("loss") == "bce" else course.loss_name
    guess = guess_of(name, even, classes)
    return bool(loss.finite.values.min() < _KNOWS * guess)


def _learnt(course: Course, chance: float) -> tuple[str, str] | None:
    """What training learnt beyond chance, as a title and in full; None where it did not."""
    train, loss = course.train_accuracy, course.train_loss
    if train is not None:
        if len(train.finite) < 3 or train.end < chance + LEARNT:
            return None
        return (
            f"Training accuracy reaches {share(train.end)}",
            f"Training accuracy goes from {share(train.first)} to {share(train.end)}",
        )
    if loss is None or len(loss.finite) < 3 or loss.end > _KEEPS * _begin(course, loss, chance):
        return None
    return (
        f"Training loss falls to {figure(loss.end)}",
        f"Training loss goes from {figure(loss.first)} to {figure(loss.end)}",
    )


def _finding(course: Course, held: Curve, title: str, learnt: str) -> Finding:
    train = course.train_accuracy
    return Finding(
        name="labels_unrelated",
        level="problem",
        title=f"{title}, {held.split} accuracy stays at chance ({share(held.end)})",
        explanation=f"{learnt}; on {held.split} rows accuracy is {share(held.first)} at first and "
        f"{share(held.end)} at the end, which is no more than guessing gives.",
        evidence={
            "train_end": None if train is None else plain(train.end),
            "held_first": plain(held.first),
            "held_end": plain(held.end),
            "classes": course.classes,
        },
        since=held.where(0),
        sure="measured",
        remedy="Evaluate the training rows with the evaluation code, before anything else.",
        instead=(
            "an evaluation bug: other preprocessing, another mode, weights not restored, labels "
            "of another order",
            "shuffled training labels, which a large model memorises",
            "rows of another source",
        ),
        doubt="The training rows' accuracy as the evaluation code measures it would settle it.",
    )


def _begin(course: Course, loss: Curve, chance: float) -> float:
    """What a training loss began at, or what guessing with this chance costs."""
    if course.classes is None or course.assumed_loss is None:
        return loss.first
    return guess_of(course.assumed_loss, max(chance, 1.0 / course.classes), course.classes)
