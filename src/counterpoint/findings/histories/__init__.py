"""Diagnoses of a training's log, and the registry of them.

A new one is a module with ``summary`` and ``find``, and one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories import (
    accuracy_at_base_rate,
    diverging,
    generalisation_gap,
    labels_unrelated,
    loss_at_uniform,
    loss_up_accuracy_up,
    noisy_evaluation,
    not_finite,
    not_learning,
    nothing_wrong,
    oscillating,
    over_fitting,
    penalty_dominates,
    penalty_grows,
    plateau,
    spikes,
    still_improving,
    too_good,
    too_short,
    too_slow,
    train_only,
)
from counterpoint.findings.histories.course import Course, course_of


class DiagnosisModule(Protocol):
    """A module that holds one diagnosis: its documentation is the diagnosis's section."""

    summary: str

    def find(self, course: Course, /) -> Finding | None:
        """The finding, or None where the course gives no cause for it."""


DIAGNOSES: Mapping[str, DiagnosisModule] = MappingProxyType(
    {
        "not_finite": not_finite,
        "penalty_grows": penalty_grows,
        "penalty_dominates": penalty_dominates,
        "diverging": diverging,
        "loss_at_uniform": loss_at_uniform,
        "accuracy_at_base_rate": accuracy_at_base_rate,
        "not_learning": not_learning,
        "labels_unrelated": labels_unrelated,
        "too_good": too_good,
        "loss_up_accuracy_up": loss_up_accuracy_up,
        "over_fitting": over_fitting,
        "generalisation_gap": generalisation_gap,
        "oscillating": oscillating,
        "spikes": spikes,
        "too_slow": too_slow,
        "noisy_evaluation": noisy_evaluation,
        "plateau": plateau,
        "still_improving": still_improving,
        "too_short": too_short,
        "train_only": train_only,
    }
)
"""Diagnoses by name, the most important first."""

_ORDER = {"problem": 0, "caution": 1, "note": 2}


def diagnose_course(course: Course) -> tuple[Finding, ...]:
    """Everything there is to say of a training: problems first, else by importance."""
    found = [module.find(course) for module in DIAGNOSES.values()]
    present = [finding for finding in found if finding is not None]
    if all(finding.level == "note" for finding in present):
        present.insert(0, nothing_wrong.find(course))
    return tuple(sorted(present, key=lambda finding: _ORDER[finding.level]))


__all__ = ["DIAGNOSES", "Course", "DiagnosisModule", "course_of", "diagnose_course"]
