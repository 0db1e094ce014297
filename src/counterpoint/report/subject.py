"""What a report is about: a fit, what was found in it and what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from counterpoint.findings.chosen import Choice
from counterpoint.findings.finding import Finding
from counterpoint.fit.result import SweepFit
from counterpoint.objective import PENALTIES


class Subject(Protocol):
    """One sweep as a report needs it; `counterpoint.Sweep` is one."""

    @property
    def fit(self) -> SweepFit:
        """All numbers."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What they mean, the most important first."""

    @property
    def choice(self) -> Choice:
        """Which alpha to take."""


def name_of(fit: SweepFit) -> str:
    """Name a fit by its loss and penalty."""
    return f"{fit.loss_label}, {penalty_label(fit)}"


def penalty_label(fit: SweepFit) -> str:
    """The penalty as a reader knows it; the share of L1 where it is a mix."""
    kind, fixed = PENALTIES[fit.penalty_name]
    return kind.label if fixed is not None else f"{kind.label} ({fit.l1_ratio:.0%} L1)"
