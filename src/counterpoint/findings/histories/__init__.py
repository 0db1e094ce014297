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
    accuracy_flat_loss_moves,
    appended_runs,
    bad_start,
    diverging,
    early_warning,
    exploding_gradients,
    final_only,
    generalisation_gap,
    label_noise,
    labels_unrelated,
    learning_rate_out_of_range,
    learning_rate_zero,
    loss_above_calibrated,
    loss_at_uniform,
    loss_below_calibrated,
    loss_flat_accuracy_moves,
    loss_impossible,
    loss_up_accuracy_up,
    noisy_evaluation,
    not_finite,
    not_learning,
    nothing_wrong,
    oscillating,
    over_fitting,
    penalty_dominates,
    penalty_grows,
    penalty_negligible,
    penalty_one_split,
    penalty_other_n,
    plateau,
    spikes,
    splits_differ,
    still_improving,
    too_good,
    too_short,
    too_slow,
    train_only,
    under_fitting,
    unremarkable_pair,
    update_ratio,
    vanishing_gradients,
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
        "penalty_other_n": penalty_other_n,
        "diverging": diverging,
        "loss_impossible": loss_impossible,
        "loss_at_uniform": loss_at_uniform,
        "accuracy_at_base_rate": accuracy_at_base_rate,
        "not_learning": not_learning,
        "labels_unrelated": labels_unrelated,
        "learning_rate_zero": learning_rate_zero,
        "vanishing_gradients": vanishing_gradients,
        "exploding_gradients": exploding_gradients,
        "splits_differ": splits_differ,
        "penalty_one_split": penalty_one_split,
        "too_good": too_good,
        "bad_start": bad_start,
        "loss_up_accuracy_up": loss_up_accuracy_up,
        "over_fitting": over_fitting,
        "generalisation_gap": generalisation_gap,
        "label_noise": label_noise,
        "loss_above_calibrated": loss_above_calibrated,
        "loss_below_calibrated": loss_below_calibrated,
        "loss_flat_accuracy_moves": loss_flat_accuracy_moves,
        "under_fitting": under_fitting,
        "oscillating": oscillating,
        "spikes": spikes,
        "too_slow": too_slow,
        "learning_rate_out_of_range": learning_rate_out_of_range,
        "update_ratio": update_ratio,
        "early_warning": early_warning,
        "noisy_evaluation": noisy_evaluation,
        "accuracy_flat_loss_moves": accuracy_flat_loss_moves,
        "plateau": plateau,
        "still_improving": still_improving,
        "penalty_negligible": penalty_negligible,
        "unremarkable_pair": unremarkable_pair,
        "too_short": too_short,
        "final_only": final_only,
        "train_only": train_only,
        "appended_runs": appended_runs,
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
