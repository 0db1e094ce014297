"""Training is learnt, and on other rows nothing of it holds: accuracy stays at chance.

**When it appears.** Training accuracy has risen far, and accuracy on the rows that judge neither
rises beyond its noise nor is above the base rate: 1/K where K is known, else half of the training
accuracy or less.

**What it means.** What is learnt has nothing to do with the rows that judge: shuffled or shifted
labels, labels of another file, rows preprocessed in another way, an evaluation that restores no
weights or stays in another mode.

**What to do.** Evaluate the training rows with the evaluation code. If they come out at chance
too, the evaluation is at fault; if not, the labels or the preprocessing of the other rows are, or
the training labels were random.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.once import once
from counterpoint.findings.words import plain, share

summary = "Training is learnt while accuracy on other rows stays at chance."

#: What training accuracy has risen by, at least.
_LEARNT = 0.15
#: How far above 1/K is still chance, as a share of it; for unbalanced classes.
_CHANCE = 1.2
#: Rows that are taken where they are not counted.
_ROWS = 500


@once
def find(course: Course) -> Finding | None:
    """Find accuracy on other rows at chance beside a training that learnt."""
    train, held = course.train_accuracy, course.held_accuracy
    if train is None or held is None or train is held or min(len(train), len(held)) < 3:
        return None
    rose = float(train.smooth.max()) - train.first
    moved = abs(held.end - held.first) > 3.0 * held.error(0.01)
    chance = _chance(course) if course.classes else 0.5 * train.end
    learnt = 0.5 if course.classes is None else _LEARNT + chance
    if moved or train.end < learnt or rose < _LEARNT or held.end > chance:
        return None
    if not course.classes and float(held.smooth.max()) > 1.5 * max(train.first, held.first):
        return None
    return Finding(
        name="labels_unrelated",
        level="problem",
        title=f"Training accuracy reaches {share(train.end)}, {held.split} accuracy stays at "
        f"chance ({share(held.end)})",
        explanation=f"Training accuracy goes from {share(train.first)} to {share(train.end)}; on "
        f"{held.split} rows it is {share(held.first)} at first and {share(held.end)} at the end, "
        "which is no more than guessing gives.",
        evidence={
            "train_end": plain(train.end),
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


def _chance(course: Course) -> float:
    """Accuracy that chance gives, by unbalanced classes and by so many rows."""
    assert course.classes is not None
    even = 1.0 / course.classes
    rows = course.samples(course.held) or _ROWS
    return _CHANCE * even + 2.0 * math.sqrt(even * (1.0 - even) / rows)
