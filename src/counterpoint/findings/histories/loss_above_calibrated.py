"""The loss is more than a calibrated model of this accuracy has.

**When it appears.** K is known, and at the end the loss on rows that judge lies above the band of
calibrated models, beyond rounding and what chance gives over so many rows (where they are not
counted, by 15% at least). Where accuracy is below 1/K, which no calibrated model's is, the loss is
above the even guess's, which none exceeds, by as much.

**What it means.** Where the mistakes carry it the model is over-confident; where right
predictions alone cost too much it is too timid, or the number holds more than the loss (a
penalty, smoothed labels). Which of them is proven from the two numbers is said.

**What to do.** Divide the raw scores by one temperature found on rows set aside; report the data
loss over the true labels, without penalties.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import loss_impossible
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.loss_outside import UNCOUNTED, outside, since
from counterpoint.findings.histories.pairs_of import Both, both_of
from counterpoint.findings.pairs import implausible, over_confident, uncalibrated, under_confident
from counterpoint.findings.words import figure, plain, share

summary = "The loss is above that of any calibrated model of this accuracy."


def find(course: Course) -> Finding | None:
    """Find a last pair above the band."""
    both = outside(course, "above")
    if both is None:
        return _worse_than_guess(course)
    pair = both.end
    found = over_confident.find(pair) or under_confident.find(pair) or uncalibrated.find(pair)
    if found is None and loss_impossible.find(course) is None:
        found = implausible.find(pair)  # it blew up in the run: a few rows carry it
    if found is None:
        return None
    begin = both.loss.where(since(both, "above"))
    return replace(found, name="loss_above_calibrated", since=begin, sure="proven")


def _worse_than_guess(course: Course) -> Finding | None:
    """A loss above the even guess's, at an accuracy below it."""
    for both in both_of(course):
        pair = both.end
        if both.split == "train" or both.impossible[-1] or not np.isnan(pair.band.low):
            continue
        # The most that chance allows a calibrated model is at the accuracy of the guess.
        guessing = replace(pair, accuracy=pair.guess_accuracy)
        far = pair.samples is not None or pair.known_loss > UNCOUNTED * pair.uniform_guess
        if guessing.place == "above" and far:
            return _below_guess(both)
    return None


def _below_guess(both: Both) -> Finding:
    pair = both.end
    guess, loss, right = pair.uniform_guess, pair.known_loss, pair.known_accuracy
    return Finding(
        name="loss_above_calibrated",
        level="caution",
        title=f"{both.split.capitalize()} loss {figure(loss)} is above the even guess's "
        f"{figure(guess)}, at accuracy {share(right)}",
        explanation=f"Giving each of {pair.n_classes} classes the same probability would cost "
        f"{figure(guess)}, and be right on {share(pair.guess_accuracy)}. The predictions are worse "
        "than that in both: sure, and wrong.",
        evidence={"even_guess": plain(guess), "loss": plain(loss), "accuracy": plain(right)},
        since=both.loss.where(since(both, "above")),
        sure="proven",
        remedy="Look at why it is worse than a guess before anything else; scaling the raw scores "
        "towards zero would lower the loss to the even guess's.",
        instead=("weights that never moved from their start", "labels of another order"),
        doubt="The counts of each predicted class would tell a wrong order from one class.",
    )
