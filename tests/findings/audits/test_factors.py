"""Factors that have a usual cause, and when two figures are the same."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from counterpoint.findings.audits.factors import agrees, factor_in_words, named_factor, present
from counterpoint.probes.decompose import Estimate
from findings.audits.made import CLEAN

DECLARED = replace(CLEAN.declared, rates=(0.3,) * 4, momentum=0.93, n_train=503, n_outputs=7)


@pytest.mark.parametrize(
    ("ratio", "name"),
    [
        (2.0, "2"),
        (-2.0, "2"),
        (0.5, "one over 2"),
        (11.0, "the number of rows in the mini-batch"),
        (22.0, "twice the number of rows in the mini-batch"),
        (5.5, "half the number of rows in the mini-batch"),
        (1 / 11, "one over the number of rows in the mini-batch"),
        (2 / 11, "twice one over the number of rows in the mini-batch"),
        (503.0, "the number of training rows"),
        (503 / 11, "training rows over rows in the mini-batch"),
        (7.0, "the number of outputs"),
        (0.3, "the learning rate"),
        (1 / 0.3, "one over the learning rate"),
        (0.07, "1 - momentum"),
        (math.log(2), "ln 2"),
        (math.log(10), "ln 10"),
        (11 * 1.0049, "the number of rows in the mini-batch"),
        (11 * 1.0051, ""),
        (4.0, ""),
        (13.0, ""),
        (0.0, ""),
        (math.inf, ""),
        (math.nan, ""),
    ],
)
def test_factors_by_name(ratio, name):
    assert named_factor(ratio, DECLARED) == name


def test_a_factor_without_a_name_stands_alone():
    assert factor_in_words(4.0, DECLARED) == "4.00"
    assert factor_in_words(-11.0, DECLARED) == "-11.0: the number of rows in the mini-batch"


@pytest.mark.parametrize(
    ("declared", "ratio"),
    [
        (replace(DECLARED, n_train=None), 503.0),
        (replace(DECLARED, n_outputs=2), 7.0),
        (replace(DECLARED, rates=(None, None)), 0.3),
        (replace(DECLARED, momentum=None), 0.07),
    ],
)
def test_what_is_not_declared_has_no_name(declared, ratio):
    assert named_factor(ratio, declared) == ""


def test_two_outputs_are_no_factor_of_their_own():
    assert named_factor(2.0, replace(DECLARED, n_outputs=2)) == "2"
    assert named_factor(3.0, replace(DECLARED, n_outputs=3)) == "the number of outputs"


@pytest.mark.parametrize(
    ("value", "error", "other", "same"),
    [
        (1.0, 0.1, 1.301, True),
        (1.0, 0.1, 1.31, False),
        (1.0049, 0.0, 1.0, True),
        (1.0051, 0.0, 1.0, False),
        (-1.0, 0.0, 1.0, False),
        (0.3, 0.101, 0.0, True),
        (0.3, 0.099, 0.0, False),
    ],
)
def test_agreement_is_three_errors_and_half_a_percent(value, error, other, same):
    assert agrees(Estimate(value, error), other) == same
    assert agrees(Estimate(-value, error), -other) == same


@pytest.mark.parametrize(
    ("value", "error", "there"),
    [
        (1.0, 0.199, True),
        (-1.0, 0.199, True),
        (1.0, 0.201, False),
        (1.02e-9, 0.0, True),
        (0.98e-9, 0.0, False),
    ],
)
def test_what_is_clearly_not_zero(value, error, there):
    assert present(Estimate(value, error)) == there
