"""The penalty is too weak to matter.

**When it appears.** A measured penalty stays under a thousandth of the objective all along.

**What it means.** The result is that without a penalty, but for what the optimiser's own path
does. Where a penalty was meant to act, its strength is too small by orders of magnitude.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.terms import penalties
from counterpoint.findings.words import percent, plain

summary = "The penalty is too weak to matter."

_LEAST = 1e-3


def find(course: Course) -> Finding | None:
    """Find a measured penalty that is next to nothing."""
    for terms in penalties(course):
        part = terms.high / np.maximum(terms.total, 1e-300)
        if terms.how != "measured" or not len(part) or not 0.0 <= float(part.max()) < _LEAST:
            continue
        return Finding(
            name="penalty_negligible",
            level="note",
            title=f"The penalty is at most {percent(float(part.max()))} of the objective",
            explanation="So weak a penalty leaves the weights as they would be without it.",
            evidence={"share": plain(float(part.max()))},
            since=terms.where(0),
            sure="measured",
            remedy="Raise the strength a thousandfold if it is meant to act; else leave it out.",
        )
    return None
