"""One of several runs in one log.

**When it appears.** The epochs (or steps) of the log begin anew: runs were appended to one file.
Each is judged by itself. Read as one curve they would show a spike or a divergence that is none.
"""

from __future__ import annotations

import re

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course

summary = "Several runs in one log; each is judged by itself."

_SAID = re.compile(r"run (\d+) of (\d+) in it")


def find(course: Course) -> Finding | None:
    """Say which of several runs this is."""
    said = next((match for note in course.notes if (match := _SAID.fullmatch(note))), None)
    if said is None:
        return None
    number, of = said.groups()
    return Finding(
        name="appended_runs",
        level="note",
        title=f"Run {number} of {of} in one log",
        explanation="The log holds several runs, which are parted where its epochs begin anew or "
        "its names say so. Each is judged by itself.",
        evidence={"number": int(number), "of": int(of)},
        sure="measured",
    )
