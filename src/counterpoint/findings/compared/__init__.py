"""Findings about several models' predictions of the same rows, and the registry of them.

A new one is a module with ``summary`` and ``find``, and one line here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

from counterpoint.findings.compared import (
    accuracy_against_loss,
    below_base_rates,
    few_rows_rule,
    infinite_loss,
    losses_disagree,
    miscalibrated,
    one_is_better,
    same_accuracy,
    within_noise,
)
from counterpoint.findings.finding import Finding
from counterpoint.scores.compared import Compared, ModelScores, PairScores


class RivalsModule(Protocol):
    """A module that holds one finding about a model set against the first."""

    summary: str

    def find(self, both: Compared, pair: PairScores, /) -> Finding | None:
        """The finding, or None where the pair gives no cause for it."""


class ModelModule(Protocol):
    """A module that holds one finding about one model's predictions."""

    summary: str

    def find(self, both: Compared, model: ModelScores, /) -> Finding | None:
        """The finding, or None where the model gives no cause for it."""


RIVALS_FINDINGS: Mapping[str, RivalsModule] = MappingProxyType(
    {
        "accuracy_against_loss": accuracy_against_loss,
        "losses_disagree": losses_disagree,
        "one_is_better": one_is_better,
        "same_accuracy": same_accuracy,
        "within_noise": within_noise,
    }
)
"""Findings about two models by name, the most important first."""

MODEL_FINDINGS: Mapping[str, ModelModule] = MappingProxyType(
    {
        "below_base_rates": below_base_rates,
        "infinite_loss": infinite_loss,
        "few_rows_rule": few_rows_rule,
        "miscalibrated": miscalibrated,
    }
)
"""Findings about one model by name, the most important first."""


def find_compared(both: Compared) -> tuple[Finding, ...]:
    """Everything there is to say of the models: each later one against the first, then each.

    Returns
    -------
    tuple of Finding
        Problems first.
    """
    return tuple(sorted(_all(both), key=lambda finding: finding.level != "problem"))


def _all(both: Compared) -> Iterator[Finding]:
    for pair in both.pairs:
        yield from filter(None, (module.find(both, pair) for module in RIVALS_FINDINGS.values()))
    for model in both.models:
        yield from filter(None, (module.find(both, model) for module in MODEL_FINDINGS.values()))


__all__ = ["MODEL_FINDINGS", "RIVALS_FINDINGS", "find_compared"]
