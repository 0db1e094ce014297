"""What is pointed at in a sweep: which alpha to take, and where accuracy stands still."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from counterpoint.findings.chosen import Choice
from counterpoint.findings.finding import Finding


@dataclass(frozen=True)
class Candidate:
    """An alpha that held-out log loss speaks for, and why; one of them is taken."""

    alpha: float
    why: str
    taken: bool


@dataclass(frozen=True)
class Marks:
    """Places on the alpha axis that a chart or table points at.

    Attributes
    ----------
    candidates
        From weak to strong: the least log loss; the strongest within one standard error, where
        that is another.
    flat
        Ends of the range over which accuracy cannot be told from constant.
    """

    candidates: tuple[Candidate, ...] = ()
    flat: tuple[float, float] | None = None

    def at(self, alpha: float) -> Candidate | None:
        """The candidate that an alpha is, if it is one."""
        return next((c for c in self.candidates if math.isclose(c.alpha, alpha)), None)


NO_MARKS = Marks()


def marks_of(choice: Choice, findings: Iterable[Finding] = ()) -> Marks:
    """Where to point: at the choice, and at the range that `flat_accuracy` names."""
    taken = choice.recommended.alpha
    names = {choice.best.alpha: "least log loss"}
    names.setdefault(choice.one_se.alpha, "within one standard error")
    evidence = next((f.evidence for f in findings if f.name == "flat_accuracy"), {})
    low, high = evidence.get("alpha_low"), evidence.get("alpha_high")
    return Marks(
        candidates=tuple(Candidate(a, why, a == taken) for a, why in names.items()),
        flat=(low, high) if isinstance(low, float) and isinstance(high, float) else None,
    )
