"""Some parameters do not follow the slopes of the data loss.

**When it appears.** The slopes of the data loss were measured by central differences in double
precision, each with its error. The movements of some arrays of parameters are not those slopes
times the learning rate that the other arrays, or the declared rate, have, and the gap is far beyond
those errors. It shows at two points, on different rows and coordinates.

**What it means.** Back-propagation is wrong there, or an update is left out. Errors flow from the
outputs back: where several layers are wrong, the one nearest to the outputs is the origin, and the
layers before it inherit the fault. For one row at a time the form of the fault is looked at:

- *never moves*: its update, or its slope, is missing, or it is not handed to the optimiser;
- *the wrong sign*, or *a factor*: the slope itself is right;
- *a factor for each unit*: the error of the layer is wrong unit by unit, as where the derivative of
  its activation is missing or taken at the wrong place;
- *transposed*: movements belong to the mirrored places of a square matrix.

**What to do.** Mend the origin first, then run the audit again.
"""

from __future__ import annotations

from counterpoint.findings.audits.agreement import (
    Suspicion,
    agreed,
    names,
    places,
    rows_unlike,
)
from counterpoint.findings.audits.factors import factor_in_words
from counterpoint.findings.audits.rates import SAME, common, ratios
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, percent
from counterpoint.probes.measured import Measured, Motion, Sitting

summary = "Some parameters do not follow the slopes of the data loss."


def find(measured: Measured) -> Finding | None:
    """Find arrays whose movements are not their slopes times the rate."""
    found = agreed(measured, _suspect)
    if found is None:
        return None
    inherited = found.figures["inherited"]
    assert isinstance(inherited, list)
    before = (
        f" So do {count(len(inherited), 'array')} of the layers before, which inherit it."
        if inherited
        else ""
    )
    return Finding(
        name="wrong_gradient",
        level="problem",
        title=f"Wrong slopes: {places(found.where)} {_short(found.kind)}",
        explanation=f"The {places(found.where)} {_LONG[found.kind]}: {found.figures['in_words']}."
        + before,
        evidence={
            "where": names(found.where),
            "form": found.kind,
            **{key: value for key, value in found.figures.items() if key != "in_words"},
        },
        remedy=_REMEDY[found.kind],
    )


def _short(kind: str) -> str:
    return {
        "still": "never move",
        "no slope": "do not follow the data",
        "sign": "climb",
        "factor": "move by another factor",
        "per unit": "have a wrong error in each unit",
        "per input": "have wrong inputs",
        "transposed": "are updated transposed",
        "other": "follow something else",
    }[kind]


_LONG = {
    "still": "do not move at all, though the data loss has a slope there",
    "no slope": "move, but not along the slopes of the data loss",
    "sign": "move up the slopes of the data loss, while the others move down",
    "factor": "follow the slopes of the data loss at another rate than the others",
    "per unit": "move by the slopes times a factor that differs from unit to unit",
    "per input": "move by the slopes times a factor that differs from input to input",
    "transposed": "move by the slopes of the mirrored places",
    "other": "move by something that the slopes of the data loss do not explain",
}
_REMEDY = {
    "still": "See that its slope is computed, that the update runs over all layers, and that the "
    "optimiser was given these parameters.",
    "no slope": "See that its slope is computed and not overwritten by zeros.",
    "sign": "Turn the sign of this slope.",
    "factor": "Divide by the number of rows once, and alike in every layer.",
    "per unit": "Multiply the error of this layer by the derivative of its activation, taken at "
    "its own outputs.",
    "per input": "Use the activations that went into this layer, as they were in the forward pass.",
    "transposed": "Transpose this slope.",
    "other": "Compare this slope with finite differences, layer by layer from the outputs back.",
}


def _suspect(measured: Measured, sitting: Sitting) -> Suspicion | None:
    if not sitting.comparable or rows_unlike(sitting) or sitting.other_loss:
        return None
    everywhere = common(measured, sitting)
    found = _faults(measured, sitting, 1.0 if everywhere is None else everywhere)
    if not found or _nothing_exact(sitting):
        return None
    # The fault nearest to the outputs is the origin of those before it, unless it is the plain kind
    # that stays where it is: a sign or factor of one update does not flow back.
    local = {k: f for k, f in found.items() if f[0] in ("still", "no slope", "sign", "factor")}
    flowing = {k: f for k, f in found.items() if k not in local}
    if not flowing:
        kind = next(iter(local.values()))[0]
        where = tuple(measured.tensors[k] for k, f in local.items() if f[0] == kind)
        words = next(f[1] for f in local.values() if f[0] == kind)
        return Suspicion(kind, where, {"in_words": words, "inherited": []})
    origin = max(measured.tensors[k].layer for k in flowing)
    here = {k: f for k, f in flowing.items() if measured.tensors[k].layer == origin}
    kind, words = _most_telling(here)
    where = tuple(measured.tensors[k] for k in here)
    inherited = [measured.tensors[k].name for k in flowing if k not in here]
    return Suspicion(kind, where, {"in_words": words, "inherited": inherited})


def _nothing_exact(sitting: Sitting) -> bool:
    """Whether nothing is explained and no fault has a form: then it need not be the slopes."""
    return not any(m.known for m in sitting.motions) and not any(m.form for m in sitting.motions)


def _faults(measured: Measured, sitting: Sitting, everywhere: float) -> dict[int, tuple[str, str]]:
    """Kind of fault and its figures, for each array that has one."""
    found = {}
    rates = ratios(measured, sitting)
    for k, motion in enumerate(sitting.motions):
        fault = _fault(measured, motion, rates.get(k), everywhere)
        if fault is not None:
            found[k] = fault
    return found


def _fault(
    measured: Measured, motion: Motion, ratio: float | None, everywhere: float
) -> tuple[str, str] | None:
    if motion.still:
        return "still", "no number of it changed in any step"
    if not motion.exact:
        rest = f"{percent(motion.rest)} of its movement is not explained"
        if motion.form == "per unit":
            factors = ", ".join(figure(f) for f in motion.unit_factors[:4])
            return "per unit", f"for one row the factors are {factors} …; {rest}"
        return motion.form or "other", rest
    if ratio is None:
        return None
    relative = ratio / everywhere
    if abs(relative - 1.0) <= SAME:
        return None
    if abs(relative) < 1e-6:
        return "no slope", "the rate that is recovered is 0"
    if abs(relative + 1.0) <= SAME:
        return "sign", "the rate that is recovered is minus the others'"
    return "factor", f"the factor is {factor_in_words(relative, measured.declared)}"


def _most_telling(faults: dict[int, tuple[str, str]]) -> tuple[str, str]:
    order = ("per unit", "transposed", "per input", "other")
    return min(faults.values(), key=lambda f: order.index(f[0]))
