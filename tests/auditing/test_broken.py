"""Every fault is named rightly, by finding and place; correct code is met with silence."""

from __future__ import annotations

import pytest

from auditing.broken import CASES, SIZES, Case, name_of, verdict
from auditing.textbook import Network
from counterpoint.auditing import audit

# A step that drops its only row takes the mean of none, as a user's would.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Mean of empty slice"),
    pytest.mark.filterwarnings("ignore:invalid value encountered"),
]
#: So small that every fault is tried in a moment; the slow tests take the table's sizes.
SMALL = (5, 4, 3)
CORRECT = (
    {},
    {"lmbda": 5.0},
    {"l1": 2.0},
    {"lmbda": 5.0, "l1": 1.0, "cost": "bce"},
    {"lmbda": 5.0, "momentum": 0.9},
    {"momentum": 0.5, "cost": "bce"},
)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_fault_is_named_with_its_place(case: Case):
    right, others = verdict(case, SMALL, seed=0)
    assert right, others


@pytest.mark.parametrize("options", CORRECT, ids=str)
def test_correct_code_is_met_with_silence(options):
    assert audit(Network(SMALL, **options)).findings == ()


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_fault_is_named_in_larger_networks(case: Case, sizes):
    for seed in (1, 2):
        right, others = verdict(case, sizes, seed)
        assert right, (seed, others)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("options", CORRECT, ids=str)
def test_correct_code_is_met_with_silence_at_any_seed(options, sizes):
    for seed in range(5):
        assert audit(Network(sizes, seed=seed, **options), seed=seed).findings == ()
