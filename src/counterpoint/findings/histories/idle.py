"""Whether a training learnt nothing, so that what else its curves do says nothing."""

from __future__ import annotations

from counterpoint.findings.histories import accuracy_at_base_rate
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.stuck import stuck_of


def is_idle(course: Course) -> bool:
    """Whether nothing moves, or one class is predicted for every row."""
    return stuck_of(course) is not None or accuracy_at_base_rate.find(course) is not None
