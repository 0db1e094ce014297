"""Wrong training labels are learnt by heart, it seems.

**When it appears.** Accuracy on rows that judge peaks and then falls by three points or more,
beyond its noise, while training accuracy climbs by ten points or more past that moment, from a
level no higher than that of the other rows. A loss on these rows that ends at its least says
otherwise.

**Why.** Networks learn what rows have in common first and single rows later. Where some labels
are wrong, learning by heart costs accuracy elsewhere, more than ordinary over-fitting does (Arpit
and others 2017, arXiv 1706.05394).
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course, together
from counterpoint.findings.words import plain, share

summary = "Training accuracy climbs on where accuracy on other rows falls: wrong labels learnt by "
"heart."

_FELL, _CLIMBED = 0.03, 0.10
_FEWEST = 10


def find(course: Course) -> Finding | None:
    """Find a held-out accuracy that falls from its peak while training accuracy climbs past it."""
    if course.train_accuracy is None or course.held_accuracy is None:
        return None
    both = together(course.train_accuracy, course.held_accuracy)
    if both is None or len(both[0]) < _FEWEST:
        return None
    train, held = both
    peak = int(held.smooth.argmax())
    fell, climbed = float(held.smooth[peak]) - held.end, train.end - float(train.smooth[peak])
    rows, best = course.samples(course.held), float(held.smooth[peak])
    # Paired: of so many rows as many may flip as are wrong at either place.
    chance = (
        0.005
        if rows is None
        else max(math.sqrt(max(best * (1.0 - best), 0.0) / rows) / 2.0, 1.0 / rows)
    )
    beyond = 4.0 * held.error(chance)
    if fell < max(_FELL, beyond) or climbed < _CLIMBED or peak > 0.7 * len(held):
        return None
    if float(train.smooth[peak]) > float(held.smooth[peak]) + 0.1:
        return None
    loss = course.held_loss
    if loss is not None and loss.end <= loss.least:
        return None  # what is learnt holds: it is few rows whose accuracy falls
    return Finding(
        name="label_noise",
        level="caution",
        title=f"Wrong labels learnt by heart? {held.split.capitalize()} accuracy falls from "
        f"{share(float(held.smooth[peak]))} at {held.where(peak)} to {share(held.end)}",
        explanation=f"Training accuracy climbs from {share(float(train.smooth[peak]))} to "
        f"{share(train.end)} meanwhile. Ordinary over-fitting costs less accuracy than that.",
        evidence={
            "peak_at": held.place(peak),
            "fell": plain(fell),
            "train_climbed": plain(climbed),
        },
        since=held.where(peak),
        sure="likely",
        remedy=f"Take the weights of {held.where(peak)}. Look at the training rows with the "
        "highest loss at that moment: wrong labels gather there.",
        instead=("over-fitting of few rows", "a shift between the rows of training and validation"),
        doubt="The labels of the hundred costliest training rows at that moment, read by a "
        "person, would settle it.",
    )
