"""`cp.read`: what is asked, how it is read, and what comes back."""

from __future__ import annotations

import json
import math

import pytest

import counterpoint as cp

LINE = "loss: 0.4011 - acc: 0.8224 - val_loss: 0.4577 - val_acc: 0.7826"


def test_a_line_of_two_splits():
    reading = cp.read(LINE, classes=2)
    assert [(p.split, p.loss, p.accuracy) for p in reading.pairs] == [
        ("validation", 0.4577, 0.7826),
        ("train", 0.4011, 0.8224),
    ]
    assert [f.name for f in reading.findings] == ["unremarkable", "unremarkable", "gap"]
    assert "val_loss 0.4577" in str(reading)
    assert reading.table["split"].to_list() == ["validation", "train"]


def test_two_numbers_are_the_same_as_their_line():
    line = cp.read("loss 0.4577 acc 78.26%", classes=2).pairs[0]
    text = cp.read(loss="0.4577", accuracy="78.26%", classes=2).pairs[0]
    number = cp.read(loss=0.4577, accuracy=0.7826, classes=2).pairs[0]
    assert line == text
    assert (number.loss, number.accuracy) == (text.loss, pytest.approx(text.accuracy))
    # Typed digits are rounded; a number of Python's is what it is.
    assert (text.loss_rounding, number.loss_rounding) == (5e-5, 0.0)


@pytest.mark.parametrize(
    ("accuracy", "samples", "expected"),
    [
        (0.5, None, (0.5, None)),
        ("7826/10000", None, (0.7826, 10_000)),
        (78.26, None, (0.7826, None)),
        ("78", None, (0.78, None)),
        (7826, 10_000, (0.7826, 10_000)),
        (1, None, (1.0, None)),
        (1.0, 50, (1.0, 50)),
        ("0.78", 50, (0.78, 50)),
    ],
)
def test_an_accuracy_in_every_dress(accuracy, samples, expected):
    pair = cp.read(loss=0.4, accuracy=accuracy, classes=2, samples=samples).pairs[0]
    assert (pair.accuracy, pair.samples) == (pytest.approx(expected[0]), expected[1])


def test_one_is_exact_more_often_than_rounded():
    rounding = [
        cp.read(f"loss: 0.4 acc: {text}", classes=2).pairs[0].accuracy_rounding
        for text in ("1", "1.0", "0.9", "1.00")
    ]
    assert rounding == pytest.approx([0.0, 0.0, 0.05, 0.005])


def test_errors_are_turned_round():
    assert cp.read("val-error: 0.1 val-logloss: 0.3", classes=2).pairs[0].accuracy == 0.9


def test_an_accuracy_that_is_no_count_of_the_rows():
    assert "nearest: 0.783" in " ".join(cp.read(LINE, classes=2, samples=1000).notes)
    assert "nearest" not in " ".join(cp.read(LINE, classes=2, samples=10_000).notes)


def test_rows_are_those_that_judge():
    assert [p.samples for p in cp.read(LINE, classes=2, samples=10_000).pairs] == [10_000, None]


@pytest.mark.parametrize(
    ("line", "asked", "expected"),
    [
        ("loss: 0.4 acc: 0.8", None, "log"),
        ("val_brier: 0.4 val_acc: 0.8", None, "brier"),
        ("mse: 0.04 acc: 0.8", None, "squared"),
        ("binary_crossentropy: 0.4 acc: 0.8", None, "bce"),
        ("binary_logloss: 0.4 acc: 0.8", None, "log"),
        ("cost 0.2, accuracy 0.8, quadratic", None, "quadratic"),
        ("loss: 0.4 acc: 0.8", "quadratic", "quadratic"),
        ("val_brier: 0.4 val_acc: 0.8", "squared", "squared"),
    ],
)
def test_which_loss_it_is(line, asked, expected):
    assert cp.read(line, classes=10, loss_name=asked).pairs[0].loss_name == expected


def test_binary_cross_entropy_of_two_classes_is_log_loss():
    reading = cp.read("bce: 0.4577 acc: 0.7826", classes=2)
    assert reading.pairs[0].loss_name == "log"
    assert "one output" in reading.notes[0]


@pytest.mark.parametrize(
    ("line", "loss", "rounding"),
    [
        ("perplexity: 12.30 acc: 0.4", math.log(12.3), 0.005 / 12.3),
        ("val_ppl 12.30, val_acc 0.4", math.log(12.3), 0.005 / 12.3),
        ("loss (bits): 3.50 acc: 0.4", 3.5 * math.log(2), 0.005 * math.log(2)),
        ("loss 3.50 bits, acc 0.4", 3.5 * math.log(2), 0.005 * math.log(2)),
        ("loss 3.50 bits acc 0.4", 3.5 * math.log(2), 0.005 * math.log(2)),
        ("loss 3.50 nats, acc 0.4", 3.5, 0.005),
        # The loss itself comes before what was made of it.
        ("ppl: 12.30 loss: 2.50 acc: 0.4", 2.5, 0.005),
    ],
)
def test_a_loss_in_another_unit(line, loss, rounding):
    (pair,) = cp.read(line, classes=100).pairs
    assert (pair.loss, pair.accuracy) == (pytest.approx(loss), 0.4)
    assert pair.loss_rounding == pytest.approx(rounding)
    assert pair.loss_name == "log"


