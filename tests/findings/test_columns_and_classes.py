from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from counterpoint.findings import constant_columns, duplicate_columns, small_classes
from counterpoint.findings.chosen import choose
from counterpoint.fit.result import SweepFit


@pytest.fixture(scope="module")
def copied() -> Any:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(300, 4))
    y = x[:, 0] + x[:, 1] + rng.normal(size=300) > 0
    return np.column_stack([x, x[:, 0], np.full(300, 7.0)]), y


@pytest.mark.parametrize("penalty", ["l2", "l1", "elasticnet"])
def test_copies_are_named_with_their_weights(fitted: Any, copied: Any, penalty: str) -> None:
    fit = fitted(*copied, penalty=penalty, alphas=np.logspace(-4, 0, 9))
    finding = duplicate_columns.find(fit)
    assert finding is not None
    assert finding.evidence["pairs"] == [["x0", "x4", 1.0]]
    assert finding.evidence["exact"] == 1
    index = choose(fit).recommended.index
    one, other = finding.evidence["weight_sizes"][0]
    assert (one, other) == pytest.approx(tuple(np.abs(fit.coef[index, 0, [0, 4]])))
    if penalty != "l1":
        assert one == pytest.approx(other, rel=1e-2)  # evenly
    assert ("accident" in finding.explanation) == (penalty == "l1")


def test_constant_columns_are_named(fitted: Any, copied: Any) -> None:
    finding = constant_columns.find(fitted(*copied))
    assert finding is not None
    assert finding.evidence["columns"] == ["x5"]


def test_distinct_columns_raise_nothing(healthy: SweepFit) -> None:
    assert duplicate_columns.find(healthy) is None
    assert constant_columns.find(healthy) is None
    assert small_classes.find(healthy) is None


def test_small_classes_are_named_with_their_rows(fitted: Any) -> None:
    rng = np.random.default_rng(0)
    y = np.repeat(["many", "more", "few", "rare"], [60, 60, 7, 3])
    finding = small_classes.find(fitted(rng.normal(size=(130, 2)), y, alphas=[0.01, 0.1, 1.0]))
    assert finding is not None
    assert finding.evidence["classes"] == ["rare", "few"]
    assert finding.evidence["held_out_rows"] == [3, 7]
    assert "1 of these classes is missing" in finding.explanation


def test_a_small_set_of_held_out_rows(fitted: Any) -> None:
    rng = np.random.default_rng(0)
    y = np.repeat(["many", "rare"], [90, 8])
    fit = fitted(rng.normal(size=(98, 2)), y, held_out=0.25, alphas=[0.01, 0.1])
    finding = small_classes.find(fit)
    assert finding is not None
    assert finding.evidence["held_out_rows"] == [2]
    assert finding.evidence["rows"] == [8]
