"""Gradients explode.

**When it appears.** A gradient norm exceeds 1,000, is infinite or NaN for good, or exceeds a
hundred times the median of all that went before it (three points at least), now or, if it exceeds
ten times the first, at any time before.

**Why.** A rate that is too high, recurrent layers without clipping, inputs that are not scaled, a
bad batch.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.words import figure, plain

summary = "Gradients explode."

_MOST, _TIMES, _BEFORE = 1e3, 100.0, 3
#: And of the first, where they grow steadily.
_OF_START = 10.0


def find(course: Course) -> Finding | None:
    """Find gradient norms that jump or are huge."""
    for norm in course.named("gradient_norm"):
        at = first_jump(norm)
        if at is not None:
            return _finding(norm, at)
    return None


def first_jump(norm: Curve) -> int | None:
    """Index of the first finite norm that is huge, in itself or beside those before it."""
    values = norm.finite.values
    if len(values) < _BEFORE + 1:
        return None
    thinned = np.unique(np.linspace(_BEFORE, len(values) - 1, 200).astype(int))
    before = np.interp(
        np.arange(len(values)), thinned, [float(np.median(values[:i])) for i in thinned]
    )
    # Of a steady growth half of what went before is never far below: its least level is.
    beyond = (values > _TIMES * np.minimum.accumulate(before)) & (values > _OF_START * values[0])
    jumps = (values > _TIMES * before) | beyond
    huge = (values > _MOST) | ((np.arange(len(values)) >= _BEFORE) & jumps)
    return int(np.argmax(huge)) if huge.any() else None


def _finding(norm: Curve, at: int) -> Finding:
    values = norm.finite.values
    usual = float(np.median(values))
    return Finding(
        name="exploding_gradients",
        level="caution",
        title=f"Gradients explode: norm {figure(float(values[at]))} at {norm.where(at)}, usually "
        f"{figure(usual)}",
        explanation=f"The greatest norm is {figure(float(values.max()))}; half of all are below "
        f"{figure(usual)}.",
        evidence={
            "first_at": norm.place(at),
            "greatest": plain(float(values.max())),
            "median": plain(usual),
        },
        since=norm.where(at),
        sure="measured",
        remedy="Clip the gradient's norm at a few times its usual value; lower or warm up the "
        "rate; scale the inputs.",
        instead=(
            "a rate that is too high",
            "single bad batches",
            "a loss that is a sum and not a mean",
        ),
        doubt="Whether the loss jumps at the same steps tells whether it does harm.",
    )
