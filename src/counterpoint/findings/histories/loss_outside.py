"""Where the last pair stands against calibrated models, shared by two diagnoses."""

from __future__ import annotations

import numpy as np

from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.pairs_of import Both, both_of
from counterpoint.findings.pairs.pair import Place
from counterpoint.theory.region import calibrated_losses

#: Where the rows are not counted, the loss is this far outside at least.
UNCOUNTED = 1.15


def outside(course: Course, place: Place) -> Both | None:
    """The split that judges whose last pair stands at a place, if there is one."""
    for both in both_of(course):
        if both.split == "train" or both.impossible[-1]:
            continue
        pair = both.end
        if pair.place != place or np.isnan(pair.band.low):
            continue
        low, high = map(float, pair.band)
        ratio = (
            pair.known_loss / max(high, 1e-12)
            if place == "above"
            else low / max(pair.known_loss, 1e-12)
        )
        if pair.samples is not None or ratio > UNCOUNTED:
            return both
    return None


def since(both: Both, place: Place) -> int:
    """Index from which on the pairs stand at that place, to the end."""
    low, high = calibrated_losses(both.accuracy.values, both.loss_name, both.classes)
    there = both.loss.values > high if place == "above" else both.loss.values < low
    there |= np.isnan(low)
    return int(len(there) - np.argmin(there[::-1])) % len(there) if not there.all() else 0