def test_how_a_unit_was_read_is_said():
    notes = cp.read("ppl: 12.3 loss: 2.5 acc: 0.4", classes=100).notes
    assert "left out: ppl 12.3" in notes[-1]
    assert cp.read("ppl: 12.3", classes=100).notes == (
        "ppl 12.3: log loss 2.51, its natural logarithm",
    )
    bits = cp.read(loss="0.5 bits", accuracy=0.8, classes=2)
    assert bits.notes[0] == "loss 0.5 bits: log loss 0.347 with natural logarithms, 0.500 in bits"
    # Bits of anything else are another quantity.
    assert cp.read("brier: 0.3 bits: 8 acc: 0.8", classes=2).pairs[0].loss == 0.3
    with pytest.raises(cp.InputError, match="ppl is 0: a perplexity is 1 or more"):
        cp.read("ppl: 0 acc: 0.4", classes=100)


def test_fastai_prints_the_accuracy_of_the_validation_rows():
    line = "epoch train_loss valid_loss accuracy time\n0 0.345 0.412 0.876 00:12"
    pairs = {pair.split: pair for pair in cp.read(line, classes=10).pairs}
    assert (pairs["validation"].accuracy, pairs["train"].accuracy) == (0.876, None)


def test_what_is_left_out_is_said():
    reading = cp.read("A: val_loss 0.4 val_acc 0.8; B: val_loss 0.5 val_acc 0.7", classes=2)
    assert (reading.pairs[0].loss, reading.pairs[0].accuracy) == (0.5, 0.7)
    assert "left out: val_loss 0.4 and val_acc 0.8" in reading.notes[2]
    two = cp.read("[9] validation_0-logloss:0.101 validation_1-logloss:0.184", classes=2)
    assert two.pairs[0].loss == 0.101
    assert "left out: validation_1-logloss 0.184" in two.notes[1]
    assert not any("left out" in note for note in cp.read(LINE, classes=2).notes)


def test_the_number_of_classes():
    assert cp.read("cost 1, accuracy 0.7, 10 classes").pairs[0].n_classes == 10
    assert cp.read("cost 1, accuracy 0.7, 10-class", classes=5).pairs[0].n_classes == 5
    assert cp.read(loss=0.4, prior=[0.6, 0.4]).pairs[0].n_classes == 2
    assert cp.read(loss=0.4, prior=[0.667, 0.333]).pairs[0].prior[0] == pytest.approx(0.667)


def test_everything_is_plain_json():
    asked = {"classes": 2, "samples": 100, "prior": (0.6, 0.4)}
    found = json.loads(json.dumps(cp.read(LINE, **asked).to_dict(), allow_nan=False))
    split = found["splits"][0]
    assert split["reachable_loss_high"] is None
    assert split["calibrated_loss_low"] == pytest.approx(2 * math.log(2) * 0.2174)
    assert split["base_rate_guess"] == pytest.approx(-0.6 * math.log(0.6) - 0.4 * math.log(0.4))
    assert [f["name"] for f in found["findings"]] == [
        f.name for f in cp.read(LINE, **asked).findings
    ]


def test_the_chart_holds_the_points():
    chart = cp.read(LINE, classes=2).plot().to_dict()
    assert chart["vconcat"][0]["layer"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({}, "nothing to read"),
        ({"line": LINE, "loss": 0.4}, "not both"),
        ({"loss": 0.4}, "number of classes is not known"),
        ({"loss": 0.4, "classes": 1}, "from 2"),
        ({"loss": 0.4, "classes": 2.5}, "from 2"),
        ({"loss": 0.4, "classes": 3, "prior": [0.5, 0.5]}, "not clear"),
        ({"loss": 0.4, "prior": [0.5, 0.6]}, "sum to 1.1"),
        ({"loss": 0.4, "prior": [1.5, -0.5]}, "from 0 to 1"),
        ({"loss": 0.4, "prior": [math.nan, 0.5]}, "from 0 to 1"),
        ({"loss": 0.4, "prior": "ab"}, "one share a class"),
        ({"loss": 0.4, "classes": 2, "samples": 0}, "from 1"),
        ({"loss": 0.4, "classes": 2, "samples": math.inf}, "from 1"),
        ({"loss": 0.4, "classes": 2, "loss_name": "hinge"}, "choose one of log"),
        ({"loss": math.nan, "classes": 2}, "broke down"),
        ({"loss": [0.4], "classes": 2}, "pass a number"),
        ({"loss": "0,4577", "classes": 2}, "such as 0.4577"),
        ({"accuracy": 178.0, "classes": 2}, "is no accuracy"),
        ({"accuracy": math.nan, "classes": 2}, "is no accuracy"),
        ({"accuracy": "9/8", "classes": 2}, "is no accuracy"),
        ({"accuracy": "8/9", "classes": 2, "samples": 10}, "drop one"),
        ({"line": "epoch: 3 lr: 0.1", "classes": 2}, "names no loss"),
        ({"line": "val_loss: nan - val_acc: 0.1", "classes": 10}, "broke down"),
    ],
)
def test_what_can_not_be_read(arguments, part):
    with pytest.raises(cp.InputError, match=part):
        cp.read(**arguments)


def test_a_split_that_broke_down_does_not_hide_the_other():
    reading = cp.read("loss: 0.4 acc: 0.8 val_loss: nan val_acc: 0.1", classes=10)
    assert [pair.split for pair in reading.pairs] == ["train"]
    assert "broke down" in " ".join(reading.notes)


def test_percentages_and_counts_of_small_numbers():
    (percent,) = cp.read("loss: 0.4 acc: 78.3", classes=2).pairs
    assert percent.accuracy_rounding == pytest.approx(0.0005)
    # Fifty of eighty rows, or fifty per cent: the latter.
    assert cp.read(loss=0.4, accuracy=50, classes=2, samples=80).pairs[0].accuracy == 0.5
