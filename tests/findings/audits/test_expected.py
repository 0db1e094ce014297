"""Which decay there should be, and who says so."""

from __future__ import annotations

import pytest

from counterpoint.findings.audits.expected import Expected, exchanged, expected
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.measured import COST
from findings.audits.made import L2, SIZES, ZERO, about, penalty, said, told

UNDECLARED = said(l2=None, l1=None)
SMALL, LARGE = SIZES
UNKNOWN = Estimate(0.0, float("inf"))


def costing(first, second, third=None):
    """An L2 of these strengths on the two weights, and of the third in the larger set."""
    return told(
        UNDECLARED,
        l2={
            SMALL: (first, second, ZERO, ZERO),
            LARGE: (first, second if third is None else third, ZERO, ZERO),
        },
    )


@pytest.mark.parametrize(
    ("measured", "l2", "l1", "source"),
    [
        (said(l1=None), L2, 0.0, "declared"),
        (said(l2=None, l1=0.3), 0.0, 0.3, "declared"),
        (said(l1=0.3), L2, 0.3, "declared"),
        (said(loss=COST), 0.0, 0.0, "in the reported cost"),
        (UNDECLARED, L2, 0.0, "in the reported cost"),
        (said(UNDECLARED, penalty_reported=False), L2, 0.0, "in the reported cost"),
        (
            told(
                penalty(ZERO, said(UNDECLARED, penalty_reported=False)),
                l1=dict.fromkeys(SIZES, about(0.3)),
            ),
            *(0.0, 0.3, "in the reported cost"),
        ),
        (penalty(ZERO, UNDECLARED), 0.0, 0.0, "in the reported cost"),
        (
            told(UNDECLARED, scale=dict.fromkeys(SIZES, about(4.0))),
            L2 / 4,
            0.0,
            "in the reported cost",
        ),
        (
            told(UNDECLARED, scale=dict.fromkeys(SIZES, about(-4.0))),
            -L2 / 4,
            0.0,
            "in the reported cost",
        ),
        # What is not clearly there is nothing, whatever its sign
        (costing(Estimate(4e-8, 1e-8), Estimate(-4e-8, 1e-8)), 0.0, 0.0, "in the reported cost"),
        (costing(about(L2), UNKNOWN), L2, 0.0, "in the reported cost"),
        (costing(about(L2), about(L2 * 1.0049)), L2, 0.0, "in the reported cost"),
        (costing(about(L2), about(L2), about(L2 * 1.0049)), L2, 0.0, "in the reported cost"),
        # Intervals count per unit of the data loss
        (
            told(
                costing(about(L2), Estimate(L2 * 1.02, 5.1e-5)),
                scale=dict.fromkeys(SIZES, about(0.5)),
            ),
            *(2 * L2, 0.0, "in the reported cost"),
        ),
    ],
)
def test_what_should_be(measured, l2, l1, source):
    assert expected(measured) == Expected(pytest.approx(l2), pytest.approx(l1), source)


@pytest.mark.parametrize(
    "measured",
    [
        told(UNDECLARED, loss=""),
        penalty(ZERO, said(UNDECLARED, penalty_reported=False)),
        costing(about(L2), about(L2 * 1.0051)),
        costing(about(L2), about(L2), about(L2 * 1.0051)),
        costing(UNKNOWN, about(L2)),
        told(
            costing(about(L2), Estimate(L2 * 1.02, 4.9e-5)), scale=dict.fromkeys(SIZES, about(4.0))
        ),
        told(UNDECLARED, l1={SMALL: about(0.3), LARGE: about(0.3 * 1.0051)}),
        told(UNDECLARED, scale={SMALL: about(1.0), LARGE: ZERO}),
    ],
)
def test_nothing_is_known(measured):
    expect = expected(measured)
    assert expect is None


@pytest.mark.parametrize(
    ("l2", "l1", "wanted", "other"),
    [
        (ZERO, about(0.3), (0.3, 0.0), True),
        (ZERO, ZERO, (0.3, 0.0), False),
        (about(0.3), about(0.3), (0.3, 0.0), False),
        (about(0.3), ZERO, (0.0, 0.3), True),
        (ZERO, ZERO, (0.0, 0.3), False),
        (about(0.3), about(0.3), (0.0, 0.3), False),
        (about(0.3), ZERO, (0.0, 0.0), False),
        (about(0.2), about(0.3), (0.3, 0.2), True),
        (about(0.1), about(0.3), (0.3, 0.2), False),
        (about(0.2), about(0.1), (0.3, 0.2), False),
        (about(0.3), about(0.3), (0.3, 0.3), False),
        (Estimate(0.25, 0.02), about(0.3), (0.3, 0.2), False),
    ],
)
def test_strengths_of_the_other_kind(l2, l1, wanted, other):
    assert exchanged(l2, l1, Expected(*wanted, "declared")) == other
