"""The penalty grows by a steady factor: weights feed their own growth.

**When it appears.** The penalty, measured or at least as large as bounds of the data loss prove,
has more than doubled over four points or more, and the logarithm of its factor from point to
point does not fade: over the second half it is at least half of what it is over the first. Growth
by gradient noise is about linear, and the settling of fresh weights slows down: their factors
fade. Where the penalty is not logged, accuracy has to hold: otherwise the data loss fails. A
measured one that is under a thousandth of the objective to its end moves no weight: it grows as the
data loss moves them.

**Why.** Decay multiplies the weights at every step by 1 - rate·strength (for Nielsen's network 1
- ηλ/n). With the wrong sign, or with a strength for another n, that factor exceeds one, or falls
below minus one, and weights and penalty grow geometrically. Accuracy hides it: multiplying all
weights of the last layer by a constant flips no prediction.

**What to do.** Check the sign of the decay in the update line, and which n scales it. Print data
loss and penalty apart, and the norm of the weights by layer.
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.terms import Terms, penalties
from counterpoint.findings.histories.trend import Array
from counterpoint.findings.histories.words import capital
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, plain, share
from counterpoint.theory.proper_losses import proper_loss_named

summary = "The penalty grows by a steady factor, as with a decay of the wrong sign."

#: Points of which all belong to the growth.
_FEWEST = 4
#: Growth over all of them. In the tuning corpus fresh weights grow up to this much, fading.
_GREW = 2.0
#: What the logarithm of the factor may lose from the first half to the second.
_FADES = 0.8
#: Greatest factor from point to point. A decay of the wrong sign makes up to about four of it; an
#: update that overshoots makes 1e5.
_MOST = 100.0
#: Share of its best that accuracy keeps where the penalty is not measured but inferred.
_HOLDS = 0.85
#: What the rest of the loss falls by, over the growth of the penalty: 11 in a healthy run of the
#: tuning corpus whose network hesitated and then learnt, nothing with a wrong sign.
_PAYS = 5.0
#: Share of the objective below which a measured penalty drives nothing: weak ones of healthy runs
#: doubled at a millionth of it, those of a wrong sign that are to be found ended at 0.84 and more.
_SLIGHT = 1e-3
#: Growth over the second half.
_GREW_LATE = 1.5


@once
def find(course: Course) -> Finding | None:
    """Find a penalty that grows geometrically."""
    for terms in penalties(course):
        begin = _begin(terms)
        if begin is None or (terms.how == "measured" and _is_driven(terms, begin)):
            continue
        if terms.how == "measured" or _accuracy_holds(course, terms):
            return _finding(course, terms, begin)
    return None


def _is_driven(terms: Terms, begin: int) -> bool:
    """Whether the data loss moves the weights: it falls by far more, or is nearly all there is."""
    if terms.middle[-1] < _SLIGHT * terms.total[-1]:
        return True
    middle = begin + (len(terms.total) - begin) // 2
    rise = float(terms.middle[-1] - terms.middle[middle])
    fall = float((terms.total - terms.middle)[middle] - (terms.total - terms.middle)[-1])
    return fall > _PAYS * rise


def _accuracy_holds(course: Course, terms: Terms) -> bool:
    """Whether predictions stay as good: a loss that grows as they fail is no penalty."""
    accuracy, train = course.curve(terms.split, "accuracy"), course.train_loss
    accuracy = accuracy or course.held_accuracy
    if train is not None and train.end < 0.5 * train.first:
        return False  # both splits have the same weights
    return accuracy is None or accuracy.end > _HOLDS * float(accuracy.smooth.max())


def _begin(terms: Terms) -> int | None:
    """From where on it grows geometrically to the end; None where it does not."""
    known = np.isfinite(terms.total) & (terms.low > 0.0)
    begin = len(known) - int(np.argmin(known[::-1])) if not known.all() else 0
    size = len(known) - begin
    if size < _FEWEST:
        return None
    low, high, middle = (a[begin:] for a in (terms.low, terms.high, terms.middle))
    half = size // 2
    logs = np.log(middle)
    rising = np.mean(np.diff(logs) > 0.0)
    grew = low[-1] > _GREW * high[0]
    late = logs[-1] - logs[half] > math.log(_GREW_LATE)
    return begin if grew and late and rising >= 0.9 and _is_steady(logs) else None


def _is_steady(logs: Array) -> bool:
    """Whether the factor does not fade: from half to half, or once fresh weights have settled."""
    size = len(logs)
    if logs[-1] - logs[0] > math.log(_MOST) * (size - 1):
        return False
    return any(
        0.0
        < _FADES * (logs[middle] - logs[begin]) / (middle - begin)
        <= (logs[-1] - logs[middle]) / (size - 1 - middle)
        for begin, middle in ((0, size // 2), (size // 3, 2 * size // 3))
        if middle - begin >= _FEWEST // 2 and size - 1 - middle >= 1
    )


def _finding(course: Course, terms: Terms, begin: int) -> Finding:
    low, high, total = _at_least(course, terms), float(terms.high[-1]), float(terms.total[-1])
    steps = float(terms.at[-1] - terms.at[begin])
    logs = np.diff(np.log(terms.middle[begin:])) / np.diff(terms.at[begin:])
    factor = math.exp(float(np.log(terms.middle[-1] / terms.middle[begin])) / steps)
    least, most = math.exp(float(logs.min())), math.exp(float(logs.max()))
    unit = terms.unit
    amount = (
        f"The penalty is {figure(low)} of {figure(total)} at {terms.where(-1)}"
        if terms.how == "measured"
        else f"At {terms.where(-1)} at least {low:.1f} of {total:.1f} is penalty"
    )
    sentences = [
        f"{amount}{_because(course, terms)}. From {terms.where(begin)} on it grows by a factor of "
        f"{factor:.2f} each {unit} ({least:.2f} to {most:.2f}), "
        f"{figure(float(terms.low[-1] / terms.high[begin]))}-fold or more in all. That is "
        "positive feedback: gradient noise alone would make it grow about linearly.",
        _accuracy(course, terms),
        f"Weights that grow by {math.sqrt(factor):.2f} each {unit} do it: half the logarithm of "
        f"the factor, {figure(0.5 * math.log(factor))}, is what the decay in force adds each "
        f"{unit}; set it against steps per {unit} · rate · strength.",
    ]
    return Finding(
        name="penalty_grows",
        level="problem",
        title=f"The penalty grows by a steady factor of {factor:.2f} each {unit}; "
        f"{'it is' if terms.how == 'measured' else 'at least'} {low:.1f} of the last "
        f"{total:.1f}{'' if terms.how == 'measured' else ' is penalty'}",
        explanation=" ".join(filter(None, sentences)),
        evidence={
            "how": terms.how,
            "factor": plain(factor),
            "factor_least": plain(least),
            "factor_most": plain(most),
            "penalty_low": plain(low),
            "penalty_high": plain(high),
            "reported": plain(total),
            "decay_in_force": plain(0.5 * math.log(factor)),
        },
        since=terms.where(begin),
        sure=terms.sure,
        remedy="Look at the update line: the sign of the decay, and which n divides the "
        "strength. Stop this run; its accuracy will follow.",
        instead=(
            "decay of the wrong sign: weights are multiplied by 1 + rate·strength",
            "decay of the wrong scale: rate·strength above 2 multiplies them by less than minus "
            "one (strength not divided by n, or by another n than the update's)",
            "a rate so high that the weights run away without any decay",
        ),
        doubt=_doubt(course, terms),
    )


def _because(course: Course, terms: Terms) -> str:
    if terms.how == "measured":
        return ""
    here = figure(float(terms.total[-1] - terms.low[-1]))
    if terms.how == "proven":
        greatest = _ceiling(course)
        return (
            f", as the {course.loss_name} loss over {course.classes} classes cannot exceed "
            f"{figure(greatest)} (at this accuracy {here}, which leaves {terms.low[-1]:.1f})"
        )
    return (
        f", if the rest is a mean log loss: with probabilities clipped at 1e-7 it would be {here} "
        "at most"
    )


def _ceiling(course: Course) -> float:
    """The greatest value of the loss, whatever the accuracy."""
    assert course.loss_name is not None
    assert course.classes is not None
    return proper_loss_named(course.loss_name).bounds(course.classes).maximum


def _at_least(course: Course, terms: Terms) -> float:
    """Least penalty at the end that needs no accuracy, where that can be said."""
    if terms.how != "proven":
        return float(terms.low[-1])
    return float(terms.total[-1]) - _ceiling(course)


def _accuracy(course: Course, terms: Terms) -> str:
    accuracy = course.curve(terms.split, "accuracy") or course.held_accuracy
    if accuracy is None or len(accuracy.finite) < 2:
        return ""
    values = accuracy.finite.values
    return (
        f"{capital('accuracy')} hides it: it stays between {share(float(values.min()))} and "
        f"{share(float(values.max()))}, as larger weights alone flip no prediction."
    )


def _doubt(course: Course, terms: Terms) -> str:
    rows = course.samples(terms.split) or course.samples("validation")
    sizes = (
        " Two sizes n matter: that which divides the strength in the update (training rows) and "
        f"that in the printed cost{f' (perhaps the {rows:,} evaluated)' if rows else ''}; where "
        "they differ, the printed penalty is off by their ratio as well, which is a second, "
        "separate fault."
    )
    return (
        "The log alone does not say which of the causes it is. To be sure print, each "
        f"{terms.unit}: the data loss and the penalty apart, the norm of the weights by layer, "
        "and for one step the decay term beside the weights it is added to: its sign settles the "
        f"first, its size the second.{sizes}"
    )
