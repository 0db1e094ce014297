"""Each finding of an audit on made-up measurements: told just beyond its limit, silent before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from counterpoint.findings.audits import AUDIT_FINDINGS, find_in_audit
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import COST, EVALUATED, Measured
from findings.audits.made import (
    ALL,
    BIASES,
    CLEAN,
    L2,
    N_BATCH,
    N_TRAIN,
    RATE,
    SIZES,
    WEIGHTS,
    ZERO,
    about,
    decaying,
    evaluated,
    hardly_decaying,
    moved,
    penalty,
    ran,
    said,
    sat,
    told,
)


@dataclass(frozen=True)
class Case:
    """A finding, measurements on either side of its limit, and what it has to say."""

    name: str
    beyond: Measured
    before: Measured
    evidence: dict[str, Any]
    words: tuple[str, ...]
    level: str = "problem"


@dataclass(frozen=True)
class Silent:
    """Measurements that a finding leaves to others, or to nobody."""

    name: str
    measured: Measured
    why: str = field(default="")


PLACES = ["weights[0]", "weights[1]"]
BIAS_PLACES = ["biases[0]", "biases[1]"]
UNDECLARED = said(l2=None, l1=None)
FASTER = moved(ALL, rate=about(RATE * 1.0102), decay=about(RATE * L2 * 1.0102))
OF_STEP = [
    Case(
        *("decay_sign", hardly_decaying(-1.02e-9, WEIGHTS), hardly_decaying(-0.98e-9, WEIGHTS)),
        {"where": PLACES, "growth_per_step": 1.02e-9, "l2": -2.04e-9},
        (
            "1 + 1.02e-9",
            "weights of layer 1 (weights[0]) and weights of layer 2",
            "by a factor of 1.00",
        ),
    ),
    Case(
        "decay_sign",
        moved(WEIGHTS, decay=about(-0.005, 9.9e-4)),
        moved(WEIGHTS, decay=about(-0.005, 1.01e-3)),
        {"growth_per_step": 0.005, "l2": -0.01},
        ("1 + 0.00500", "-0.0100 (95% interval -0.01"),
    ),
    Case(
        "decay_sign",
        moved((1,), l1_decay=about(-0.001, 1e-5), decay=ZERO),
        moved((1,), l1_decay=about(0.001, 1e-5), decay=ZERO),
        {"where": ["weights[1]"]},
        ("has the wrong sign",),
    ),
    Case(
        *("labels_ignored", sat(labels=0.98e-9), sat(labels=1.02e-9)),
        {"where": ["step"]},
        (f"every label of {N_BATCH} rows",),
    ),
    Case(
        *("row_order", sat(order=1.02e-3), sat(order=0.98e-3)),
        {"where": ["step"], "change": 1.02e-3},
        ("The same 11 rows", "by 0.1%"),
    ),
    Case(
        *("wrong_gradient", moved((1,), rate=about(RATE * 1.0102))),
        moved((1,), rate=about(RATE * 1.0098)),
        {"where": ["weights[1]"], "form": "factor", "inherited": []},
        ("weights of layer 2 (weights[1]) move by another factor", "the factor is 1.01"),
    ),
    Case(
        *("wrong_gradient", moved((0,), rate=about(-RATE * 1.0098))),
        moved((0,), rate=about(RATE)),
        {"where": ["weights[0]"], "form": "sign"},
        ("climb", "minus the others'"),
    ),
    Case(
        *("wrong_gradient", moved((3,), rate=Estimate(0.98e-6 * RATE, 1e-9)), CLEAN),
        {"where": ["biases[1]"], "form": "no slope"},
        ("do not follow the data", "the rate that is recovered is 0"),
    ),
    Case(
        *("wrong_gradient", moved((3,), rate=Estimate(1.02e-6 * RATE, 1e-9)), CLEAN),
        {"where": ["biases[1]"], "form": "factor"},
        ("the factor is 1.02e-6",),
    ),
    Case(
        "wrong_gradient",
        moved((1,), said(rates=(None,) * 4), rate=about(2 * RATE)),
        said(rates=(None,) * 4),
        {"where": ["weights[1]"], "form": "factor"},
        ("the factor is 2",),
    ),
    Case(
        "wrong_gradient",
        moved((1,), sat(FASTER, model="varying"), rate=about(2 * RATE * 1.0102)),
        sat(FASTER, model="varying"),
        {"where": ["weights[1]"], "form": "factor"},
        ("the factor is 2",),
    ),
    Case(
        "step_scale",
        moved((0,), moved(ALL, rate=about(2 * RATE)), rate=about(2 * RATE * 1.0098)),
        moved(WEIGHTS, moved(ALL, rate=about(2 * RATE)), rate=about(2 * RATE * 1.0302)),
        {"factor": 2.0},
        ("off by a factor of 2",),
    ),
    Case(
        "step_scale",
        moved((3,), moved(ALL, rate=about(2 * RATE)), rate=Estimate(0.98e-6 * RATE, 1e-9)),
        moved((3,), moved(ALL, rate=about(2 * RATE)), rate=Estimate(1.02e-6 * RATE, 1e-9)),
        {"factor": 2.0},
        ("off by a factor of 2",),
    ),
    Case(
        "step_scale",
        moved(ALL, said(momentum=0.9), momentum=about(0.9), rate=about(0.1 * RATE * 1.00102)),
        moved(ALL, said(momentum=0.9), momentum=about(0.9), rate=about(0.1 * RATE * 1.00098)),
        {"factor": 0.100102},
        ("0.100: 1 - momentum",),
    ),
    Case(
        *("wrong_gradient", moved((2,), still=True), moved((2,), still=False)),
        {"where": ["biases[0]"], "form": "still"},
        ("biases of layer 1 (biases[0]) never move", "no number of it changed"),
    ),
    Case(
        "wrong_gradient",
        moved((0, 1), exact=False, rest=0.25, form="per unit", unit_factors=(0.5, 2.0)),
        moved((0, 1), exact=True, rest=0.25),
        {"where": ["weights[1]"], "form": "per unit", "inherited": ["weights[0]"]},
        ("0.500, 2.00", "25% of its movement", "1 array of the layers before"),
    ),
    Case(
        *("wrong_gradient", moved((1,), exact=False, rest=0.3, form="transposed"), CLEAN),
        {"where": ["weights[1]"], "form": "transposed"},
        ("are updated transposed", "30%"),
    ),
    Case(
        *("wrong_gradient", moved((0,), exact=False, rest=0.4, form="per input"), CLEAN),
        {"where": ["weights[0]"], "form": "per input"},
        ("have wrong inputs", "40%"),
    ),
    Case(
        *("wrong_gradient", moved((0,), exact=False, rest=0.4), CLEAN),
        {"where": ["weights[0]"], "form": "other"},
        ("follow something else", "40%"),
    ),
    Case(
        *("other_loss", sat(other_loss="quadratic"), sat(other_loss="")),
        {"where": ["output error"], "descended": "quadratic cost"},
        ("descends the quadratic cost, not the binary cross-entropy",),
    ),
    Case(
        *("other_loss", sat(other_loss=EVALUATED), sat(other_loss="")),
        {"where": ["step"], "descended": "the data loss in evaluation mode"},
        ("in evaluation mode",),
    ),
    Case(
        *("step_scale", FASTER, moved(ALL, rate=about(RATE * 1.0098))),
        {"where": ["step"], "rate": RATE * 1.0102, "factor": 1.0102},
        ("off by a factor of 1.01", "the declared rate is 0.500"),
    ),
    Case(
        *("step_scale", moved(ALL, rate=about(-RATE)), CLEAN),
        {"factor": -1.0},
        ("The step climbs", "-0.500"),
    ),
    Case(
        *("step_scale", moved(ALL, rate=about(RATE * 11)), CLEAN),
        {"factor": 11.0},
        ("11.0: the number of rows in the mini-batch", "at a rate of 5.50"),
    ),
    Case(
        "momentum_differs",
        moved(ALL, said(momentum=0.9), momentum=about(0.9 * 1.0051)),
        moved(ALL, said(momentum=0.9), momentum=about(0.9 * 1.0049)),
        {"where": ["step"], "momentum": 0.9 * 1.0051},
        ("The momentum in force is 0.905; 0.900 is declared",),
        level="caution",
    ),
    Case(
        "momentum_differs",
        moved(ALL, momentum=about(0.9951)),
        moved(ALL, said(momentum=0.99), momentum=about(0.99)),
        {"momentum": 0.9951},
        ("Slopes pile up", "a share of 0.995", "At a share of 1"),
    ),
    Case(
        "momentum_differs",
        moved(ALL, momentum=Estimate(1.02e-6, 1e-9)),
        moved(ALL, momentum=Estimate(0.98e-6, 1e-9)),
        {"momentum": 1.02e-6},
        ("in force is 1.02e-6",),
        level="caution",
    ),
    Case(
        "moves_otherwise",
        moved(ALL, exact=False, rest=0.6),
        moved((0, 1, 2), exact=False, rest=0.6),
        {"where": ["step"], "unexplained": 0.6},
        ("leave 60% of the movement unexplained",),
    ),
    Case(
        "decay_kind",
        moved(WEIGHTS, decay=ZERO, l1_decay=about(0.005, 0.99e-3)),
        moved(WEIGHTS, decay=ZERO, l1_decay=about(0.005, 1.01e-3)),
        {"where": PLACES, "l1": 0.01, "l2": 0.0},
        ("an L1 penalty in place of the L2", "L2 0.0100 and L1 0", "L1 0.0100 (95%"),
    ),
    Case(
        "decay_kind",
        said(l2=0.0, l1=0.01),
        moved(WEIGHTS, said(l2=0.0, l1=0.01), l1_decay=about(0.005)),
        {"l2": L2},
        ("an L2 penalty in place of the L1",),
    ),
    Case(
        "decay_kind",
        moved(WEIGHTS, said(l1=0.03), decay=about(0.015), l1_decay=about(0.005)),
        moved(WEIGHTS, said(l1=0.03), decay=about(0.015), l1_decay=about(0.015)),
        {"l2": 0.03, "l1": 0.01},
        ("strengths of L1 and L2 are exchanged",),
    ),
    Case(
        *("decay_strength", decaying(L2 * 1.0051), decaying(L2 * 1.0049)),
        {"where": PLACES, "strength": L2 * 1.0051, "expected": "0.0100"},
        ("L2 decay is off by a factor of 1.01", "declared is 0.0100", "is 0.0101"),
    ),
    Case(
        *("decay_strength", decaying(2 * L2, (1,)), decaying(L2, (1,))),
        {"where": ["weights[1]"], "strength": 2 * L2},
        ("off by a factor of 2",),
    ),
    Case(
        *("decay_strength", decaying(L2 * N_TRAIN / N_BATCH), CLEAN),
        {"strength": L2 * N_TRAIN / N_BATCH},
        ("45.5: training rows over rows in the mini-batch",),
    ),
    Case(
        *("decay_strength", decaying(0.0), CLEAN),
        {"strength": 0.0},
        ("The step has no L2 decay",),
    ),
    Case(
        "decay_strength",
        moved(WEIGHTS, l1_decay=Estimate(5.1e-6, 1e-6)),
        moved(WEIGHTS, l1_decay=Estimate(4.9e-6, 1e-6)),
        {"expected": "0"},
        ("an L1 decay that is not declared",),
    ),
    Case(
        "decay_strength",
        replace(decaying(2 * L2), declared=UNDECLARED.declared),
        UNDECLARED,
        {"strength": 2 * L2},
        ("in the reported cost is 0.0100",),
    ),
    Case(
        "decay_strength",
        said(loss=COST),
        moved(WEIGHTS, said(loss=COST), decay=ZERO),
        {"strength": L2},
        ("The step has an L2 decay that is not in the reported cost", "differ by that"),
    ),
    Case(
        "decay_strength",
        replace(decaying(-L2), declared=said(loss=COST).declared),
        moved(WEIGHTS, said(loss=COST), decay=ZERO),
        {"strength": -L2},
        ("weaker than that of the reported cost",),
    ),
    Case(
        "decay_strength",
        penalty(ZERO, UNDECLARED),
        penalty(ZERO, said(UNDECLARED, penalty_reported=False)),
        {"strength": L2},
        ("an L2 decay that is not in the reported cost",),
    ),
    Case(
        "decay_strength",
        told(UNDECLARED, scale=dict.fromkeys(SIZES, about(2.0))),
        told(
            UNDECLARED,
            scale=dict.fromkeys(SIZES, about(2.0)),
            l2=dict.fromkeys(SIZES, (about(2 * L2),) * 2 + (ZERO,) * 2),
        ),
        {"strength": L2, "expected": "0.00500"},
        ("off by a factor of 2.00: 2",),
    ),
    Case(
        "decay_strength",
        told(
            replace(decaying(2 * L2), declared=UNDECLARED.declared),
            l2=dict.fromkeys(SIZES, (about(L2), about(L2 * 1.0049), ZERO, ZERO)),
        ),
        told(
            replace(decaying(2 * L2), declared=UNDECLARED.declared),
            l2=dict.fromkeys(SIZES, (about(L2), about(L2 * 1.0051), ZERO, ZERO)),
        ),
        {"strength": 2 * L2},
        ("in the reported cost is 0.0100",),
    ),
    Case(
        "decay_strength",
        told(UNDECLARED, l1=dict.fromkeys(SIZES, about(0.02))),
        moved(
            WEIGHTS, told(UNDECLARED, l1=dict.fromkeys(SIZES, about(0.02))), l1_decay=about(0.01)
        ),
        {"expected": "0.0200"},
        ("The step has no L1 decay",),
    ),
    Case(
        *("decay_strength", said(l2=None, l1=0.0), UNDECLARED),
        {"expected": "0"},
        ("an L2 decay that is not declared",),
    ),
    Case(
        "adaptive_decay",
        moved(WEIGHTS, sat(model="adam"), inner_l2=0.01),
        moved(WEIGHTS, sat(model="adam"), inner_l2=0.0),
        {"where": PLACES, "strength": 0.01},
        ("Adam's with 0.0100 * w",),
        level="caution",
    ),
    Case(
        "decay_on_biases",
        hardly_decaying(0.51e-9, BIASES),
        hardly_decaying(0.49e-9, BIASES),
        {"where": BIAS_PLACES, "l2": 1.02e-9},
        ("biases of layer 1 (biases[0]) and biases of layer 2", "strength 1.02e-9"),
        level="caution",
    ),
    Case(
        "decay_on_biases",
        moved((3,), l1_decay=about(0.001)),
        moved((3,), l1_decay=ZERO),
        {"where": ["biases[1]"]},
        ("biases of layer 2",),
        level="caution",
    ),
    Case(
        *("no_descent", sat(descent=Estimate(0.01001, 1e-3)), sat(descent=Estimate(0.00999, 1e-3))),
        {"where": ["step"], "slope": 0.01001},
        ("rise by 0.0100 for each unit",),
    ),
]
SMALL, LARGE = SIZES
BY_SIZE = {
    SMALL: (about(5 / SMALL), about(5 / SMALL), ZERO, ZERO),
    LARGE: (about(5 / LARGE), about(5 / LARGE), ZERO, ZERO),
}
WRITTEN = [
    Case(
        *("not_repeatable", evaluated(spread=1.02e-9), evaluated(spread=0.98e-9)),
        {"where": ["cost"], "spread": 1.02e-9},
        ("differs from call to call",),
    ),
    Case(
        *("not_repeatable", evaluated(moves=("weights[0]",)), CLEAN),
        {"changed": ["weights[0]"]},
        ("weights[0] had changed",),
    ),
    Case(
        "reported_loss",
        told(scale=dict.fromkeys(SIZES, about(1.0051))),
        told(scale=dict.fromkeys(SIZES, about(1.0049))),
        {"where": ["cost"], "scale_by_size": {"13": 1.0051, "29": 1.0051}},
        ("a factor of 1.01", "On 13 rows the reported cost holds 1.01 times"),
    ),
    Case(
        "reported_loss",
        told(scale={SMALL: about(1.0), LARGE: about(1.0051)}),
        told(scale={SMALL: about(1.0), LARGE: about(1.0049)}),
        {"scale_by_size": {"13": 1.0, "29": 1.0051}},
        ("on 29 rows 1.01 times", "goes from 1.00 to 1.01 with the size"),
    ),
    Case(
        "reported_loss",
        told(scale={SMALL: about(13.0), LARGE: about(29.0 * 1.0049)}),
        CLEAN,
        {"scale_by_size": {"13": 13.0, "29": 29.0 * 1.0049}},
        ("it is the sum over rows",),
    ),
    Case(
        "reported_loss",
        told(scale={SMALL: about(13 / 500), LARGE: about(29 / 500)}),
        CLEAN,
        {"where": ["cost"]},
        ("times 0.00200: one over the number of training rows",),
    ),
    Case(
        "reported_loss",
        told(scale={SMALL: about(13 / 12), LARGE: about(29 / 28)}),
        CLEAN,
        {"where": ["cost"]},
        ("the number of rows less 1.00",),
    ),
    Case(
        *("reported_loss", told(loss="", rest=0.3), told(rest=0.3)),
        {"unexplained": 0.3},
        ("not a loss of these outputs", "30% of it"),
    ),
    Case(
        *("reported_loss", told(in_training=True), told(in_training=False)),
        {"where": ["cost"]},
        ("computed in training mode",),
        level="caution",
    ),
    Case(
        *("reported_penalty", penalty(about(L2 * 1.0051)), penalty(about(L2 * 1.0049))),
        {"where": ["cost"], "strength": L2 * 1.0051},
        ("penalty is off by a factor of 1.01", "declared is 0.0100", "is 0.0101"),
    ),
    Case(
        *(
            "reported_penalty",
            penalty(Estimate(L2 * 1.1, 3e-4)),
            penalty(Estimate(L2 * 1.1, 3.3e-4)),
        ),
        {"strength": L2 * 1.1},
        ("0.0110 (95% interval 0.0107 to 0.0113)",),
    ),
    Case(
        *("reported_penalty", penalty(ZERO), CLEAN),
        {"strength": 0.0},
        ("leaves the L2 penalty out",),
    ),
    Case(
        *("reported_penalty", penalty(about(-L2)), CLEAN),
        {"strength": -L2},
        ("L2 penalty has the wrong sign",),
    ),
    Case(
        "reported_penalty",
        told(l1=dict.fromkeys(SIZES, Estimate(5.1e-6, 1e-6))),
        told(l1=dict.fromkeys(SIZES, Estimate(4.9e-6, 1e-6))),
        {"strength": 5.1e-6},
        ("an L1 penalty that is not declared",),
    ),
    Case(
        *("reported_penalty", penalty(ZERO, UNDECLARED), UNDECLARED),
        {"strength": 0.0},
        ("leaves the L2 penalty out", "in the step is 0.0100"),
    ),
    Case(
        *("reported_penalty", told(l2=BY_SIZE), CLEAN),
        {"where": ["cost", "set size"], "strength_by_size": {"13": 5 / 13, "29": 5 / 29}},
        ("divided by the size of the set", "5.00 over the number of rows", "it would be 0.0100"),
    ),
    Case(
        "reported_penalty",
        told(unsquared=dict.fromkeys(SIZES, Estimate(0.051, 0.01))),
        told(unsquared=dict.fromkeys(SIZES, Estimate(0.049, 0.01))),
        {"where": ["cost", "norm"], "unsquared": 0.051},
        ("not squared", "0.0510 times the norms"),
    ),
    Case(
        "reported_penalty",
        penalty(ZERO, told(l1=dict.fromkeys(SIZES, Estimate(0.01, 0.0019)))),
        penalty(about(L2), told(l1=dict.fromkeys(SIZES, Estimate(0.01, 0.0021)))),
        {"where": ["cost", "kind"], "l2": 0.0, "l1": 0.01},
        ("L1 and L2 are exchanged", "Declared are L2 0.0100 and L1 0"),
    ),
    Case(
        "reported_penalty",
        penalty(about(0.03), told(said(l1=0.03), l1=dict.fromkeys(SIZES, about(0.01)))),
        told(said(l1=0.03), l1=dict.fromkeys(SIZES, about(0.03))),
        {"where": ["cost", "kind"], "l2": 0.03, "l1": 0.01},
        ("are exchanged in the reported cost",),
    ),
    Case(
        "reported_penalty",
        told(l2=dict.fromkeys(SIZES, (about(L2), Estimate(1e-4, 2.1e-5), ZERO, ZERO))),
        CLEAN,
        {"where": ["cost", "weights[1]"]},
        ("leaves out weights of layer 2",),
    ),
    Case(
        "reported_penalty",
        told(l2=dict.fromkeys(SIZES, (about(L2), about(L2), ZERO, Estimate(5.1e-6, 1e-6)))),
        told(l2=dict.fromkeys(SIZES, (about(L2), about(L2), ZERO, Estimate(4.9e-6, 1e-6)))),
        {"where": ["cost", "biases[1]"]},
        ("counts biases of layer 2", "no step is seen to decay"),
    ),
    Case(
        "accuracy_elsewhere",
        evaluated(accuracy=0.5 + 1.02e-6),
        evaluated(accuracy=0.5 + 0.98e-6),
        {"where": ["accuracy"], "reported": 0.5 + 1.02e-6, "of_outputs": 0.5},
        ("reported accuracy is 0.500", "a share of 0.500"),
    ),
    Case(
        *("cannot_overfit", ran(after=(1.0, 1.3)), ran(after=(1.0, 1.19))),
        {"where": ["step"], "before": [1.0, 1.2], "after": [1.0, 1.3]},
        ("60 steps", "from 1.00 to 1.00"),
        level="caution",
    ),
    Case(
        *("first_loss", ran(first_loss=4.41), ran(first_loss=4.4)),
        {"where": ["start"], "first_loss": 4.41, "even_guess": 2.2},
        ("4.41", "even guess's 2.20"),
        level="note",
    ),
]
CASES = [*OF_STEP, *WRITTEN]

RANDOM, CARRIED = {"chance": 1.02e-4}, {"carried": 1.02e-6}
SILENT = [
    *(
        Silent(case.name, sat(case.beyond, **limit), str(limit))
        for case in OF_STEP
        for limit in (RANDOM, CARRIED)
        if not (limit is CARRIED and case.name in ("labels_ignored", "row_order"))
    ),
    *(
        Silent(case.name, sat(case.beyond, other_loss="quadratic"), "another loss")
        for case in OF_STEP
        if case.name
        in (
            *("wrong_gradient", "step_scale", "decay_sign", "decay_kind", "decay_strength"),
            *("decay_on_biases", "moves_otherwise"),
        )
    ),
    *(
        Silent(name, sat(case.beyond, **limit), str(limit))
        for name in ("wrong_gradient", "moves_otherwise")
        for case in OF_STEP
        if case.name == name
        for limit in ({"order": 1.02e-3}, {"labels": 0.98e-9})
    ),
    *(
        Silent("no_descent", sat(descent=about(0.3, 1e-4), model=model), model)
        for model in ("momentum", "lagged", "adam")
    ),
    Silent("decay_sign", moved((1,), l1_decay=about(-0.001, 3e-4)), "too uncertain"),
    Silent("decay_sign", replace(decaying(-L2), declared=said(loss=COST).declared), "cost"),
    Silent("step_scale", sat(FASTER, model="varying"), "varying"),
    Silent("step_scale", replace(FASTER, guessed=True), "guessed"),
    Silent("momentum_differs", moved(ALL, sat(model="varying"), momentum=about(1.0)), "varying"),
    Silent("momentum_differs", moved(ALL, said(momentum=1.0), momentum=about(1.0)), "meant"),
    Silent("momentum_differs", moved(ALL, said(momentum=None), momentum=about(0.9)), "unsaid"),
    Silent("decay_strength", decaying(-L2), "told as decay_sign"),
    Silent("decay_strength", moved(WEIGHTS, decay=ZERO, l1_decay=about(0.005)), "decay_kind"),
    Silent("decay_strength", moved(ALL, rate=about(2 * RATE)), "right by the declared rate"),
    Silent("decay_strength", replace(UNDECLARED, reported=None), "nothing is known"),
    Silent("adaptive_decay", moved(WEIGHTS, inner_l2=0.01), "no Adam"),
    Silent("other_loss", told(sat(other_loss="quadratic"), loss=""), "no loss is reported"),
    *(
        Silent(name, moved(ALL, measured, **changed), str(changed))
        for name, measured in (
            ("decay_strength", decaying(2 * L2)),
            ("decay_sign", decaying(-L2)),
            ("decay_kind", said(l2=0.0, l1=0.01)),
            ("decay_on_biases", decaying(L2, BIASES)),
            ("adaptive_decay", moved(WEIGHTS, sat(model="adam"), inner_l2=0.01)),
            ("momentum_differs", moved(ALL, momentum=about(1.0))),
            ("step_scale", FASTER),
        )
        for changed in ({"exact": False}, {"still": True}, {"spare": 0})
    ),
    Silent("step_scale", moved((0,), FASTER, exact=False), "one is not explained"),
    Silent("step_scale", said(FASTER, rates=(None,) * 4), "no rate is declared"),
    Silent("wrong_gradient", moved((1,), rate=Estimate(0.0, np.inf)), "no slope to be seen"),
    Silent(
        "decay_strength",
        told(replace(decaying(2 * L2), declared=UNDECLARED.declared), loss=""),
        "no known cost",
    ),
    Silent("decay_kind", moved(WEIGHTS, l1_decay=about(0.005)), "both where L2 is meant"),
    Silent("decay_kind", moved(WEIGHTS, said(l2=0.0, l1=0.01), l1_decay=about(0.005)), "both"),
    Silent("decay_kind", moved(WEIGHTS, said(l1=L2), l1_decay=about(RATE * L2)), "equal"),
    Silent("decay_kind", said(l2=0.0, l1=0.0), "nothing is meant"),
    Silent("reported_penalty", penalty(about(2 * L2), sat(UNDECLARED, carried=1.0)), "no step"),
    Silent("accuracy_elsewhere", evaluated(accuracy_of_outputs=None), "no outputs"),
    Silent("first_loss", ran(first_loss=None), "no loss"),
    Silent("moves_otherwise", moved(ALL, exact=False, form="per unit"), "it has a form"),
    Silent("moves_otherwise", moved(ALL, exact=False, spare=0), "nothing is spare"),
    Silent("wrong_gradient", moved(ALL, exact=False), "nothing is exact"),
    Silent("wrong_gradient", FASTER, "all alike"),
    Silent("reported_loss", replace(CLEAN, reported=None), "no cost"),
    Silent("reported_loss", told(said(loss=COST), loss=""), "the cost stands for itself"),
    Silent("reported_penalty", told(penalty(ZERO), loss=""), "unknown"),
    Silent("reported_penalty", penalty(ZERO, said(penalty_reported=False)), "the loss by itself"),
    Silent("reported_penalty", penalty(about(2 * L2), UNDECLARED), "told of the step"),
    Silent(
        "reported_penalty",
        told(
            decaying(L2, BIASES),
            l2=dict.fromkeys(SIZES, (about(L2), about(L2), about(L2), about(L2))),
        ),
        "biases that the step decays too",
    ),
    Silent("accuracy_elsewhere", evaluated(accuracy=None), "none is reported"),
    Silent("cannot_overfit", ran(before=(), after=()), "no runs"),
    Silent("first_loss", ran(first_loss=9.0, uniform_loss=None), "no even guess"),
]


def name_of(case: Case | Silent) -> str:
    return f"{case.name}-{case.words[0] if isinstance(case, Case) else case.why}"


def found(name: str, measured: Measured):
    return AUDIT_FINDINGS[name].find(measured)


def test_correct_code_has_no_findings():
    assert find_in_audit(CLEAN) == ()


def test_every_finding_is_tried():
    assert {case.name for case in CASES} == set(AUDIT_FINDINGS)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_told_just_beyond_its_limit(case):
    finding = found(case.name, case.beyond)
    assert (finding.name, finding.level) == (case.name, case.level)
    text = f"{finding.title}. {finding.explanation}"
    assert [words for words in case.words if words not in text] == [], text
    for key, value in case.evidence.items():
        is_number = isinstance(value, float)
        assert finding.evidence[key] == (pytest.approx(value, rel=1e-9) if is_number else value)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_silent_just_before_it(case):
    assert found(case.name, case.before) is None


@pytest.mark.parametrize("case", OF_STEP, ids=name_of)
def test_not_told_unless_a_second_sitting_confirms_it(case):
    second = case.before.sittings[1]
    if second == case.beyond.sittings[1]:  # what is declared differs: nothing is known then
        second = moved(WEIGHTS, exact=False).sittings[1]
    assert (
        found(case.name, replace(case.beyond, sittings=(case.beyond.sittings[0], second))) is None
    )


@pytest.mark.parametrize("case", SILENT, ids=name_of)
def test_left_to_others(case):
    assert found(case.name, case.measured) is None


def test_problems_come_first():
    several = replace(decaying(-L2), sanity=ran(first_loss=9.0).sanity)
    several = replace(several, evaluation=evaluated(spread=0.1).evaluation)
    assert [f.name for f in find_in_audit(several)] == [
        *("decay_sign", "not_repeatable", "first_loss")
    ]
