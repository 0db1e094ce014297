"""Nothing is learnt: neither loss nor accuracy moves beyond its noise.

**When it appears.** Over four points or more, and over the last four fifths of the run at least,
the loss moves by less than 3% and accuracy by less than its noise, and the accuracy is one that
guessing gives. (A run that is done after one epoch stands too; its accuracy is better.) A loss
alone that falls steadily does not stand, however little it falls. The end of a longer log tells
nothing of what was learnt before it, unless the number of classes is known. Where the loss is
that of the even guess, or accuracy one constant number, those findings are given instead.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import accuracy_at_base_rate
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.loss_at_uniform import INSTEAD, REMEDY
from counterpoint.findings.histories.stuck import stuck_of
from counterpoint.findings.histories.words import called
from counterpoint.findings.words import plain

summary = "Neither loss nor accuracy moves beyond its noise."


def find(course: Course) -> Finding | None:
    """Find a run in which nothing moves and that is stuck at nothing known."""
    stuck = stuck_of(course)
    if stuck is None or stuck.classes is not None or accuracy_at_base_rate.find(course):
        return None
    parts = [
        f"{called(c)} goes from {c.first:.4g} to {c.end:.4g}"
        if len(c.finite) > 1
        else f"{called(c)} is {c.end:.4g}"
        for c in (stuck.loss, stuck.accuracy)
        if c is not None
    ]
    one = stuck.loss or stuck.accuracy
    assert one is not None
    return Finding(
        name="not_learning",
        level="problem",
        title="Nothing is learnt: " + " and ".join(parts),
        explanation=f"Over {len(one.finite)} points nothing moves beyond its noise.",
        evidence={
            "loss_end": None if stuck.loss is None else plain(stuck.loss.end),
            "accuracy_end": None if stuck.accuracy is None else plain(stuck.accuracy.end),
        },
        since=one.where(0),
        sure="measured",
        remedy=REMEDY,
        instead=INSTEAD,
        doubt="Gradient norms and update ratios by layer would tell whether the weights move at "
        "all.",
    )
