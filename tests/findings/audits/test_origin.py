"""Where a fault lies, by made-up gradients of the code's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterpoint.findings.audits import find_in_audit
from counterpoint.probes.decompose import Estimate
from findings.audits.made import (
    ALL,
    BIASES,
    CLEAN,
    L2,
    N_BATCH,
    RATE,
    WEIGHTS,
    ZERO,
    about,
    decaying,
    exposed,
    moved,
    said,
    sat,
    showing,
)

WRONG = moved((1,), rate=about(2 * RATE), decay=about(2 * RATE * L2))
FORMLESS = moved((0, 1), exact=False, rest=0.3)
STILL = moved((1,), still=True)
STRONG = decaying(2 * L2)
FAST = moved(ALL, rate=about(2 * RATE))
OTHER = sat(other_loss="quadratic")
BIASED = decaying(L2, BIASES)
PENALTY = {"l2": about(L2)}
DOUBLE = {"l2": about(2 * L2)}
NOT_FOLLOWED = exposed(factor=about(2.0), followed=False)
HALF_FOLLOWED = exposed(**DOUBLE, followed=False)
UNEQUAL = moved((1,), STRONG, decay=about(3 * RATE * L2))
UNKNOWN = replace(said(BIASED, l2=None, l1=None), reported=None)
LOOSE = moved(WEIGHTS, decay=about(2 * RATE * L2, 2e-4))


@pytest.mark.parametrize(
    ("measured", "lies", "words"),
    [
        # One array's slopes
        (showing((), WRONG), "update", "is right there"),
        (showing((1,), WRONG, factor=about(1.0099)), "update", "is right there"),
        (showing((1,), WRONG, factor=about(1.0101)), "gradient", "has the same fault"),
        (showing((1,), WRONG, factor=about(2.0)), "gradient", "the step follows it"),
        (showing((1,), WRONG, factor=about(2.0), followed=False), None, ""),
        (showing((1,), WRONG, exact=False), "gradient", ""),
        (showing((1,), WRONG, exact=False, followed=False), None, ""),
        (showing((1,), WRONG, factor=about(0.0)), "gradient", ""),
        (showing((1,), WRONG, factor=about(0.0), followed=False), None, ""),
        (sat(WRONG, exposed=(exposed(factor=about(-11.0)),) * 4), "update", ""),
        (sat(WRONG, exposed=tuple(exposed(factor=about(c)) for c in (1, 1, 1, 1.0201))), None, ""),
        (showing((0, 2, 3), WRONG, exact=False), None, ""),
        (showing((1,), STILL), "update", ""),
        (showing((0, 2, 3), STILL, exact=False), "update", ""),
        (showing((1,), FORMLESS), "update", ""),
        (showing((0, 1), FORMLESS, exact=False), "gradient", ""),
        # All of them
        (showing((), FAST), "update", ""),
        (showing(ALL, FAST, factor=about(2.0)), "gradient", "has the same factor"),
        (showing(ALL, FAST, factor=about(2.0), followed=False), None, ""),
        (showing(ALL, FAST, factor=about(float(N_BATCH))), "update", ""),
        (showing(ALL, FAST, factor=about(-1.0)), "update", ""),
        (showing(ALL, FAST, factor=about(N_BATCH * 1.0099)), "update", ""),
        (showing(ALL, FAST, factor=about(N_BATCH * 1.0101)), None, ""),
        (showing((0,), FAST, factor=about(2.0)), None, ""),
        # Decay
        (showing((), STRONG), "update", "has no such penalty"),
        (showing(WEIGHTS, STRONG, **PENALTY), "update", "is right there"),
        (showing(WEIGHTS, STRONG, **DOUBLE), "gradient", "has the same fault"),
        (showing(WEIGHTS, STRONG, l2=about(2 * L2 * 1.0049)), "gradient", ""),
        (showing(WEIGHTS, STRONG, l2=about(2 * L2 * 1.0051)), None, ""),
        (showing(WEIGHTS, STRONG, l2=about(L2 * 1.0049)), "update", "is right there"),
        (showing(WEIGHTS, STRONG, l2=about(L2 * 1.0051)), None, ""),
        (showing(WEIGHTS, STRONG, l2=Estimate(2.1 * L2, 0.34e-3)), "gradient", ""),
        (showing(WEIGHTS, STRONG, l2=Estimate(2.1 * L2, 0.29e-3)), None, ""),
        (showing(WEIGHTS, STRONG, **DOUBLE, l1=about(0.1)), None, ""),
        (showing(WEIGHTS, STRONG, **PENALTY, l1=about(0.1)), None, ""),
        (showing(WEIGHTS, STRONG, **DOUBLE, followed=False), None, ""),
        (showing(WEIGHTS, STRONG, exact=False), None, ""),
        (showing(WEIGHTS, STRONG, factor=ZERO), None, ""),
        (showing((), BIASED), "update", "has no such penalty"),
        (showing(BIASES, BIASED, **PENALTY), "gradient", ""),
        (showing(WEIGHTS, decaying(0.0), **PENALTY), "update", "is right there"),
        (
            showing((), moved(WEIGHTS, said(l1=0.02), decay=about(0.01), l1_decay=about(0.005))),
            "update",
            "has no such penalty",
        ),
        # Another loss
        (showing((), OTHER), "update", ""),
        (showing((0, 2), OTHER, exact=False), "gradient", ""),
        (showing((0, 2), OTHER, exact=False, followed=False), None, ""),
        (showing((0,), OTHER, factor=ZERO), "gradient", ""),
        # Each condition where it alone decides
        (showing(ALL, FORMLESS, factor=ZERO), "gradient", ""),
        (showing((0, 2, 3), FORMLESS, exact=False), "update", ""),
        (showing((0,), WRONG, factor=ZERO), "update", ""),
        (
            sat(WRONG, exposed=tuple(exposed(factor=about(11.0 * c)) for c in (1, 1, 1.0099, 1))),
            *("update", ""),
        ),
        (
            sat(FAST, exposed=(*(exposed(factor=about(2.0)),) * 3, NOT_FOLLOWED)),
            *(None, ""),
        ),
        (showing(ALL, FAST, factor=ZERO), None, ""),
        (showing((0,), STRONG, exact=False), None, ""),
        (showing((1,), STRONG, **PENALTY), None, ""),
        (showing((1,), STRONG, **DOUBLE), None, ""),
        (showing(WEIGHTS, STRONG, l1=about(0.1)), None, ""),
        (sat(STRONG, exposed=(HALF_FOLLOWED, *(exposed(**DOUBLE),) * 3)), None, ""),
        (showing((0,), UNEQUAL, **PENALTY), None, ""),
        (showing((2,), UNKNOWN, l2=about(2 * L2)), None, ""),
        (showing(WEIGHTS, STRONG, l2=about(2 * L2), l1=Estimate(4.5e-10, 1e-13)), "gradient", ""),
        (showing(WEIGHTS, LOOSE, l2=Estimate(0.0208, 1e-4)), "gradient", ""),
        # Nothing to go by, or another fault
        (WRONG, None, ""),
        (showing((), sat(order=0.5)), None, ""),
    ],
)
def test_where_a_fault_lies(measured, lies, words):
    finding = find_in_audit(measured)[0]
    assert finding.evidence.get("fault_in") == lies
    assert words in finding.explanation
    assert ("the code exposes" in finding.explanation) == (lies is not None)


@pytest.mark.parametrize("fault", [WRONG, STRONG, FAST, OTHER])
def test_both_sittings_have_to_say_so(fault):
    one = showing((), fault)
    other = showing(ALL, fault, exact=False)
    for second in (other.sittings[1], fault.sittings[1]):
        finding = find_in_audit(replace(one, sittings=(one.sittings[0], second)))[0]
        assert "fault_in" not in finding.evidence


def test_a_wrong_gradient_alone_is_no_finding():
    assert find_in_audit(showing(ALL, CLEAN, exact=False, factor=about(3.0))) == ()
