"""The loss stands still while accuracy of the same rows moves.

**When it appears.** Over half of the run or more (six points at least) the loss stays within 2%
of its level and shows no more than that, while accuracy of the same rows moves by five points or
more beyond its noise, or ranges over ten.

**Why.** A loss that does not follow its own predictions holds something else that outweighs them:
a penalty or a constant term; or it is saturated or clipped; or the two numbers are not of the
same rows.
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, percent, plain, share

summary = "The loss stands still while accuracy of the same rows moves."

_STANDS = 0.02
_MOVES = 0.05
_FEWEST = 12
#: Rows that are taken where they are not counted.
_ROWS = 500


def find(course: Course) -> Finding | None:
    """Find a second half in which loss stands and accuracy moves."""
    for split in dict.fromkeys((course.held, course.trained)):
        both = course.pair(split)
        if both is None or len(both[0]) < _FEWEST:
            continue
        loss, accuracy = (curve.last(0.5) for curve in both)
        span = float(np.ptp(loss.values)) / max(abs(float(np.median(loss.values))), 1e-12)
        moves = float(accuracy.smooth[-1] - accuracy.smooth[0])
        ranges = float(np.ptp(accuracy.values))
        # How it jumps from point to point is not chance: the rows are the same ones.
        by_chance = 4.0 * math.sqrt(0.25 / (course.samples(split) or _ROWS))
        if span > _STANDS or (abs(moves) < _MOVES and ranges < 2.0 * _MOVES):
            continue
        if ranges < by_chance:
            continue
        return Finding(
            name="loss_flat_accuracy_moves",
            level="caution",
            title=f"{capital(called(loss))} stands at {figure(loss.end)} while accuracy moves "
            f"between {share(float(accuracy.smooth.min()))} and "
            f"{share(float(accuracy.smooth.max()))}",
            explanation=f"Since {loss.where(0)} the loss stays within {percent(span)} of its "
            "level. A loss that does not follow its own predictions holds something else that "
            "outweighs them, or is of something else.",
            evidence={"loss_span": plain(span), "accuracy_change": plain(moves)},
            since=loss.where(0),
            sure="measured",
            remedy="Print the data loss by itself, of the same rows and the same mode as the "
            "accuracy.",
            instead=(
                "a penalty or a constant term in the loss",
                "probabilities that are saturated or clipped",
                "numbers of other rows",
            ),
            doubt="The data loss alone, over the rows of the accuracy, would settle it.",
        )
    return None
