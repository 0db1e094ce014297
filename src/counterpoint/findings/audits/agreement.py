"""No suspicion is told before a second measurement confirms it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from counterpoint.findings.words import figure, listing
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import Measured, Motion, Sitting
from counterpoint.probes.subject import Tensor


@dataclass(frozen=True)
class Suspicion:
    """What one sitting suggests; two are the same where kind and places are.

    Attributes
    ----------
    kind
        A word by which two sittings are compared.
    where
        Arrays that it is about.
    figures
        Numbers that show it.
    """

    kind: str
    where: tuple[Tensor, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict, compare=False)


def agreed(
    measured: Measured, suspect: Callable[[Measured, Sitting], Suspicion | None]
) -> Suspicion | None:
    """The first sitting's suspicion, where every other sitting has the same."""
    found = [suspect(measured, sitting) for sitting in measured.sittings]
    return found[0] if all(each == found[0] for each in found) else None


def rows_unlike(sitting: Sitting) -> bool:
    """Whether rows do not all count alike, or labels not at all: findings of their own.

    Slopes of the whole batch are then no measure of the step.
    """
    return sitting.order > 1e-3 or sitting.labels <= 1e-9


def known_weights(sitting: Sitting) -> list[Motion]:
    """Weights whose decay can be told."""
    if not sitting.comparable or sitting.other_loss:
        return []
    return [m for m in sitting.motions if m.known and m.tensor.kind == "weight"]


def places(tensors: Sequence[Tensor]) -> str:
    """Arrays in words."""
    return listing([tensor.place for tensor in tensors])


def names(tensors: Sequence[Tensor]) -> list[str]:
    """Arrays as the code calls them."""
    return [tensor.name for tensor in tensors]


def with_interval(estimate: Estimate) -> str:
    """A value and its interval.

    Examples
    --------
    >>> with_interval(Estimate(0.01, 0.0001))
    '0.0100 (95% interval 0.00990 to 0.0101)'
    """
    low, high = estimate.value - estimate.error, estimate.value + estimate.error
    if figure(low) == figure(high):
        return figure(estimate.value)
    return f"{figure(estimate.value)} (95% interval {figure(low)} to {figure(high)})"
