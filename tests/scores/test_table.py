"""The table of scores: the two-model example, labels of any kind, and what it refuses."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

import counterpoint.scores
from counterpoint.errors import InputError
from counterpoint.scores import SCORES, mean_interval, proportion_interval, score_table

TWO_MODELS = {"sure": ([0.01, 0.99], 0.0201), "unsure": ([0.49, 0.51], 1.3467)}


@pytest.mark.parametrize(("probability", "total"), TWO_MODELS.values(), ids=TWO_MODELS.keys())
def test_two_models_alike_in_accuracy_and_apart_in_loss(probability, total: float) -> None:
    table = counterpoint.scores([0, 1], probability)
    rows = {row["quantity"]: row for row in table.iter_rows(named=True)}
    assert rows["accuracy"]["value"] == 1.0
    assert rows["log_loss"]["sum"] == pytest.approx(total, abs=5e-5)
    assert rows["log_loss"]["value"] == pytest.approx(total / 2, abs=2.5e-5)
    assert rows["log_loss"]["sum"] == pytest.approx(-np.log(probability[1] * (1 - probability[0])))


@pytest.mark.parametrize(
    "first", ["counterpoint.scores", "counterpoint.scores.paired", "counterpoint.scores.proper"]
)
def test_the_package_is_callable_whatever_is_imported_first(first: str) -> None:
    code = (
        f"import {first}; import counterpoint.scores.paired; "
        "print(counterpoint.scores([0, 1], [0.1, 0.8])['value'][0], counterpoint.scores.SCORES)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("1.0 ")


def test_columns_and_rows() -> None:
    table = score_table([0, 1, 1], [0.1, 0.8, 0.3])
    assert table.columns == ["quantity", "value", "low", "high", "sum"]
    assert table["quantity"].to_list() == list(SCORES)


def random_case(n: int, n_classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    probability = rng.dirichlet(np.ones(n_classes), size=n)
    label = rng.integers(n_classes, size=n)
    label[:n_classes] = np.arange(n_classes)
    return label, probability, rng.uniform(0.5, 2, size=n)


def test_values_sums_and_intervals_are_those_of_the_parts() -> None:
    label, probability, weight = random_case(80, 4)
    table = score_table(label, probability, sample_weight=weight, confidence=0.8)
    for row in table.iter_rows(named=True):
        per_observation = SCORES[row["quantity"]].per_observation(probability, label)
        interval = proportion_interval if row["quantity"] == "accuracy" else mean_interval
        estimate = interval(per_observation, weight, confidence=0.8)
        assert row["value"] == pytest.approx(float(estimate.value))
        assert row["low"] == pytest.approx(float(estimate.low))
        assert row["high"] == pytest.approx(float(estimate.high))
        assert row["sum"] == pytest.approx(row["value"] * weight.sum())


def test_intervals_stay_inside_the_range_of_the_score() -> None:
    label = np.array([0, 0, 0, 1])
    table = score_table(label, [1e-9, 1e-9, 0.5, 1e-9])
    for row in table.iter_rows(named=True):
        score = SCORES[row["quantity"]]
        assert score.least <= row["low"] <= row["value"] <= row["high"] <= score.greatest


def test_a_single_row_has_a_loss_and_no_interval_for_it() -> None:
    table = score_table([1], [0.8], classes=[0, 1])
    row = table.row(by_predicate=pl.col("quantity") == "log_loss", named=True)
    assert row["value"] == pytest.approx(-np.log(0.8))
    assert row["low"] is None
    assert row["high"] is None


NAMES = ["ash", "elm", "oak"]


@pytest.mark.parametrize(
    "make",
    [list, np.array, lambda v: np.array(v, dtype=object), pd.Series, pl.Series, pd.Categorical],
    ids=["list", "str array", "object array", "pandas", "polars", "categorical"],
)
def test_labels_may_be_text_in_any_container(make) -> None:
    label, probability, _ = random_case(20, 3)
    named = make([NAMES[k] for k in label])
    assert score_table(named, probability).equals(score_table(label, probability))


def test_classes_give_the_order_of_the_columns() -> None:
    label, probability, _ = random_case(20, 3)
    named = [NAMES[k] for k in label]
    turned = score_table(named, probability[:, ::-1], classes=NAMES[::-1])
    assert turned["value"].to_list() == pytest.approx(
        score_table(label, probability)["value"].to_list()
    )


@pytest.mark.parametrize("label", [[True, False, True], [1.0, 0.0, 1.0], [7, -2, 7]])
def test_two_classes_of_any_kind_are_sorted(label) -> None:
    table = score_table(label, [0.9, 0.2, 0.6])
    assert table["value"][0] == 1.0


def test_classes_that_no_row_has_are_allowed_when_named() -> None:
    table = score_table([0, 1], [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1]], classes=[0, 1, 2])
    assert table["value"][0] == 1.0


def test_probabilities_in_single_precision_pass() -> None:
    label, probability, _ = random_case(50, 10)
    table = score_table(label, probability.astype(np.float32))
    assert table["value"].to_list() == pytest.approx(
        score_table(label, probability)["value"].to_list(), rel=1e-5
    )


GOOD = [[0.5, 0.5], [0.2, 0.8]]


@pytest.mark.parametrize(
    ("y", "probability", "options", "message"),
    [
        ([0, 1], [[0.5, 0.5], [0.2, 0.7]], {}, "sums to 0.9 in row 1"),
        ([0, 1], [[0.5, 0.5], [-0.1, 1.1]], {}, "-0.1 in row 1, column 0"),
        ([0, 1], [0.5, 1.2], {}, "probability is 1.2 in row 1:"),
        ([0, 1], [[np.nan, 0.5], [0.2, 0.8]], {}, "nan in row 0, column 0"),
        ([0, 1], [["a", "b"], ["c", "d"]], {}, "can't be read as numbers"),
        ([0, 1], 0.5, {}, r"shape \(\)"),
        ([], [], {}, r"shape \(0,\)"),
        ([0, 1, 1], GOOD, {}, r"y_true has shape \(3,\) and probability has 2 rows"),
        ([0, 0], GOOD, {}, "1 classes and probability has 2 columns"),
        ([0, 1], GOOD, {"classes": [0, 1, 2]}, "classes names 3 classes"),
        ([0, 1], GOOD, {"classes": [0, 0]}, "names a class twice"),
        (["a", "c"], GOOD, {"classes": ["a", "b"]}, "'c' in row 1.*'a', 'b'"),
        (["0", "1"], GOOD, {"classes": [0, 1]}, "'0' in row 0.*classes 0, 1"),
        (np.array(["a", 1], dtype=object), GOOD, {}, "mixes text with numbers"),
        ([0.0, np.nan], GOOD, {}, "missing in row 1"),
        ([None, "a"], GOOD, {}, "missing in row 0"),
        ([0, 1], GOOD, {"sample_weight": [1.0, -2.0]}, "-2.0 in row 1"),
        ([0, 1], GOOD, {"sample_weight": [1.0, np.nan]}, "nan in row 1"),
        ([0, 1], GOOD, {"sample_weight": [0.0, 0.0]}, "zero in every row"),
        ([0, 1], GOOD, {"sample_weight": [1.0]}, "one weight a row"),
        ([0, 1], GOOD, {"confidence": 95}, "confidence is 95"),
    ],
)
def test_bad_input_is_named(y, probability, options, message: str) -> None:
    with pytest.raises(InputError, match=message):
        score_table(y, probability, **options)
