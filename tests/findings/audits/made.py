"""Measurements of an audit, filled in by hand: those of correct code, and ways to change them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import (
    Declared,
    Evaluation,
    Exposed,
    Measured,
    Motion,
    Reported,
    Sanity,
    Sitting,
)
from counterpoint.probes.subject import Tensor

ZERO = Estimate(0.0, 1e-12)
TENSORS = (
    Tensor("weights[0]", "weight", 1, (6, 5)),
    Tensor("weights[1]", "weight", 2, (5, 4)),
    Tensor("biases[0]", "bias", 1, (5,)),
    Tensor("biases[1]", "bias", 2, (4,)),
)
WEIGHTS, BIASES, ALL = (0, 1), (2, 3), (0, 1, 2, 3)
RATE, L2, N_TRAIN, N_BATCH = 0.5, 0.01, 500, 11
SIZES = (13, 29)


def about(value: float, error: float = 1e-9) -> Estimate:
    return Estimate(value, error)


def motion(tensor: Tensor) -> Motion:
    decay = RATE * L2 if tensor.kind == "weight" else 0.0
    return Motion(
        *(tensor, about(RATE), about(decay), ZERO, ZERO),
        rest=1e-9,
        exact=True,
        still=False,
        spare=50,
    )


def exposed(**changed: Any) -> Exposed:
    """A right gradient of the data loss alone."""
    return replace(Exposed(about(1.0), ZERO, ZERO, exact=True, followed=True), **changed)


SITTING = Sitting(
    *(tuple(map(motion, TENSORS)), "plain", "", about(-0.3, 1e-4)),
    order=1e-9,
    labels=0.5,
    chance=0.0,
    carried=0.0,
)
REPORTED = Reported(
    *("bce", "binary cross-entropy summed over outputs", 1.0),
    scale=dict.fromkeys(SIZES, about(1.0)),
    l2=dict.fromkeys(SIZES, (about(L2), about(L2), ZERO, ZERO)),
    l1=dict.fromkeys(SIZES, ZERO),
    unsquared=dict.fromkeys(SIZES, ZERO),
    rest=1e-12,
)
CLEAN = Measured(
    tensors=TENSORS,
    declared=Declared((RATE,) * 4, L2, 0.0, 0.0, "", "bce", N_TRAIN, N_BATCH, 4),
    guessed=False,
    sittings=(SITTING, replace(SITTING, descent=about(-0.2, 1e-4))),
    reported=REPORTED,
    evaluation=Evaluation(0.0, (), 0.5, 0.5),
    sanity=Sanity(2.5, 2.2, (1.0, 1.2), (0.1, 0.2), 60),
    sampled=800,
    parameters=59,
)


def sat(measured: Measured = CLEAN, **changed: Any) -> Measured:
    """Another figure in every sitting."""
    return replace(measured, sittings=tuple(replace(s, **changed) for s in measured.sittings))


def moved(arrays: tuple[int, ...], measured: Measured = CLEAN, **changed: Any) -> Measured:
    """Other movements of these arrays in every sitting."""
    return replace(
        measured,
        sittings=tuple(
            replace(
                s,
                motions=tuple(
                    replace(m, **changed) if k in arrays else m for k, m in enumerate(s.motions)
                ),
            )
            for s in measured.sittings
        ),
    )


def showing(arrays: tuple[int, ...], measured: Measured, **changed: Any) -> Measured:
    """The code's own gradient in every sitting: right but for these arrays."""
    own = tuple(exposed(**changed) if k in arrays else exposed() for k in ALL)
    return sat(measured, exposed=own)


def told(measured: Measured = CLEAN, **changed: Any) -> Measured:
    """Another part of the reported cost."""
    assert measured.reported is not None
    return replace(measured, reported=replace(measured.reported, **changed))


def said(measured: Measured = CLEAN, **changed: Any) -> Measured:
    """Something else is declared."""
    return replace(measured, declared=replace(measured.declared, **changed))


def evaluated(**changed: Any) -> Measured:
    return replace(CLEAN, evaluation=replace(CLEAN.evaluation, **changed))


def ran(**changed: Any) -> Measured:
    return replace(CLEAN, sanity=replace(CLEAN.sanity, **changed))


def decaying(strength: float, arrays: tuple[int, ...] = WEIGHTS) -> Measured:
    """An L2 of this strength in the step."""
    return moved(arrays, decay=about(RATE * strength))


def hardly_decaying(share: float, arrays: tuple[int, ...]) -> Measured:
    """A share by which a step shrinks these arrays that is known to many digits."""
    return moved(arrays, decay=Estimate(share, 1e-13), rate=Estimate(RATE, 1e-13))


def penalty(strength: Estimate, measured: Measured = CLEAN) -> Measured:
    """An L2 of this strength in the reported cost."""
    return told(measured, l2=dict.fromkeys(SIZES, (strength, strength, ZERO, ZERO)))
