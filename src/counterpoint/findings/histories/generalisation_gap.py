"""Training rows are fitted much better than others, though the validation loss has not turned.

**When it appears.** At the end accuracy on training rows is at least 8 points above that on the
rows that judge, and beyond the noise of both.

Where training accuracy is not logged, a bound will do: a wrong prediction costs log loss of ln 2 at
least, so that a training loss t leaves no more than t / ln 2 of the rows wrong.

**What it means.** Some gap is the rule. One of this size says that much of what is learnt holds
for the training rows only; more data, augmentation or a stronger penalty may close a part of it.
The validation loss may still be falling: then the gap costs nothing yet.
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import labels_unrelated, over_fitting
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.histories.turn import turn_of
from counterpoint.findings.histories.words import capital
from counterpoint.findings.words import figure, plain, share

summary = "Accuracy on training rows is far above that on others, which has not turned."

#: Of 25 real logs with final values alone those that a reader called over-fitted have gaps
#: of 9.1 points and more, those called healthy 7.3 and less.
_GAP = 0.08
#: What a wrong prediction costs at least.
_WRONG = math.log(2.0)
#: Where the loss has turned that says as much already, unless the gap is this large.
_BESIDE_A_TURN = 0.15


def find(course: Course) -> Finding | None:
    """Compare accuracies at the end."""
    train, held = course.train_accuracy, course.held_accuracy
    if held is None or train is held or over_fitting.find(course) is not None:
        return None
    if labels_unrelated.find(course) is not None:
        return None
    right = train.end if train is not None else _at_least(course, held)
    if right is None:
        return None
    gap = right - held.end
    least = _GAP if turn_of(course) is None else _BESIDE_A_TURN
    error = 0.0 if train is None else train.error()
    if gap < least or gap < 3.0 * (error**2 + held.error() ** 2) ** 0.5:
        return None
    at_least = "" if train is not None else "at least "
    losses = course.train_loss, course.held_loss
    about = (
        f" Loss: {figure(losses[0].end)} against {figure(losses[1].end)}."
        if losses[0] is not None and losses[1] is not None
        else ""
    )
    return Finding(
        name="generalisation_gap",
        level="caution",
        title=f"{capital(at_least)}{100 * gap:.1f} points between training and {held.split} "
        "accuracy",
        explanation=f"Accuracy ends at {at_least}{share(right)} on training rows and "
        f"{share(held.end)} on {held.split} rows.{about}",
        evidence={"gap": plain(gap), "train": plain(right), "held": plain(held.end)},
        since=held.where(-1),
        sure="measured" if train is not None else "likely",
        remedy="More data, augmentation or a stronger penalty; compare by the validation loss.",
        instead=(
            "rows that judge are harder or of another source",
            "training numbers are an average over augmented rows, so that the real gap is larger "
            "still",
        ),
        doubt="" if len(held.finite) > 3 else "The curves would tell whether it is still growing.",
    )


def _at_least(course: Course, held: Curve) -> float | None:
    """The least accuracy of training rows that their loss allows, if both are log losses."""
    train, judged = course.train_loss, course.curve(held.split, "loss")
    if train is None or judged is None or train is judged or course.assumed_loss != "log":
        return None
    if train.end <= 0.0 or judged.end < _WRONG * (1.0 - held.end):
        return None  # less than what its own mistakes cost: another loss
    return 1.0 - train.end / _WRONG
