"""Single jumps of the loss that recover.

**When it appears.** A value of the training loss (else the other) stands above its neighbours by
more than eight standard deviations of the noise, by more than half of the level there and by a
fiftieth of the first value, and the run returns to its course. It stands above the three values
before it too, as a fall that ends does not, and above what is noise as a share of the level.

**Why.** A bad batch, a rate on the edge of what is stable, or half precision; with Adam, a second
moment that has become too small.

**What to do.** Rare ones cost little. Clip gradients or lower the rate where they grow in number
or size.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.diverging import rises_for_good
from counterpoint.findings.histories.trend import noise
from counterpoint.findings.histories.words import called
from counterpoint.findings.words import count, figure, listing

summary = "Single jumps of the training loss that recover."

_DEVIATIONS = 8.0
#: Standard deviations of the logarithm's noise: a loss of rows that are learnt by heart swings in
#: proportion to itself. Such swings had 3.4 at most, jumps after a bad step 39 and more.
_OF_SHARE = 8.0
_OF_LEVEL = 0.5
#: Share of the first value below which no jump matters: losses of rows that are learnt by heart
#: jump by less than that in the tuning corpus.
_OF_FIRST = 0.02
_FEWEST = 8
#: More than this share of the points is no longer single.
_SINGLE = 0.05


def find(course: Course) -> Finding | None:
    """Find single jumps."""
    loss = course.train_loss
    if (
        loss is None
        or loss.quantity == "batch_loss"
        or len(loss.finite) < _FEWEST
        or rises_for_good(loss)
    ):
        return None
    jumps = spikes_of(loss)
    if not len(jumps) or len(jumps) > max(2, _SINGLE * len(loss.finite)):
        return None
    values = loss.finite.values
    places = [f"{loss.where(int(i))} ({figure(float(values[i]))})" for i in jumps]
    return Finding(
        name="spikes",
        level="caution",
        title=f"{count(len(jumps), 'jump')} of the {called(loss)}, the first at "
        f"{loss.where(int(jumps[0]))}",
        explanation=f"It jumps at {listing(places)} and returns; its noise is "
        f"{figure(loss.noise)}.",
        evidence={"at": [loss.place(int(i)) for i in jumps[:20]], "noise": loss.noise},
        since=loss.where(int(jumps[0])),
        sure="measured",
        remedy="Clip gradients, or lower the rate, where they grow in number or size.",
        instead=(
            "single bad batches",
            "a rate on the edge of what is stable",
            "an overflow in half precision",
        ),
        doubt="Gradient norms and the rows of those batches would tell a bad batch from a rate "
        "that is too high.",
    )


def spikes_of(curve: Curve) -> npt.NDArray[np.intp]:
    """Indices of values far above the running median of five, which recover."""
    values = curve.finite.values
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, 2, mode="edge"), 5)
    level = np.median(around, axis=1)
    above = values - level
    found = (above > _DEVIATIONS * max(curve.noise, 1e-9)) & (above > _OF_LEVEL * np.abs(level))
    found &= above > _OF_FIRST * abs(float(values[0]))
    before = np.lib.stride_tricks.sliding_window_view(np.pad(values, (3, 0), mode="edge"), 3)
    fallen_to = np.median(before, axis=1)[:-1]
    found &= values - fallen_to > _OF_LEVEL * np.abs(fallen_to)
    if values.min() > 0.0:
        logs = np.log(values)
        found &= logs - np.log(level) > _OF_SHARE * noise(logs)
    found[0] = found[-1] = False
    return np.flatnonzero(found)
