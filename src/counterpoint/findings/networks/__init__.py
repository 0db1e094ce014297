"""Findings about populations of networks. A new one is a module with ``summary`` and ``find``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from counterpoint.findings.finding import Finding
from counterpoint.findings.networks import (
    alpha_and_epoch,
    cut_short,
    flat_over_alpha,
    loss_up_accuracy_up,
    network_collapse,
    penalty_in_objective,
    weights_without_bound,
)
from counterpoint.fit.nets.result import PopulationFit


class NetworkModule(Protocol):
    """A module that holds one finding: its documentation is the finding's page."""

    summary: str

    def find(self, fit: PopulationFit, /) -> Finding | None:
        """The finding, or None where the population gives no cause for it."""


NETWORK_FINDINGS: Mapping[str, NetworkModule] = MappingProxyType(
    {
        "cut_short": cut_short,
        "weights_without_bound": weights_without_bound,
        "loss_up_accuracy_up": loss_up_accuracy_up,
        "flat_over_alpha": flat_over_alpha,
        "network_collapse": network_collapse,
        "penalty_in_objective": penalty_in_objective,
        "alpha_and_epoch": alpha_and_epoch,
    }
)
"""Findings about a population by name, in the order in which they are told."""


def find_in_population(fit: PopulationFit) -> tuple[Finding, ...]:
    """Everything there is to say of a population, problems first."""
    found = [module.find(fit) for module in NETWORK_FINDINGS.values()]
    present = [finding for finding in found if finding is not None]
    return tuple(sorted(present, key=lambda finding: finding.level != "problem"))


__all__ = ["NETWORK_FINDINGS", "NetworkModule", "find_in_population"]
