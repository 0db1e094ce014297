"""Log lines as programs print them, and what is read from each."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.errors import InputError
from counterpoint.runs.line import LONGEST, parse_line, parse_number
from counterpoint.runs.names import meaning_of

TRAIN_AND_VALIDATION = {
    ("", "loss"): 0.4011,
    ("", "accuracy"): 0.8224,
    ("validation", "loss"): 0.4577,
    ("validation", "accuracy"): 0.7826,
}
NAMED = {
    ("train" if split == "" else split, q): v for (split, q), v in TRAIN_AND_VALIDATION.items()
}

# Line, and its losses, accuracies and error rates by split.
LINES = {
    "keras": (
        "loss: 0.4011 - acc: 0.8224 - val_loss: 0.4577 - val_acc: 0.7826",
        TRAIN_AND_VALIDATION,
    ),
    "keras with a bar": (
        "Epoch 3/10\n313/313 [==============================] - 1s 2ms/step - loss: 0.4011 "
        "- accuracy: 0.8224 - val_loss: 0.4577 - val_accuracy: 0.7826",
        TRAIN_AND_VALIDATION,
    ),
    "keras 3 in colour": (
        "\x1b[1m313/313\x1b[0m \x1b[32m━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m2s\x1b[0m 4ms/step - "
        "accuracy: 0.8224 - loss: 0.4011 - val_accuracy: 0.7826 - val_loss: 0.4577",
        TRAIN_AND_VALIDATION,
    ),
    "a bar drawn over itself": (
        " 1/2 [==>...] - ETA: 1s - loss: 0.9 - acc: 0.5\r2/2 [====] - 1s 5ms/step - loss: 0.4011 - "
        "acc: 0.8224 - val_loss: 0.4577 - val_acc: 0.7826",
        TRAIN_AND_VALIDATION,
    ),
    "keras csv": (
        "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.1,9.9,0.1,9.9\n1,0.8224,0.4011,0.7826,0.4577",
        TRAIN_AND_VALIDATION,
    ),
    "pytorch tutorial": (
        "\tTrain Loss: 0.4011 | Train Acc: 82.24%\n\t Val. Loss: 0.4577 |  Val. Acc: 78.26%",
        NAMED,
    ),
    "headings": ("train: loss 0.4011 acc 0.8224 val: loss 0.4577 acc 0.7826", NAMED),
    "brackets": ("[Train] loss=0.4011, acc=0.8224 [Val] loss=0.4577, acc=0.7826", NAMED),
    "a heading in the first name": (
        "Epoch 5: train loss 0.4011, acc 82.24 %; val loss 0.4577, acc 78.26 %",
        NAMED,
    ),
    "in parentheses": (
        "loss (train): 0.4011, acc (train): 0.8224, loss (val): 0.4577, acc (val): 0.7826",
        NAMED,
    ),
    "tensorboard names": (
        "train/loss 0.4011 train/acc 0.8224 val/loss 0.4577 val/acc 0.7826",
        NAMED,
    ),
    "json": (
        '{"epoch": 3, "train_loss": 0.4011, "train_acc": 0.8224, "valid_loss": 0.4577, '
        '"valid_acc": 0.7826, "lr": 1e-3}',
        NAMED,
    ),
    "logging": (
        "2024-05-01 12:00:01,123 INFO epoch=3 train_loss=4.011e-1 train_acc=0.8224 "
        "val_loss=0.4577 val_acc=0.7826",
        NAMED,
    ),
    "pytorch mnist": (
        "Test set: Average loss: 0.0290, Accuracy: 9905/10000 (99%)",
        {("test", "loss"): 0.029, ("test", "accuracy"): 0.9905},
    ),
    "pytorch quickstart": (
        "Test Error: \n Accuracy: 64.9%, Avg loss: 1.076 \n",
        {("test", "loss"): 1.076, ("test", "accuracy"): 0.649},
    ),
    "pytorch imagenet": (
        "Epoch: [0][10/196]\tTime 0.3 (0.5)\tLoss 6.91 (6.95)\tAcc@1 39.0 (21)\tAcc@5 61.0 (49)",
        {("", "loss"): 6.91, ("", "accuracy"): 39.0},
    ),
    "lightning": (
        "Epoch 4: 100%|██████████| 938/938 [00:10<00:00, 90.1it/s, v_num=0, train_loss=0.05, "
        "val_loss=0.07, val_acc=0.98]",
        {("train", "loss"): 0.05, ("validation", "loss"): 0.07, ("validation", "accuracy"): 0.98},
    ),
    "lightning table": (
        "│         test_acc          │     0.98       │\n│ test_loss │ 0.07 │",
        {("test", "loss"): 0.07, ("test", "accuracy"): 0.98},
    ),
    "hugging face": (
        "{'eval_loss': 0.3123, 'eval_accuracy': 0.9, 'eval_runtime': 1.2, 'epoch': 1.0}",
        {("validation", "loss"): 0.3123, ("validation", "accuracy"): 0.9},
    ),
    "fastai": (
        "epoch     train_loss  valid_loss  accuracy  time    \n0         0.345 0.412 0.876 00:12",
        {("train", "loss"): 0.345, ("validation", "loss"): 0.412, ("", "accuracy"): 0.876},
    ),
    "xgboost": (
        "[10]\ttrain-logloss:0.3\teval-logloss:0.4\teval-error:0.1",
        {("train", "loss"): 0.3, ("validation", "loss"): 0.4, ("validation", "error_rate"): 0.1},
    ),
    "lightgbm": (
        "[10]\ttraining's binary_logloss: 0.3\tvalid_1's binary_logloss: 0.4",
        {("train", "loss"): 0.3, ("validation", "loss"): 0.4},
    ),
    "scikit-learn": (
        "Iteration 7, loss = 0.51234567\nValidation score: 0.933333",
        {("", "loss"): 0.51234567, ("validation", "accuracy"): 0.933333},
    ),
    "scikit-learn sgd": (
        "Norm: 30.05, NNZs: 30, Bias: -2.1, T: 569, Avg. loss: 0.04",
        {("", "loss"): 0.04},
    ),
    "a textbook": ("Epoch 8: 7341 / 10000", {("", "accuracy"): 0.7341}),
    "the textbook's monitor": (
        "Cost on training data: 174.71\nAccuracy on evaluation data: 7341 / 10000",
        {("train", "loss"): 174.71, ("validation", "accuracy"): 0.7341},
    ),
    "thousands": ("Accuracy: 7,498 out of 10,000", {("", "accuracy"): 0.7498}),
    "unicode minus": ("loss \u22120.5", {("", "loss"): -0.5}),
    "percent in the name": ("Accuracy (%): 78.26", {("", "accuracy"): 0.7826}),
    "top five is no accuracy": ("Top 5 accuracy: 0.9 top-1 accuracy: 0.7", {("", "accuracy"): 0.7}),
    "other losses are others": (
        "l2_loss: 0.1 - rpn_cls_loss: 0.3 - loss: 0.4",
        {("", "loss"): 0.4},
    ),
    "the best so far is another": ("loss: 0.4 best_val_acc: 0.9", {("", "loss"): 0.4}),
    "balanced is another": ("balanced_accuracy: 0.9 acc: 0.8", {("", "accuracy"): 0.8}),
}


@pytest.mark.parametrize("name", LINES)
def test_what_is_read(name):
    text, expected = LINES[name]
    found = {
        (each.split, each.quantity): each.value
        for each in parse_line(text)
        if each.quantity in ("loss", "accuracy", "error_rate")
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_real_logs(shared_data):
    """What `val_loss: ` and the like are followed by in real logs, read by an expression."""
    logs = shared_data.parent / "logs"
    lines = [
        line
        for folder in ("keras_text", "pytorch_text", "xgboost_text")
        for path in sorted((logs / folder).iterdir())
        for line in path.read_text(errors="replace").splitlines()
    ]
    named = re.compile(r"(?:loss|acc|accuracy|logloss)(?::| :) ?(nan|[\d.]+(?:e-\d+)?)", re.I)
    checked = 0
    for line in lines:
        expected = [float(number) for number in named.findall(line)]
        if not expected or len(line) > 1000 or "Best" in line:
            continue
        found = [q for q in parse_line(line) if q.quantity in ("loss", "accuracy")]
        values = [q.value * (100 if "%" in q.text else 1) for q in found]
        assert values == pytest.approx(expected, nan_ok=True), line
        checked += 1
    assert checked > 200


def test_how_it_is_read():
    loss, accuracy = parse_line("val_loss: 0.4577 - val_acc: 7498 / 10000")
    assert (loss.name, loss.text, loss.half_unit, loss.total) == ("val_loss", "0.4577", 5e-5, None)
    assert (accuracy.text, accuracy.half_unit, accuracy.total) == ("7498 / 10000", 0.0, 10000)
    assert parse_number("1.20e-3", "loss").half_unit == pytest.approx(5e-6)
    assert parse_number("78%", "accuracy").half_unit == pytest.approx(0.005)


def test_a_number_that_is_none():
    values = {each.split: each.value for each in parse_line("loss: nan - val_loss: inf")}
    assert math.isnan(values[""])
    assert values["validation"] == math.inf
    assert parse_number("1e400", "loss").value == math.inf


@pytest.mark.parametrize("row", ["[0.4577, 0.7826]", "(0.4577, 0.7826)", "0.4577, 0.7826"])
def test_names_before_their_numbers(row):
    found = [(q.split, q.quantity, q.value) for q in parse_line(f"test loss, test acc: {row}")]
    assert found == [("test", "loss", 0.4577), ("test", "accuracy", 0.7826)]


def test_rows_are_no_accuracy():
    """As PyTorch's tutorials print it."""
    for line in (
        "Accuracy of the network on the 10000 test images: 54 %",
        "Test Accuracy of the model on the 10000 test images: 54 %",
    ):
        assert [(q.quantity, q.split, q.value) for q in parse_line(line)] == [
            ("accuracy", "test", 0.54)
        ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "holds no number"),
        ("training finished", "holds no number"),
        ("0.4577 0.7826", "numbers without names"),
        ("loss: 0,4577 acc: 0,78", "such as 0.4577"),
        ("acc: 1,234", "comma"),
        ("epoch;loss;acc\n1;0,4;0,8", "such as 0.4"),
        ("x" * (LONGEST + 1), "20,001 characters"),
    ],
)
def test_what_can_not_be_read(text, part):
    with pytest.raises(InputError, match=part):
        parse_line(text)


