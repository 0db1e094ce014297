"""A loss, an accuracy or the gradient is no number, or infinite.

**When it appears.** At the first such value of any loss or accuracy; and where a gradient's norm
was not finite at the last three points. Where such values stand before all others it is a caution:
the mean of nothing is NaN too. (A scaled loss in half precision skips single ones, which
is as it should be.)

**Why.** Mostly a rate that is too high; else a logarithm of zero, a division by zero (an empty
batch or class), an overflow in half precision, or such a value among the inputs.

**What to do.** What follows in the run is lost. Go back to the last checkpoint before it, with a
lower rate or clipped gradients; check the inputs for NaN first.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve, where
from counterpoint.findings.histories.words import called, capital, last
from counterpoint.findings.words import count

summary = "A loss, an accuracy or the gradient's norm is NaN or infinite."

#: Gradient norms at the end that are not finite.
_FEWEST = 3


def find(course: Course) -> Finding | None:
    """Find the first value that is not finite."""
    broken = [curve for curve in course.measured() if len(curve.finite) < len(curve)]
    broken = broken or _gradients(course)
    if not broken:
        return None
    first = min(broken, key=lambda curve: (_index(curve) / len(curve), curve.split != "train"))
    index = _index(first)
    lost = len(first) - len(first.finite)
    rest = first.finite
    before_all = bool(len(rest)) and index == 0 and bool(np.isfinite(first.values[lost:]).all())
    for_good = not np.isfinite(first.values[index:]).any()
    before = Curve(first.split, first.quantity, first.at[:index], first.values[:index], first.unit)
    since = where(float(first.at[index]), first.unit)
    broke = first.values[index]
    said = f"{capital(called(first))} is {'NaN' if np.isnan(broke) else format(broke, 'g')}"
    return Finding(
        name="not_finite",
        level="caution" if before_all else "problem",
        title=f"{said} from {since} on" if for_good else f"{said} at {since}",
        explanation=f"{count(lost, 'value')} of {len(first)} are not finite"
        + (f"; before: {last(before)}." if index else ", the first among them.")
        + (" All that come after are: perhaps nothing was measured yet." if before_all else "")
        + _others(broken, first),
        evidence={"first_at": float(first.at[index]), "count": lost, "for_good": for_good},
        since=since,
        sure="measured",
        remedy="Go back to the last checkpoint before it with a lower rate (a tenth) or clipped "
        "gradients, after a look for NaN among the inputs.",
        instead=(
            "a rate that is too high",
            "a logarithm of zero or a division by zero",
            "NaN among the inputs",
            "an overflow in half precision",
        ),
        doubt="The gradient norms of the steps before it tell a rate that is too high (they "
        f"grow) from the others{_norms_before(course, first, index)}.",
    )


def _norms_before(course: Course, first: Curve, index: int) -> str:
    """Those that the log has."""
    norms = next((c for (_, name), c in course.curves.items() if name == "gradient_norm"), None)
    if norms is None or norms.unit != first.unit:
        return ""
    before = norms.at < first.at[index]
    shown = last(replace(norms, at=norms.at[before], values=norms.values[before]))
    return f": here {shown}" if shown else ""


def _gradients(course: Course) -> list[Curve]:
    """Gradient norms that are not finite any more."""
    norms = [curve for (_, name), curve in course.curves.items() if name == "gradient_norm"]
    return [c for c in norms if len(c) >= _FEWEST and not np.isfinite(c.values[-_FEWEST:]).any()]


def _index(curve: Curve) -> int:
    return int(np.argmin(np.isfinite(curve.values)))


def _others(broken: list[Curve], first: Curve) -> str:
    rest = [called(curve) for curve in broken if curve is not first]
    return f" Likewise: {', '.join(rest)}." if rest else ""
