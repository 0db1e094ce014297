"""Findings about a training step and the numbers it reports, and the registry of them.

A new one is a module with ``summary`` and ``find``, and one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from counterpoint.findings.audits import (
    accuracy_elsewhere,
    adaptive_decay,
    cannot_overfit,
    decay_kind,
    decay_on_biases,
    decay_sign,
    decay_strength,
    first_loss,
    labels_ignored,
    momentum_differs,
    moves_otherwise,
    no_descent,
    not_repeatable,
    other_loss,
    reported_loss,
    reported_penalty,
    row_order,
    step_scale,
    wrong_gradient,
)
from counterpoint.findings.audits.origin import with_origin
from counterpoint.findings.finding import Finding
from counterpoint.probes.measured import Measured


class AuditModule(Protocol):
    """A module that holds one finding: its documentation is the finding's page."""

    summary: str

    def find(self, measured: Measured, /) -> Finding | None:
        """The finding, or None where the measurements give no cause for it."""


AUDIT_FINDINGS: Mapping[str, AuditModule] = MappingProxyType(
    {
        "decay_sign": decay_sign,
        "labels_ignored": labels_ignored,
        "row_order": row_order,
        "wrong_gradient": wrong_gradient,
        "other_loss": other_loss,
        "step_scale": step_scale,
        "momentum_differs": momentum_differs,
        "moves_otherwise": moves_otherwise,
        "decay_kind": decay_kind,
        "decay_strength": decay_strength,
        "adaptive_decay": adaptive_decay,
        "decay_on_biases": decay_on_biases,
        "not_repeatable": not_repeatable,
        "reported_loss": reported_loss,
        "reported_penalty": reported_penalty,
        "accuracy_elsewhere": accuracy_elsewhere,
        "no_descent": no_descent,
        "cannot_overfit": cannot_overfit,
        "first_loss": first_loss,
    }
)
"""Findings about a training step by name, in the order in which they are told."""


def find_in_audit(measured: Measured) -> tuple[Finding, ...]:
    """Everything there is to say of a step, problems first, what may only follow from them last."""
    found = [module.find(measured) for module in AUDIT_FINDINGS.values()]
    present = [with_origin(finding, measured) for finding in found if finding is not None]
    return tuple(sorted(present, key=lambda finding: finding.level != "problem"))


__all__ = ["AUDIT_FINDINGS", "AuditModule", "find_in_audit"]
