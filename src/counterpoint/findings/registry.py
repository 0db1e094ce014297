"""The registry of findings about sweeps.

A new finding is one module with ``summary`` and ``find``, and one line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from counterpoint.findings import (
    best_combination,
    calibrated_band,
    choice,
    collapse,
    constant_columns,
    duplicate_columns,
    flat_accuracy,
    grid_coarse,
    grid_edge,
    interrupted,
    separable,
    side_by_side,
    small_classes,
    solver_tolerance,
    unsettled,
    weak_penalty,
)
from counterpoint.findings.finding import Finding
from counterpoint.fit.result import SweepFit


class FindingModule(Protocol):
    """A module that holds one finding: its documentation is the finding's page."""

    summary: str

    def find(self, fit: SweepFit, /) -> Finding | None:
        """The finding, or None where the fit gives no cause for it."""


class ComparisonModule(Protocol):
    """A module that holds one finding about several fits to the same rows."""

    summary: str

    def find(self, fits: Sequence[SweepFit], /) -> Finding | None:
        """The finding, or None where the fits give no cause for it."""


FINDINGS: Mapping[str, FindingModule] = MappingProxyType(
    {
        "interrupted": interrupted,
        "unsettled": unsettled,
        "flat_accuracy": flat_accuracy,
        "choice": choice,
        "calibrated_band": calibrated_band,
        "grid_edge": grid_edge,
        "grid_coarse": grid_coarse,
        "collapse": collapse,
        "solver_tolerance": solver_tolerance,
        "separable": separable,
        "weak_penalty": weak_penalty,
        "small_classes": small_classes,
        "duplicate_columns": duplicate_columns,
        "constant_columns": constant_columns,
    }
)
"""Findings about one fit by name, the most important first."""

COMPARISONS: Mapping[str, ComparisonModule] = MappingProxyType(
    {
        "best_combination": best_combination,
        "side_by_side": side_by_side,
    }
)
"""Findings about several fits to the same rows by name, the most important first."""


def find_all(fit: SweepFit) -> tuple[Finding, ...]:
    """Everything there is to say of one loss and penalty over its alphas.

    Returns
    -------
    tuple of Finding
        Problems first, else in the order of `FINDINGS`.
    """
    return _in_order(module.find(fit) for module in FINDINGS.values())


def compare_all(fits: Sequence[SweepFit]) -> tuple[Finding, ...]:
    """Everything there is to say of several losses or penalties set side by side.

    Parameters
    ----------
    fits
        Fits to the same rows and folds; with fewer than two there is nothing to compare.
    """
    if len(fits) < 2:
        return ()
    return _in_order(module.find(fits) for module in COMPARISONS.values())


def _in_order(found: Iterable[Finding | None]) -> tuple[Finding, ...]:
    present = [finding for finding in found if finding is not None]
    return tuple(sorted(present, key=lambda finding: finding.level != "problem"))
