"""What it means: named findings, each in a module of its own, and the registry of them.

Names are imported at first use: a finding about two numbers must not wait for what a sweep needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from counterpoint.findings.chosen import Choice, choose
    from counterpoint.findings.finding import Finding
    from counterpoint.findings.registry import (
        COMPARISONS,
        FINDINGS,
        ComparisonModule,
        FindingModule,
        compare_all,
        find_all,
    )

_REGISTRY = "counterpoint.findings.registry"
_HOMES = {
    "COMPARISONS": (_REGISTRY, "COMPARISONS"),
    "FINDINGS": (_REGISTRY, "FINDINGS"),
    "Choice": ("counterpoint.findings.chosen", "Choice"),
    "ComparisonModule": (_REGISTRY, "ComparisonModule"),
    "Finding": ("counterpoint.findings.finding", "Finding"),
    "FindingModule": (_REGISTRY, "FindingModule"),
    "choose": ("counterpoint.findings.chosen", "choose"),
    "compare_all": (_REGISTRY, "compare_all"),
    "find_all": (_REGISTRY, "find_all"),
}

__getattr__, __dir__ = lazy_names(globals(), _HOMES)

__all__ = [
    "COMPARISONS",
    "FINDINGS",
    "Choice",
    "ComparisonModule",
    "Finding",
    "FindingModule",
    "choose",
    "compare_all",
    "find_all",
]
