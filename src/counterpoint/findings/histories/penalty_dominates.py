"""Most of the reported loss is penalty: it shows the weights, not the predictions.

**When it appears.** The penalty is more than half of the objective at the end: measured where it is
logged, or proven where the data loss has a ceiling (as the quadratic and the Brier loss have) that
the reported number exceeds by as much. Where it is only likely, as log loss has no ceiling,
accuracy rises by a tenth while the number hardly moves: a loss that stays huge beside an accuracy
that stays too is a model that has not begun to learn. A validation penalty that is scaled by
another n, and a loss whose predictions are wrecked, do not count.

**What it means.** The reported loss follows the size of the weights. It may fall while
predictions get worse and rise while they get better. Where the penalty is meant to be that
strong, the data loss pays for it.

**What to do.** Report the data loss by itself, on all splits; weaken the penalty if the data loss
is poor.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import penalty_grows, penalty_other_n
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.pairs_of import both_of
from counterpoint.findings.histories.terms import Terms, penalties
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, percent, plain

summary = "Most of the reported loss is penalty."

#: Share of the objective from which on the penalty has the say.
_MOST = 0.5
#: An accuracy below which the data loss itself may be that large.
_PREDICTS = 0.5
#: What accuracy gains at least beside a number that hardly moves. Rates of next to nothing after an
#: exploding start, which are no penalty, gave up to 0.03.
_GAINS = 0.1


@once
def find(course: Course) -> Finding | None:
    """Find a penalty that is more than half of the objective at the end."""
    if penalty_grows.find(course) is not None:
        return None
    other_n = penalty_other_n.find(course) is not None
    for terms in penalties(course):
        if other_n and terms.split != course.trained:
            continue  # it is scaled by another n than what the update follows
        # A total below its own part is none: the part is then all there is.
        part = terms.low / np.maximum(np.maximum(terms.total, terms.low), 1e-300)
        if len(part) and part[-1] > _MOST and _is_penalty(course, terms):
            return _finding(course, terms, part)
    return None


def _is_penalty(course: Course, terms: Terms) -> bool:
    """Whether the excess is no sum or other unit of the data loss: that would fall with it."""
    if terms.how == "measured":
        return True
    if terms.how == "proven":
        both = next((each for each in both_of(course) if each.split == terms.split), None)
        return both is None or not both.is_scaled
    accuracy = course.curve(terms.split, "accuracy") or course.held_accuracy
    if accuracy is None or accuracy.end < _PREDICTS or np.ptp(accuracy.smooth) < _GAINS:
        return False
    return len(terms.total) >= 4 and bool(terms.total.min() > 0.9 * terms.total.max())


def _finding(course: Course, terms: Terms, part: np.ndarray) -> Finding:
    above = part > _MOST
    begin = len(above) - int(np.argmin(above[::-1])) if not above.all() else 0
    total, low = float(terms.total[-1]), float(terms.low[-1])
    at_least = "" if terms.how == "measured" else "at least "
    why = {
        "measured": "as logged",
        "proven": f"as the {course.loss_name} loss over {course.classes} classes cannot exceed "
        f"{figure(total - low)} at this accuracy",
        "clipped": f"if the rest is a mean log loss, which with probabilities clipped at 1e-7 is "
        f"{figure(total - low)} at most, and as the number hardly moves while accuracy does",
    }[terms.how]
    return Finding(
        name="penalty_dominates",
        level="caution" if terms.how == "measured" else "problem",
        title=f"Penalty is {at_least}{percent(float(part[-1]))} of the reported loss",
        explanation=f"Of {figure(total)} at {terms.where(-1)} {at_least}{figure(low)} is penalty, "
        f"or another term that is added: {why}. The data loss is "
        f"{'' if terms.how == 'measured' else 'at most '}{figure(total - low)}. So the curve "
        "shows the size of the weights rather than the predictions.",
        evidence={
            "how": terms.how,
            "share": plain(float(part[-1])),
            "penalty": plain(low),
            "reported": plain(total),
        },
        since=terms.where(begin),
        sure=terms.sure,
        remedy="Report the data loss by itself. Weaken the penalty if the data loss is poor.",
        instead=()
        if terms.how == "measured"
        else ("another constant or auxiliary term in the loss", "a sum over rows, not a mean"),
        doubt=""
        if terms.how == "measured"
        else "Data loss and penalty printed apart, once, would settle it.",
    )
