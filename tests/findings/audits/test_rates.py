"""Rates of the arrays against those that they should have."""

from __future__ import annotations

import numpy as np
import pytest

from counterpoint.findings.audits.rates import common, ratios, usual_rate
from counterpoint.probes.decompose import Estimate
from findings.audits.made import ALL, CLEAN, RATE, WEIGHTS, about, moved, said, sat

NO_RATES = said(rates=(None,) * 4)
NONE = Estimate(1e-12, 1e-9)


def first(measured):
    return measured.sittings[0]


@pytest.mark.parametrize(
    ("measured", "usual"),
    [
        (CLEAN, RATE),
        (moved(ALL, rate=about(-0.3)), 0.3),
        (moved((0, 1, 2), rate=NONE), RATE),
        (moved((0, 1, 2), moved((0, 1, 2), rate=about(0.3)), spare=0), RATE),
        (moved(ALL, rate=NONE), None),
        (moved(ALL, rate=Estimate(0.0, np.inf)), None),
    ],
)
def test_the_rate_that_most_arrays_have(measured, usual):
    assert usual_rate(first(measured)) == usual


@pytest.mark.parametrize(
    ("measured", "found"),
    [
        (moved((1,), rate=about(0.3)), {0: 1.0, 1: 0.6, 2: 1.0, 3: 1.0}),
        (moved((1,), rate=Estimate(0.0, np.inf)), {0: 1.0, 2: 1.0, 3: 1.0}),
        (moved((1,), spare=0), {0: 1.0, 2: 1.0, 3: 1.0}),
        (said(rates=(RATE, 0.25, None, 0.0)), {0: 1.0, 1: 2.0, 2: 1.0, 3: 1.0}),
        (moved(ALL, NO_RATES, rate=about(0.3)), dict.fromkeys(ALL, 1.0)),
        (moved(ALL, sat(model="varying"), rate=about(0.3)), dict.fromkeys(ALL, 1.0)),
        (moved(ALL, NO_RATES, rate=NONE), {}),
        # Averages over steps, by each array's own rate
        (
            moved(
                (1,),
                moved(
                    ALL, said(rates=(RATE, 0.25, RATE, RATE)), momentum=about(0.9), rate=about(0.05)
                ),
                rate=about(0.025),
            ),
            dict.fromkeys(ALL, 1.0),
        ),
        (moved(ALL, momentum=about(0.9), rate=about(0.05 * 1.00098)), dict.fromkeys(ALL, 1.00098)),
        (moved(ALL, momentum=about(0.9), rate=about(0.05 * 1.00102)), dict.fromkeys(ALL, 0.100102)),
        (moved(ALL, momentum=about(0.9)), dict.fromkeys(ALL, 1.0)),
        (moved(ALL, momentum=about(1.0), rate=about(0.05)), dict.fromkeys(ALL, 0.1)),
        (moved(ALL, momentum=about(-0.5), rate=about(0.75)), dict.fromkeys(ALL, 1.0)),
    ],
)
def test_rates_over_those_they_should_be(measured, found):
    assert ratios(measured, first(measured)) == pytest.approx(found)


@pytest.mark.parametrize(
    ("measured", "ratio"),
    [
        (moved(ALL, rate=about(2 * RATE)), 2.0),
        (moved((0,), moved(ALL, rate=about(2 * RATE)), rate=about(2 * RATE * 1.0098)), 2.0),
        (moved((0,), moved(ALL, rate=about(2 * RATE)), rate=about(2 * RATE * 1.0102)), None),
        (moved((0,), moved(ALL, rate=about(2 * RATE)), rate=about(2 * RATE * 0.9902)), 2.0),
        (moved((0,), moved(ALL, rate=about(2 * RATE)), rate=about(2 * RATE * 0.9898)), None),
        (moved((0,), rate=NONE), 1.0),
        (moved((0,), exact=False), None),
        (moved(ALL, rate=NONE), None),
        (moved(WEIGHTS, rate=about(-RATE)), None),
    ],
)
def test_the_one_ratio_of_all_arrays(measured, ratio):
    found = common(measured, first(measured))
    assert found == (None if ratio is None else pytest.approx(ratio))
