"""Whether a fault lies in the gradient or in what the update does with it.

That is asked only of faults that were found from outside, and only where the code exposes its
gradients. A right gradient beside a wrong step leaves the update. A wrong gradient is the origin
only if the step follows it to the errors of measurement: the code may compute another one for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from counterpoint.findings.audits.expected import expected
from counterpoint.findings.audits.factors import agrees, present
from counterpoint.findings.audits.rates import SAME, common
from counterpoint.findings.finding import Finding
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import Exposed, Measured, Motion, Sitting

UPDATE, GRADIENT, FACTOR, ADDED = "update", "gradient", "factor", "added"
_WORDS = {
    UPDATE: "The gradient that the code exposes is right there: the fault lies in what the update "
    "does with it.",
    GRADIENT: "The gradient that the code exposes has the same fault, and the step follows it: "
    "the fault lies in the gradient.",
    FACTOR: "The gradient that the code exposes has the same factor, and the step follows it: mend "
    "it there, or let the update allow for it.",
    ADDED: "The gradient that the code exposes has no such penalty in it: decay is left to the "
    "update, and the fault lies there.",
}

_Origin = Callable[[Measured, Sitting, Sequence[int]], str]


def with_origin(finding: Finding, measured: Measured) -> Finding:
    """The finding, with where its fault lies if the code's own gradients say so at each sitting."""
    look = _LOOKS.get(finding.name)
    if look is None or not all(sitting.exposed for sitting in measured.sittings):
        return finding
    where = finding.evidence["where"]
    assert isinstance(where, list)
    arrays = [k for k, t in enumerate(measured.tensors) if t.name in where]
    told = {look(measured, sitting, arrays) for sitting in measured.sittings}
    origin = told.pop()
    if told or not origin:
        return finding
    return replace(
        finding,
        explanation=f"{finding.explanation} {_WORDS[origin]}",
        evidence={
            **finding.evidence,
            "fault_in": GRADIENT if origin in (GRADIENT, FACTOR) else UPDATE,
        },
    )


def _of_slopes(measured: Measured, sitting: Sitting, arrays: Sequence[int]) -> str:
    """Of arrays that do not follow their slopes as the others do."""
    others = [k for k in range(len(sitting.exposed)) if k not in arrays]
    usual = _shared([sitting.exposed[k] for k in others])
    parts = [_of_array(sitting.exposed[k], sitting.motions[k], usual) for k in arrays]
    return parts[0] if len(set(parts)) == 1 else ""


def _of_array(own: Exposed, motion: Motion, usual: float | None) -> str:
    if not own.exact or not present(own.factor):
        return GRADIENT if own.followed else ""
    if usual is None:
        # No array is left to compare with, so that a factor tells nothing, and a form is right.
        return UPDATE if motion.still or not motion.exact else ""
    right = abs(own.factor.value / usual - 1.0) <= SAME
    return UPDATE if right else GRADIENT if own.followed else ""


def _of_scale(measured: Measured, sitting: Sitting, arrays: Sequence[int]) -> str:
    """Of a step that is off by one factor as a whole."""
    usual, step = _shared(sitting.exposed), common(measured, sitting)
    assert step is not None  # the finding is about it
    if usual is None:
        return ""
    if abs(usual / step - 1.0) <= SAME:
        return FACTOR if all(own.followed for own in sitting.exposed) else ""
    rows = float(measured.declared.n_batch)
    # The sum over rows and minus the slope are usual: an update allows for either.
    usually = any(abs(abs(usual) / n - 1.0) <= SAME for n in (1.0, rows))
    return UPDATE if usually else ""


def _of_decay(measured: Measured, sitting: Sitting, arrays: Sequence[int]) -> str:
    """Of arrays that are decayed wrongly."""
    pairs = [(sitting.exposed[k], sitting.motions[k]) for k in arrays]
    if not all(own.exact and present(own.factor) for own, _ in pairs):
        return ""
    if not any(present(own.l2) or present(own.l1) for own, _ in pairs):
        return ADDED
    if all(_same(own.l2, m.l2) and _same(own.l1, m.l1) for own, m in pairs):
        return GRADIENT if all(own.followed for own, _ in pairs) else ""
    wanted = expected(measured)
    right = wanted is not None and all(
        _same(own.l2, Estimate(wanted.l2, 0.0)) and _same(own.l1, Estimate(wanted.l1, 0.0))
        for own, m in pairs
        if m.tensor.kind == "weight"
    )
    return UPDATE if right else ""


def _same(own: Estimate, other: Estimate) -> bool:
    """Whether two strengths are within reach of each other, or both of nothing."""
    if not present(own) and not present(other):
        return True
    return agrees(Estimate(own.value, own.error + other.error), other.value)


def _of_loss(measured: Measured, sitting: Sitting, arrays: Sequence[int]) -> str:
    """Of a step that descends another loss."""
    if all(own.exact and present(own.factor) for own in sitting.exposed):
        return UPDATE
    return GRADIENT if all(own.followed for own in sitting.exposed) else ""


def _shared(exposed: Sequence[Exposed]) -> float | None:
    """The factor that all of these have that are right but for one; None where there is none."""
    found = [own.factor.value for own in exposed if own.exact and present(own.factor)]
    if not found:
        return None
    middle = float(np.median(found))
    return middle if all(abs(f - middle) <= SAME * abs(middle) for f in found) else None


_LOOKS: dict[str, _Origin] = {
    "wrong_gradient": _of_slopes,
    "step_scale": _of_scale,
    "decay_sign": _of_decay,
    "decay_strength": _of_decay,
    "decay_kind": _of_decay,
    "decay_on_biases": _of_decay,
    "other_loss": _of_loss,
}
