"""The audit: whether a training step descends the objective that is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from counterpoint.auditing.network import audit
    from counterpoint.auditing.result import Audit

_HOMES = {
    "Audit": ("counterpoint.auditing.result", "Audit"),
    "audit": ("counterpoint.auditing.network", "audit"),
}

__getattr__, __dir__ = lazy_names(globals(), _HOMES)

__all__ = ["Audit", "audit"]