@pytest.mark.parametrize("text", ["", "abc", "0.5 0.6", "0,78", "--5", "0.7826 or so"])
def test_one_number_is_one_number(text):
    with pytest.raises(InputError):
        parse_number(text, "accuracy")


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    try:
        found = parse_line(text)
    except InputError:
        return
    assert found
    assert all(each.name.isprintable() and each.text.isprintable() for each in found)


@given(
    st.floats(0.0, 20.0),
    st.floats(0.0, 1.0),
    st.sampled_from(
        ["{}: {:.4f} - {}: {:.4f}", "{} {:.4f} | {} {:.4f}", "'{}': {:.4f}, '{}': {:.4f}"]
    ),
)
def test_what_is_printed_is_read(loss, accuracy, form):
    read = parse_line(form.format("val_loss", loss, "val_acc", accuracy))
    assert [each.value for each in read] == [round(loss, 4), round(accuracy, 4)]


def test_names_that_say_more_than_they_seem():
    assert meaning_of("val_log_loss").quantity == "loss"
    assert meaning_of("log_interval").quantity == "log_interval"
    assert meaning_of("validationAccuracy") == ("accuracy", "validation")
    assert meaning_of("misclassification rate").quantity == "error_rate"
    assert meaning_of("mean squared error").quantity == "loss"
