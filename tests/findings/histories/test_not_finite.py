"""A log that ends in NaN: what else is said of it, and what is not."""

from __future__ import annotations

import math

import pytest

import counterpoint as cp
from counterpoint.runs.history import History


def findings(**curves):
    points = [
        (None, i + 1.0, *name.split("_", 1), value)
        for name, values in curves.items()
        for i, value in enumerate(values)
    ]
    return {f.name: f for f in cp.diagnose(History.of_points(points)).findings}


FALLS = [2.3, 1.9, 1.5, 1.2, 1.0, 0.9, 0.82, 0.75]


def test_what_ends_in_nan_was_not_still_improving():
    assert "still_improving" in findings(train_loss=FALLS)
    assert "still_improving" not in findings(train_loss=[*FALLS, math.nan])


@pytest.mark.parametrize(
    ("norms", "said"),
    [
        ([1, 1, 1.25, 1, 3, 40, math.nan, math.nan], ": here 1.25, 1.00, 3.00 and 40."),
        ([math.nan] * 8, "from the others."),
    ],
)
def test_gradient_norms_before_it_are_shown(norms, said):
    found = findings(train_loss=[*FALLS[:6], math.nan, math.nan], train_gradient_norm=norms)
    assert said in found["not_finite"].doubt


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([math.nan, math.nan], "is NaN from epoch 9 on"),
        ([math.inf, 0.5], "is inf at epoch 9"),
        ([-math.inf, math.nan], "is -inf from epoch 9 on"),
    ],
)
def test_the_title_says_what_it_is_and_for_how_long(ends, said):
    assert findings(train_loss=[*FALLS, *ends])["not_finite"].title == f"Training loss {said}"
