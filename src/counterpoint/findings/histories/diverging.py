"""The training loss rises for good, beyond where it began or far beyond its best.

**When it appears.** The loss on training rows (where it is not logged, on others) ends at twice
its least level or more, or above its start, beyond its noise and still rising or standing, in a
run that does not return. A loss that swings at one height does not rise, however low it once was. A
rise in which accuracy holds is another finding, as is one that is proven to be penalty.

**Why.** Steps are too long for the curvature: a rate that is too high, a warm-up that is missing,
momentum, or a schedule that raises the rate.

**What to do.** Go back to before it with a lower rate; clip gradients.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import penalty_grows
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.trend import rises
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, plain, share

summary = "The training loss rises for good."

#: End against the least level.
_TWICE = 2.0
#: End against the start.
_ABOVE_START = 1.1
#: Standard deviations of the rise by Mann and Kendall's test.
_TREND = 2.0


def find(course: Course) -> Finding | None:
    """Find a training loss that ends far above its best."""
    loss = course.train_loss or course.held_loss
    if loss is None or len(loss.finite) < 3:
        return None
    grows = penalty_grows.find(course)
    if grows is not None and (loss.quantity == "loss" or grows.sure != "measured"):
        return None
    rise = loss.end - loss.least
    if not rises_for_good(loss):
        return None
    accuracy = course.train_accuracy or course.held_accuracy
    return Finding(
        name="diverging",
        level="problem",
        title=f"{capital(called(loss))} diverges: from {figure(loss.least)} at "
        f"{loss.where(loss.best)} to {figure(loss.end)}",
        explanation=f"It begins at {figure(loss.first)}, is least at {loss.where(loss.best)} and "
        f"ends {figure(rise)} higher."
        + (f" Accuracy ends at {share(accuracy.end)}." if accuracy is not None else ""),
        evidence={
            "first": plain(loss.first),
            "least": plain(loss.least),
            "least_at": loss.place(loss.best),
            "end": plain(loss.end),
        },
        since=loss.where(loss.best),
        sure="measured",
        remedy="Go back to before it with a lower rate (a third to a tenth), a warm-up or "
        "clipped gradients.",
        instead=(
            "a rate that is too high",
            "a penalty inside the loss that grows",
            "training rows that changed",
        ),
        doubt="Gradient norms and the rate by step would tell when it began and whether the rate "
        "did it; data loss and penalty apart, whether predictions get worse at all.",
    )


def rises_for_good(loss: Curve) -> bool:
    """Whether a loss ends far above its best, and does not return."""
    if loss.least <= 0.0 or loss.best >= len(loss.finite) - 1:
        return False
    rise, error = loss.end - loss.least, loss.error()
    start = max(loss.first, float(loss.smooth[0]))
    far = loss.end > _TWICE * loss.least or loss.end > _ABOVE_START * start
    late = loss.smooth[-max(2, len(loss.finite) // 5) :]
    lowest = float(np.min(late))
    # An exponential leaves most of its rise to its last points: far above all is enough.
    stays = lowest > loss.least + 0.3 * rise or lowest > max(_TWICE * loss.least, _TWICE * start)
    # Of a loss that swings the least level is a chance: it goes up from there, or beyond its start.
    after = loss.finite.values[loss.best :]
    steadily = len(after) > 2 and bool(np.all(np.diff(after) > 0.0))  # too few for a trend
    goes_up = lowest > start or steadily or rises(after, _TREND)
    clear = rise > 6.0 * error or (lowest > 1.5 * loss.least and goes_up)
    return far and clear and stays and rise > 0.1 * max(loss.first, 1e-12)
