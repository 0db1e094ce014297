"""What decay there should be: the declared one, or that of the reported cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterpoint.findings.audits.factors import agrees, present
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import COST, Declared, Measured, Reported


@dataclass(frozen=True)
class Expected:
    """Strengths that the step is held against, and who says so."""

    l2: float
    l1: float
    source: str


def expected(measured: Measured) -> Expected | None:
    """Declared strengths; else those of the reported cost; None where nothing is known.

    Where the reported cost itself stands for the data loss its slopes hold the penalty, and the
    step should have none beside.
    """
    declared = measured.declared
    if declared.loss == COST:
        return Expected(0.0, 0.0, "in the reported cost")
    if (said := of_declared(declared)) is not None:
        return said
    if measured.reported is not None and measured.reported.known:
        shown = of_cost(measured, measured.reported)
        data_loss_alone = shown is not None and shown.l2 == 0.0 == shown.l1
        return None if data_loss_alone and not declared.penalty_reported else shown
    return None


def of_declared(declared: Declared) -> Expected | None:
    """Declared strengths, 0 for one of two that is not named; None where neither is."""
    if declared.l2 is None and declared.l1 is None:
        return None
    return Expected(declared.l2 or 0.0, declared.l1 or 0.0, "declared")


def exchanged(l2: Estimate, l1: Estimate, wanted: Expected) -> bool:
    """Whether strengths are those that should be, but each of the other kind."""
    if wanted.l2 and wanted.l1:
        return agrees(l2, wanted.l1) and agrees(l1, wanted.l2) and not agrees(l2, wanted.l2)
    if wanted.l2:
        return present(l1) and not present(l2)
    return wanted.l1 != 0.0 and present(l2) and not present(l1)


def of_cost(measured: Measured, reported: Reported) -> Expected | None:
    """Strengths of the reported cost per unit of its data loss, where they are alike everywhere."""
    if not all(map(present, reported.scale.values())):
        return None
    l2, l1 = [], []
    for size, scale in reported.scale.items():
        l1.append(_over(reported.l1[size], scale))
        for tensor, c in zip(measured.tensors, reported.l2[size], strict=True):
            if tensor.kind == "weight":
                l2.append(_over(c, scale))
    shared_l2, shared_l1 = _shared(l2), _shared(l1)
    if shared_l2 is None or shared_l1 is None:
        return None
    return Expected(shared_l2, shared_l1, "in the reported cost")


def _over(estimate: Estimate, scale: Estimate) -> Estimate:
    return Estimate(estimate.value / scale.value, estimate.error / abs(scale.value))


def _shared(found: Sequence[Estimate]) -> float | None:
    """The strength that all of these have, 0 where none is present; None where they differ."""
    if not any(map(present, found)):
        return 0.0
    value = found[0].value
    return value if all(agrees(each, value) for each in found) else None
