"""What decay there should be: the declared one, or that of the reported cost."""

from __future__ import annotations

from dataclasses import dataclass

from counterpoint.probes.measured import COST, Measured, Reported


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
    if declared.l2 is not None or declared.l1 is not None:
        return Expected(declared.l2 or 0.0, declared.l1 or 0.0, "declared")
    if measured.reported is not None and measured.reported.known:
        shown = of_cost(measured, measured.reported)
        data_loss_alone = shown is not None and shown.l2 == 0.0 == shown.l1
        return None if data_loss_alone and not declared.penalty_reported else shown
    return None


def of_cost(measured: Measured, reported: Reported) -> Expected | None:
    """Strengths of the reported cost per unit of its data loss, where they are alike everywhere."""
    found = []
    for size, scale in reported.scale.items():
        l2 = {
            round(c.value / scale.value, 12)
            for tensor, c in zip(measured.tensors, reported.l2[size], strict=True)
            if tensor.kind == "weight"
        }
        found.append((max(l2), min(l2), reported.l1[size].value / scale.value))
    highest, lowest, l1 = found[0]
    alike = all(abs(a - b) <= 1e-3 * abs(a) + 1e-10 for f in found for a, b in [(f[0], lowest)])
    highest, l1 = (value if abs(value) > 1e-9 else 0.0 for value in (highest, l1))
    return Expected(highest, l1, "in the reported cost") if alike else None
