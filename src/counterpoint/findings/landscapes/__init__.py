"""Findings about loss and accuracy over two parameters, and the registry of them.

A new one is a module with ``summary`` and ``find``, and one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from counterpoint.findings.finding import Finding
from counterpoint.findings.landscapes import rising_apart, surrogate_cost
from counterpoint.theory.landscape import Surface


class LandscapeModule(Protocol):
    """A module that holds one finding about a landscape."""

    summary: str

    def find(self, surface: Surface, /) -> Finding | None:
        """The finding, or None where the landscape gives no cause for it."""


LANDSCAPE_FINDINGS: Mapping[str, LandscapeModule] = MappingProxyType(
    {
        "surrogate_cost": surrogate_cost,
        "rising_apart": rising_apart,
    }
)
"""Findings about a landscape by name, the most important first."""


def find_in_landscape(surface: Surface) -> tuple[Finding, ...]:
    """Everything there is to say of loss and accuracy over two parameters."""
    found = [module.find(surface) for module in LANDSCAPE_FINDINGS.values()]
    return tuple(finding for finding in found if finding is not None)
