"""Loss and accuracy go together: a calibrated model can have both.

**When it appears.** In a short log, at its last point, where the pair lies in the band of
calibrated models: for K classes where K is known, else for two, whose band is part of that for
any number more.
"""

from __future__ import annotations

from dataclasses import replace

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import too_short
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.pairs_of import both_of
from counterpoint.findings.pairs import unremarkable

summary = "Loss and accuracy are ones that a calibrated model can have."


def find(course: Course) -> Finding | None:
    """Look at the pair of the rows that judge, where there is nothing else to look at."""
    if too_short.find(course) is None:
        return None
    known = course if course.classes is not None else replace(course, classes=2)
    both = next(both_of(known), None)
    found = None if both is None else unremarkable.find(both.end)
    if found is None:
        return None
    more = "" if course.classes else " That is for two classes; for more the band is wider upwards."
    return replace(found, name="unremarkable_pair", explanation=found.explanation + more)
