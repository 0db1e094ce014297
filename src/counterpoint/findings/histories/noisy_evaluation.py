"""The numbers on rows that judge jump about far more than training does.

**When it appears.** After the first fifth, accuracy on the rows that judge swings by at least 1.5
points (standard deviation) and by more than twice what training accuracy swings by; without
accuracies, the loss by 15% of its level and twice training's. Where the rows are counted,
the part that so many rows swing by on their own, at most √(a(1-a)/n), is told.

**What it means.** Single epochs can not be compared: the best of them is partly luck.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.swings import swings_of
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import count, figure, plain

summary = "Validation numbers jump about far more than training does."

_ACCURACY, _LOSS = 0.015, 0.15
_TIMES = 2.0


def find(course: Course) -> Finding | None:
    """Find held-out curves that are noisier than training's."""
    for held, train, least in (
        (course.held_accuracy, course.train_accuracy, _ACCURACY),
        (course.held_loss, course.train_loss, _LOSS),
    ):
        if held is None:
            continue
        mine = swings_of(held)
        theirs = swings_of(train) if train is not None and train.quantity[:5] != "batch" else None
        if mine is None:
            continue
        size = mine.noise if "accuracy" in held.quantity else mine.of_level
        other = 0.0
        if theirs is not None:
            other = theirs.noise if "accuracy" in held.quantity else theirs.of_level
        if size > least and size > _TIMES * other and mine.turns > 0.35:
            return _finding(course, held, mine.noise, None if theirs is None else theirs.noise)
    return None


def _finding(course: Course, held: Curve, noise: float, other: float | None) -> Finding:
    rows = course.samples(course.held)
    chance = ""
    by_rows = None
    if rows and "accuracy" in held.quantity:
        by_rows = math.sqrt(held.end * (1.0 - held.end) / rows)
        chance = f" {count(rows, 'row')} alone would give at most {figure(by_rows)}."
    return Finding(
        name="noisy_evaluation",
        level="note",
        title=f"{capital(called(held))} jumps about by {figure(noise)} from one evaluation to the "
        "next",
        explanation=f"Around its course it swings by {figure(noise)} (standard deviation)"
        + (f", in training by {figure(other)}" if other is not None else "")
        + f".{chance} So single evaluations can not be compared, and the best of them is partly "
        "luck.",
        evidence={"noise": plain(noise), "train_noise": other, "noise_of_rows": by_rows},
        since=held.where(len(held.finite) // 5),
        sure="measured",
        remedy="Judge by an average over several evaluations, or by weights that are averaged; "
        "use more validation rows.",
        instead=(
            "few validation rows",
            "a rate that is high for the end of a run",
            "batch statistics that lag behind the weights",
        ),
        doubt="The number of validation rows (--samples) tells how much of it is chance."
        if rows is None
        else "",
    )
