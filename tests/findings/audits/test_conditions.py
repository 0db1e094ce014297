"""Each condition of the findings of an audit, on measurements where it alone decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from counterpoint.findings.audits import AUDIT_FINDINGS
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import COST, Measured
from findings.audits.made import (
    ALL,
    BIASES,
    CLEAN,
    L2,
    RATE,
    SIZES,
    WEIGHTS,
    ZERO,
    about,
    decaying,
    evaluated,
    moved,
    penalty,
    said,
    sat,
    told,
)

SMALL, LARGE = SIZES
NOISE, UNSURE = Estimate(2e-10, 1e-8), Estimate(0.9, 0.05)
UNDECLARED = said(l2=None, l1=None)
LOSS_ALONE = said(penalty_reported=False)
WRONG = moved((1,), rate=about(2 * RATE))
STEP_ONLY = penalty(ZERO, UNDECLARED)
FAST = moved(ALL, rate=about(2 * RATE))
STRONG = decaying(2 * L2)
OTHER = sat(other_loss="quadratic")
FORMLESS = moved(ALL, exact=False, rest=0.3)


def scaled(small: Estimate, large: Estimate) -> Measured:
    return told(scale={SMALL: small, LARGE: large})


def sized(small: Estimate, large: Estimate) -> Measured:
    """An L2 in the reported cost of these strengths on few and on many rows."""
    return told(l2={SMALL: (small, small, ZERO, ZERO), LARGE: (large, large, ZERO, ZERO)})


def one_size(measured: Measured) -> Measured:
    """The reported cost taken apart on the smaller set alone."""
    reported = measured.reported
    assert reported is not None
    kept = {name: {SMALL: getattr(reported, name)[SMALL]} for name in ("scale", "l2", "l1")}
    return told(measured, **kept, unsquared={SMALL: reported.unsquared[SMALL]})


def then(measured: Measured, *others: Measured) -> Measured:
    """The sittings of all of these, one after the other."""
    return replace(measured, sittings=sum((m.sittings for m in others), measured.sittings))


@pytest.mark.parametrize(
    ("name", "measured", "words"),
    [
        # Limits below which rows count alike and labels count
        ("wrong_gradient", sat(WRONG, order=0.98e-3), ""),
        ("wrong_gradient", sat(WRONG, labels=1.02e-9), ""),
        ("wrong_gradient", sat(WRONG, order=np.nan), ""),
        # Decay of the other kind, array by array
        (
            "decay_kind",
            moved((0,), decay=ZERO, l1_decay=about(0.005)),
            "What moves the weights of layer 1 (weights[0]) is",
        ),
        (
            "decay_kind",
            moved((0,), moved(WEIGHTS, l1_decay=about(0.005)), decay=ZERO),
            "What moves the weights of layer 1 (weights[0]) is",
        ),
        (
            "decay_kind",
            moved((1,), moved(WEIGHTS, l1_decay=about(0.005)), decay=ZERO),
            "What moves the weights of layer 2 (weights[1]) is L2 0 (95%",
        ),
        (
            "decay_strength",
            moved((0,), moved(WEIGHTS, l1_decay=about(0.005)), decay=ZERO),
            "The L1 strength declared is 0. What moves the weights of layer 2 (weights[1]) is",
        ),
        # Strength of decay
        ("decay_strength", said(STRONG, rates=(None,) * 4), "off by a factor of 2"),
        ("decay_strength", said(STRONG, rates=(0.0,) * 4), "off by a factor of 2"),
        (
            "decay_strength",
            moved(WEIGHTS, said(l2=0.0), decay=ZERO, inner_l2=L2),
            "an L2 decay that is not declared",
        ),
        (
            "decay_strength",
            moved(WEIGHTS, FAST, decay=Estimate(RATE * L2 * 1.02, 2.4e-5)),
            "off by a factor of",
        ),
        ("decay_strength", moved(WEIGHTS, decay=Estimate(-1e-13, 1e-12)), "has no L2 decay"),
        ("decay_strength", decaying(0.0), "Add alpha * w to the slope"),
        ("decay_strength", STRONG, "For data loss + alpha/2 |W|^2 the step is"),
        # Momentum
        ("momentum_differs", moved(WEIGHTS, FORMLESS, momentum=about(1.0), exact=True), "pile up"),
        ("momentum_differs", moved(BIASES, FORMLESS, momentum=about(1.0), exact=True), "pile up"),
        (
            "momentum_differs",
            moved((3,), moved(ALL, momentum=Estimate(0.7, 0.2)), momentum=about(0.8)),
            "in force is 0.800",
        ),
        (
            "momentum_differs",
            moved(ALL, said(momentum=0.9), momentum=about(-0.9)),
            "in force is -0.900; 0.900 is declared",
        ),
        ("momentum_differs", moved(ALL, said(momentum=None), momentum=about(1.0)), "pile up"),
        ("momentum_differs", moved(ALL, momentum=Estimate(0.9, 0.17)), "pile up"),
        ("momentum_differs", moved(ALL, momentum=Estimate(0.9, 0.19)), "in force is 0.900"),
        # Another loss
        ("other_loss", replace(OTHER, reported=None), "not the binary cross-entropy"),
        ("other_loss", said(OTHER, loss=""), "not the reported loss"),
        ("other_loss", said(OTHER, loss=COST), "not the cost"),
        ("other_loss", said(sat(other_loss="bce"), loss="quadratic"), "use the one of the cost"),
        ("other_loss", OTHER, "use the one of the cost"),
        ("other_loss", said(OTHER, loss="log"), "take the slope of the one that is reported"),
        # The whole step
        ("step_scale", replace(moved(ALL, rate=about(-RATE)), guessed=True), "climbs"),
        ("step_scale", said(replace(FAST, guessed=True), loss=COST), "off by a factor of 2"),
        ("step_scale", moved(ALL, sat(model="varying"), rate=about(-0.3)), "climbs"),
        ("step_scale", moved((0,), FAST, rate=NOISE), "at a rate of 1.00;"),
        ("step_scale", moved((0,), FAST, rate=about(30.0), spare=0), "at a rate of 1.00;"),
        ("step_scale", moved((0,), FAST, rate=Estimate(0.0, np.inf)), "at a rate of 1.00;"),
        # A form of the fault, where nothing is explained
        ("wrong_gradient", moved((1,), FORMLESS, form="transposed"), "are updated transposed"),
        ("wrong_gradient", moved((1, 3), FORMLESS, form="transposed"), "are updated transposed"),
        # The reported loss
        (
            "reported_loss",
            replace(
                scaled(about(2.0), about(2.0)), evaluation=evaluated(spread=0.98e-9).evaluation
            ),
            "",
        ),
        ("reported_loss", scaled(about(1.0051), about(1.0)), "goes from 1.01 to 1.00"),
        ("reported_loss", scaled(Estimate(1.1, 0.03), about(1.1)), "a factor of 1.10"),
        ("reported_loss", scaled(about(2.0), about(2.0 * 1.0049)), "a factor of 2.00: 2"),
        ("reported_loss", scaled(about(2.0), about(2.0 * 1.0051)), "goes from 2.00 to 2.01"),
        ("reported_loss", scaled(about(13 * 1.0049), about(29 * 1.0049)), "is the sum over rows"),
        ("reported_loss", scaled(about(13 * 1.0051), about(29 * 1.0051)), "over rows times 1.01"),
        ("reported_loss", scaled(about(13.0), about(29 * 1.0051)), "goes from 13.0 to 29.1"),
        ("reported_loss", one_size(scaled(about(2.0), about(2.0))), "a factor of 2.00: 2"),
        ("reported_loss", scaled(ZERO, ZERO), "it holds nothing of it"),
        ("reported_loss", scaled(ZERO, about(1.0)), "it holds nothing of it"),
        ("reported_loss", scaled(about(1.0), ZERO), "it holds nothing of it"),
        ("reported_loss", told(scaled(about(2.0), about(2.0)), loss="own"), "the mean data loss"),
        ("reported_loss", told(scaled(about(2.0), about(2.0)), loss="bce"), "mean binary cross"),
        ("reported_loss", told(loss="", rest=3.0), " 100% of it is left"),
        ("reported_loss", told(loss="", rest=0.97), " 97% of it is left"),
        # The reported penalty
        ("reported_penalty", penalty(about(2 * L2), LOSS_ALONE), "off by a factor of 2"),
        (
            "reported_penalty",
            told(penalty(ZERO, LOSS_ALONE), unsquared=dict.fromkeys(SIZES, about(0.3))),
            "not squared",
        ),
        ("reported_penalty", penalty(about(11 * L2)), "off by a factor of 11.0: the number of"),
        ("reported_penalty", penalty(about(3.3 * L2)), "off by a factor of 3.30"),
        (
            "reported_penalty",
            sized(about(5 / SMALL), Estimate(5 / LARGE * 1.02, 9e-4)),
            "divided by the size of the set",
        ),
        (
            "reported_penalty",
            sized(about(5 / SMALL), Estimate(5 / LARGE * 1.02, 8e-4)),
            "off by a factor of 38.5",
        ),
        ("reported_penalty", one_size(penalty(about(2 * L2))), "off by a factor of 2"),
        (
            "reported_penalty",
            moved(
                BIASES,
                told(l2=dict.fromkeys(SIZES, (about(L2),) * 4)),
                exact=False,
                decay=about(0.005),
            ),
            "counts biases of layer 1 (biases[0]) and biases of layer 2 (biases[1])",
        ),
        (
            "reported_penalty",
            penalty(about(L2), said(l2=None, l1=0.0)),
            "L2 penalty that is not declared",
        ),
        ("reported_penalty", penalty(ZERO, said(l1=None)), "leaves the L2 penalty out"),
        (
            "reported_penalty",
            moved(WEIGHTS, STEP_ONLY, decay=ZERO, l1_decay=about(0.005)),
            "leaves the L1 penalty out",
        ),
    ],
)
def test_told(name, measured, words):
    finding = AUDIT_FINDINGS[name].find(measured)
    assert finding is not None
    assert words in f"{finding.title}. {finding.explanation} {finding.remedy}"


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        # Every sitting has to say the same
        ("decay_sign", then(decaying(-L2), CLEAN)),
        ("decay_sign", then(CLEAN, decaying(-L2))),
        ("decay_sign", then(decaying(-L2), decaying(-L2, (1,)))),
        # A share that is no number tells nothing
        ("row_order", sat(order=np.nan)),
        ("labels_ignored", sat(labels=np.nan)),
        # Decay
        ("decay_kind", moved(WEIGHTS, replace(UNDECLARED, reported=None), l1_decay=about(0.005))),
        ("decay_kind", moved(WEIGHTS, said(l1=0.03), decay=about(0.01), l1_decay=about(0.005))),
        ("decay_strength", moved((0,), decay=ZERO, l1_decay=about(0.005))),
        ("decay_strength", moved(WEIGHTS, FAST, decay=Estimate(RATE * L2 * 1.02, 2.6e-5))),
        ("decay_strength", moved(WEIGHTS, exact=False)),
        # Momentum
        ("momentum_differs", moved(ALL, said(momentum=0.9), momentum=UNSURE)),
        ("momentum_differs", moved(ALL, said(momentum=None), momentum=Estimate(0.0, np.inf))),
        ("momentum_differs", moved(ALL, momentum=Estimate(0.0, np.inf))),
        ("momentum_differs", moved(BIASES, momentum=Estimate(0.3, 0.2))),
        ("momentum_differs", moved((0,), exact=False, momentum=Estimate(1.0, 1e-13))),
        # Nothing moves, or nothing is wrong
        ("moves_otherwise", moved(ALL, exact=False, still=True)),
        ("wrong_gradient", moved(ALL, said(rates=(None,) * 4), rate=NOISE)),
        (
            "wrong_gradient",
            moved(
                (1,),
                moved(
                    ALL,
                    said(rates=(RATE, 0.25, RATE, RATE)),
                    momentum=about(0.9),
                    rate=about(0.1 * RATE),
                ),
                rate=about(0.025),
            ),
        ),
        ("step_scale", replace(FAST, guessed=True)),
        ("step_scale", moved((0,), FAST, rate=about(2 * RATE * 1.0102))),
        # The reported loss
        (
            "reported_loss",
            replace(
                scaled(about(2.0), about(2.0)), evaluation=evaluated(spread=1.02e-9).evaluation
            ),
        ),
        ("reported_loss", scaled(Estimate(1.1, 0.034), Estimate(0.9, 0.034))),
        ("reported_loss", told(scale=dict.fromkeys(SIZES, Estimate(0.0, np.inf)))),
        ("reported_loss", one_size(CLEAN)),
        # The reported penalty
        ("reported_penalty", replace(CLEAN, reported=None)),
        ("reported_penalty", one_size(CLEAN)),
        ("reported_penalty", decaying(0.0)),
        ("reported_penalty", told(unsquared={SMALL: about(0.3), LARGE: ZERO})),
        ("reported_penalty", sized(about(L2), about(L2))),
        (
            "reported_penalty",
            told(l1={SMALL: Estimate(8e-10, 1e-13), LARGE: Estimate(8e-10 * SMALL / LARGE, 1e-13)}),
        ),
        (
            "reported_penalty",
            told(said(l1=0.03), l1=dict.fromkeys(SIZES, about(0.03))),
        ),
        ("reported_penalty", moved(WEIGHTS, STEP_ONLY, decay=NOISE)),
        ("reported_penalty", moved(WEIGHTS, STEP_ONLY, exact=False)),
        ("reported_penalty", then(STEP_ONLY, STRONG)),
        ("reported_penalty", then(moved(WEIGHTS, STEP_ONLY, l1_decay=about(0.005)), STEP_ONLY)),
    ],
)
def test_silent(name, measured):
    assert AUDIT_FINDINGS[name].find(measured) is None
