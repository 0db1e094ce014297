"""Text as programs print it, and the series that is in it."""

from __future__ import annotations

import pytest

import counterpoint as cp
from counterpoint.errors import InputError

BAR = "\r 1/2 [==>...] - ETA: 1s - loss: 9.9 - accuracy: 0.1"
CURVES = {
    ("train", "loss"): [(1, 0.9), (2, 0.6), (3, 0.4)],
    ("train", "accuracy"): [(1, 0.5), (2, 0.7), (3, 0.8)],
    ("validation", "loss"): [(1, 0.8), (2, 0.7), (3, 0.75)],
    ("validation", "accuracy"): [(1, 0.55), (2, 0.65), (3, 0.7)],
}


def lines(form, head="", **also):
    """One line an epoch, with the numbers of `CURVES`."""
    numbers = zip(*CURVES.values(), strict=True)
    return head + "\n".join(
        form.format(e=e, e0=e - 1, l=train[1], a=right[1], vl=held[1], va=judged[1], **also)
        for e, (train, right, held, judged) in enumerate(numbers, start=1)
    )


LOSSES = {key: curve for key, curve in CURVES.items() if key[1] == "loss"}
# Name → text, kind, and the curves over epochs (by step where a third entry says so).
TEXTS = {
    "keras 1": (
        lines("Epoch {e}/3\n12s - loss: {l} - acc: {a} - val_loss: {vl} - val_acc: {va}"),
        "Keras console",
        CURVES,
    ),
    "keras 2 with bars": (
        lines(
            "Epoch {e}/3\n"
            + BAR
            + "\r2/2 [====] - 3s 5ms/step - loss: {l} - accuracy: {a} - val_loss: {vl} "
            "- val_accuracy: {va}\n"
        ),
        "Keras console",
        CURVES,
    ),
    "keras 2 with bars as lines": (
        lines(
            "Epoch {e}/3\n 1/2 [==>...] - ETA: 1s - loss: 9.9 - accuracy: 0.1\n"
            "2/2 [=====] - ETA: 0s - loss: {l} - accuracy: {a}\n"
            "2/2 [=====] - 3s 5ms/step - loss: {l} - accuracy: {a} - val_loss: {vl} "
            "- val_accuracy: {va}\nEpoch 0000{e}: val_loss did not improve from 0.1",
        ),
        "Keras console",
        CURVES,
    ),
    "keras 2 with backspaces": (
        lines(
            "Epoch {e}/3\n1/2 [==>...] - ETA: 1s - loss: 9.9 - accuracy: 0.1" + "\b" * 30 + "2/2 "
            "[=====] - 3s 5ms/step - loss: {l} - accuracy: {a} - val_loss: {vl} - "
            "val_accuracy: {va}"
        ),
        "Keras console",
        CURVES,
    ),
    "keras 3 in colour": (
        lines(
            "Epoch {e}/3\n\x1b[1m1/2\x1b[0m \x1b[32m━━━━\x1b[0m\x1b[37m━━\x1b[0m \x1b[1m0s\x1b[0m "
            "4ms/step - accuracy: 0.1 - loss: 9.9\x08\x08\x08\r\x1b[1m2/2\x1b[0m "
            "\x1b[32m━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m2s\x1b[0m 4ms/step - accuracy: {a} - "
            "loss: {l} - val_accuracy: {va} - val_loss: {vl}"
        ),
        "Keras console",
        CURVES,
    ),
    "keras, one line an epoch": (
        lines(
            "Epoch {e}/3\n2/2 - 3s - 5ms/step - loss: {l} - accuracy: {a} - val_loss: {vl} - "
            "val_accuracy: {va}"
        ),
        "Keras console",
        CURVES,
    ),
    "keras ends in the middle": (
        lines("Epoch {e}/3\n3s - loss: {l} - acc: {a} - val_loss: {vl} - val_acc: {va}")
        + "\nEpoch 00003: early stopping\n",
        "Keras console",
        CURVES,
    ),
    "pytorch one line": (
        lines("Epoch [{e}/3], Train Loss: {l}, Train Acc: {a}, Val Loss: {vl}, Val Acc: {va}"),
        "text",
        CURVES,
    ),
    "pytorch with batches": (
        lines(
            "Epoch: 0{e} | Epoch Time: 0m 3s\n\tTrain Loss: {l} | Train Acc: {a}\n\t Val. Loss: "
            "{vl} |  Val. Acc: {va}"
        ),
        "text",
        CURVES,
    ),
    "pytorch transfer tutorial": (
        lines("Epoch {e}/3\n----------\ntrain Loss: {l} Acc: {a}\nval Loss: {vl} Acc: {va}\n")
        + "\nTraining complete in 1m 3s\nBest val Acc: 0.700000\n",
        "text",
        CURVES,
    ),
    "headings": (
        lines("Epoch {e}\nTrain:\n  loss {l}\n  acc {a}\nValidation:\n  loss {vl}\n  acc {va}"),
        "text",
        CURVES,
    ),
    "logging": (
        lines(
            "2024-05-01 12:0{e}:01,123 INFO root: epoch={e} train_loss={l} train_acc={a} "
            "val_loss={vl} val_acc={va}"
        ),
        "text",
        CURVES,
    ),
    "lightning's bar": (
        lines(
            "Epoch {e}:  50%|█████     | 1/2 [00:01<00:00, 43.0it/s, v_num=0, train_loss=9.9]"
            "\rEpoch {e}: 100%|██████████| 2/2 [00:02<00:00, 90.1it/s, v_num=0, train_loss={l}, "
            "train_acc={a}, val_loss={vl}, val_acc={va}]"
        ),
        "progress bars",
        CURVES,
    ),
    "one bar over all epochs": (
        "\r".join(
            lines(
                "Epochs:  {e}0%|███       | {e}/3 [00:10<00:23, 3.3s/it, train_loss={l}, "
                "train_acc={a}, val_loss={vl}, val_acc={va}]"
            ).split("\n")
        ),
        "progress bars",
        CURVES,
    ),
    "fastai": (
        lines(
            "{e}         {l}    {vl}    {va}     00:12",
            head="epoch     train_loss  valid_loss  accuracy  time    \n",
        ),
        "fastai",
        {key: curve for key, curve in CURVES.items() if key != ("train", "accuracy")},
    ),
    "hugging face": (
        lines(
            "{{'loss': {l}, 'grad_norm': 1.5, 'learning_rate': 1e-05, 'epoch': {e}.0}}\n"
            "{{'eval_loss': {vl}, 'eval_accuracy': {va}, 'eval_runtime': 1.2, 'epoch': {e}.0}}"
        ),
        "Hugging Face console",
        {key: curve for key, curve in CURVES.items() if key != ("train", "accuracy")},
    ),
    "a table in bars": (
        lines(
            "| {e} | {l} | {a} | {vl} | {va} |",
            head="| epoch | train loss | train acc | val loss | val acc |\n|---|---|---|---|---|\n",
        ),
        "text",
        CURVES,
    ),
    "imagenet": (
        lines(
            "Epoch: [{e}][0/2]\tTime 0.3 (0.5)\tLoss 9.9 (9.9)\tAcc@1 10.0 (11)\tAcc@5 61 (49)\n"
            " * Train loss {l}\n"
        ),
        "text",
        {("train", "loss"): CURVES["train", "loss"]},
    ),
    "xgboost": (
        lines("[{e}]\ttrain-logloss:{l}\teval-logloss:{vl}")
        + "\nStopping. Best iteration:\n[2]\ttrain-logloss:0.6\teval-logloss:0.7\n",
        "XGBoost",
        {
            ("train", "loss"): CURVES["train", "loss"],
            ("validation", "loss"): CURVES["validation", "loss"],
        },
    ),
    "xgboost's cross-validation": (
        lines("[{e}]\ttrain-logloss:{l}+0.01\ttest-logloss:{vl}+0.02"),
        "XGBoost",
        {
            ("train", "loss"): CURVES["train", "loss"],
            ("test", "loss"): CURVES["validation", "loss"],
        },
    ),
    "lightgbm": (
        "[LightGBM] [Info] Number of positive: 10, number of negative: 20\n"
        "Training until validation scores don't improve for 5 rounds\n"
        + lines("[{e}]\ttraining's binary_logloss: {l}\tvalid_1's binary_logloss: {vl}")
        + "\nEarly stopping, best iteration is:\n"
        "[2]\ttraining's binary_logloss: 0.6\tvalid_1's binary_logloss: 0.7\n",
        "LightGBM",
        LOSSES,
    ),
    "catboost": (
        "Learning rate set to 0.05\n"
        + lines("{e}:\tlearn: {l}\ttest: {vl}\tbest: 0.7 (2)\ttotal: 60ms\tremaining: 1m 2s")
        + "\n\nbestTest = 0.7\nbestIteration = 2\n\nShrink model to first 3 iterations.\n",
        "CatBoost",
        {
            ("train", "loss"): CURVES["train", "loss"],
            ("test", "loss"): CURVES["validation", "loss"],
        },
    ),
    "scikit-learn": (
        lines("Iteration {e}, loss = {l}\nValidation score: {va}")
        + "\nValidation score did not improve more than tol=0.000100 for 10 consecutive epochs.",
        "scikit-learn verbose",
        {
            ("train", "loss"): CURVES["train", "loss"],
            ("validation", "accuracy"): CURVES["validation", "accuracy"],
        },
    ),
    "scikit-learn sgd": (
        lines(
            "-- Epoch {e}\nNorm: 30.05, NNZs: 30, Bias: -2.1, T: 569, Avg. loss: {l}\n"
            "Total training time: 0.00 seconds."
        ),
        "scikit-learn verbose",
        {("train", "loss"): CURVES["train", "loss"]},
    ),
    "scikit-learn boosting": (
        lines(
            "         {e}           {l}            0.02s",
            head="      Iter       Train Loss   Remaining Time \n",
        ),
        "scikit-learn verbose",
        {("train", "loss"): CURVES["train", "loss"]},
    ),
    "l-bfgs": (
        lines("\nAt iterate    {e}    f=  {l}0000D+00    |proj g|=  3.10000D-01"),
        "scikit-learn verbose",
        {("train", "loss"): CURVES["train", "loss"]},
    ),
    "a textbook's monitor": (
        lines(
            "Epoch {e} training complete\nCost on training data: {l}\nAccuracy on training data: "
            "{a}\nCost on evaluation data: {vl}\nAccuracy on evaluation data: {va}\n"
        ),
        "textbook",
        CURVES,
    ),
    "fastai 1.0, in a notebook's markdown": (
        lines(
            "    {e}      {l}    {vl}    {va}  (00:01)",
            head="    Total time: 00:09\n    epoch  train_loss  valid_loss  accuracy\n",
        ),
        "fastai",
        {key: curve for key, curve in CURVES.items() if key != ("train", "accuracy")},
    ),
    "pasted into a comment": (
        lines(
            "# Epoch {e}/3\n# 9/9 ━━━━━━ 17s 4ms/step - accuracy: {a} - loss: {l} - val_accuracy: "
            "{va} - val_loss: {vl}"
        ),
        "Keras console",
        CURVES,
    ),
    "more samples than there are": (
        lines(
            "Epoch {e}/3\n19446/19264 [====] - 102s - loss: {l} - acc: {a} - val_loss: {vl} - "
            "val_acc: {va}"
        ),
        "Keras console",
        CURVES,
    ),
    "bars, then a summary": (
        lines(
            "Epoch {e}/3: 100%|███| 938/938 [00:07<00:00, 121.49batch/s, loss=9.9]\nEpoch {e}/3, "
            "Train Loss: {l}, Train Acc: {a}, Val Loss: {vl}, Val Acc: {va}"
        ),
        "text",
        {**CURVES, ("", "loss"): [(1, 9.9), (2, 9.9), (3, 9.9)]},
    ),
    "a bar that the next line runs into": (
        lines(
            "eval:   0%|          | 0/34 [00:00<?, ?it/s]Epoch {e} elapsed: 84.2s\ntrain_loss: "
            "{l}\ntrain_acc: {a}\neval: 100%|███| 34/34 [00:00<00:00, 570.5it/s]\neval loss: {vl}\n"
            "eval acc: {va}\n===="
        ),
        "text",
        CURVES,
    ),
    "no places at all": (
        lines("train loss {l} acc {a}; val loss {vl} acc {va}"),
        "text",
        CURVES,
    ),
    "another alphabet": (
        lines(
            "第{e}轮 Epoch {e}/3 训练损失: {l}, 训练准确率 accuracy: {a}, 验证损失: {vl}, "
            "验证准确率: {va}"
        ),
        "text",
        CURVES,
    ),
}


def curve_of(history, split, quantity):
    series = history.series(split, quantity)
    place = "epoch" if series["epoch"].null_count() < series.height else "step"
    if series[place].null_count():
        return list(enumerate(series["value"].to_list(), start=1))
    return [(int(at), value) for at, value in series.select(place, "value").rows()]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_what_is_printed_is_read(tmp_path, name, end):
    text, kind, curves = TEXTS[name]
    log = tmp_path / "log"
    log.write_bytes((text.replace("\n", end or "\n") + end).encode())
    [history] = cp.runs.read(log)
    found = {
        (split, quantity): curve_of(history, split, quantity)
        for split, quantities in history.quantities().items()
        for quantity in quantities
        # ImageNet's script prints those of one batch too.
        if (split, quantity) in curves or (quantity in ("loss", "accuracy") and name != "imagenet")
    }
    assert found == {
        key: [(at, pytest.approx(value)) for at, value in curve] for key, curve in curves.items()
    }
    assert history.format == kind


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
def test_encodings(tmp_path, encoding):
    text = TEXTS["keras 1"][0] + "\nDürer\n"
    data = text.encode(encoding)
    (tmp_path / "log").write_bytes(b"\xfe\xff" + data if encoding == "utf-16-be" else data)
    [history] = cp.runs.read(tmp_path / "log")
    assert curve_of(history, "train", "loss") == CURVES["train", "loss"]


def read_text(tmp_path, text, **how):
    (tmp_path / "log.txt").write_text(text)
    return cp.runs.read(tmp_path / "log.txt", **how)


def test_the_textbook_whose_cost_blows_up(tmp_path):
    cost = [11.94, 16.02, 21.62, 30.96, 45.75, 67.48, 97.56, 133.33, 174.71]
    right = [7397, 7381, 7431, 7498, 7669, 7691, 7574, 7503, 7341]
    text = "\n".join(
        f"Epoch {e} done! Cost: {c}. Accuracy {r} / 10000"
        for e, (c, r) in enumerate(zip(cost, right, strict=True))
    )
    [history] = read_text(tmp_path, text)
    assert history.series("", "loss")["value"].to_list() == cost
    assert history.series("", "loss")["epoch"].to_list() == list(range(9))
    assert history.series("", "accuracy")["value"].to_list() == [r / 10000 for r in right]
    [bare] = read_text(tmp_path, "\n".join(f"Epoch {e}: {r} / 10000" for e, r in enumerate(right)))
    assert bare.series("", "accuracy")["value"].to_list() == [r / 10000 for r in right]


def test_one_line_is_a_log_of_one_epoch(tmp_path):
    [history] = read_text(
        tmp_path, "loss: 0.4011 - acc: 0.8224 - val_loss: 0.4577 - val_acc: 0.7826"
    )
    assert history.length() == 1
    assert history.series("validation", "accuracy")["value"].to_list() == [0.7826]


@pytest.mark.parametrize(
    ("written", "shares", "said"),
    [
        (["10.5%", "78.5%"], [0.105, 0.785], "percentages"),
        (["10.5", "78.5"], [0.105, 0.785], "percentages"),
        (["0.5", "78.5"], [0.005, 0.785], "percentages"),
        (["0.1", "1.0"], [0.1, 1.0], ""),
        (["100/1000", "785/1000"], [0.1, 0.785], ""),
        (["1,000 of 10,000", "7,850 of 10,000"], [0.1, 0.785], ""),
        (["nan", "78.5"], [None, 0.785], "percentages"),
    ],
)
def test_percentages_counts_and_fractions(tmp_path, written, shares, said):
    text = "\n".join(f"Epoch {e} loss 0.5 acc {each}" for e, each in enumerate(written))
    [history] = read_text(tmp_path, text)
    found = [None if v != v else v for v in history.series("", "accuracy")["value"]]
    assert found == [None if s is None else pytest.approx(s) for s in shares]
    assert said in " ".join(history.notes)


def test_counts_need_their_total(tmp_path):
    text = "\n".join(f"Epoch {e} val_loss 0.5 val_acc {r}" for e, r in enumerate([740, 7690]))
    [history] = read_text(tmp_path, text)
    assert history.series("validation", "correct_accuracy")["value"].to_list() == [740.0, 7690.0]
    assert "validation_samples=10000" in " ".join(history.notes)
    [history] = read_text(tmp_path, text, validation_samples=10_000)
    assert history.series("validation", "accuracy")["value"].to_list() == [0.074, 0.769]


def test_an_error_rate_is_turned_round(tmp_path):
    [history] = read_text(tmp_path, "[0]\ttrain-error:0.25\n[1]\ttrain-error:0.125\n")
    assert history.series("train", "accuracy")["value"].to_list() == [0.75, 0.875]
    assert history.names["train/accuracy"] == "train-error"


def test_appended_runs_are_apart(tmp_path):
    once = TEXTS["keras 1"][0]
    assert len(read_text(tmp_path, f"{once}\n{once}")) == 2
    [first, second] = read_text(tmp_path, once + "\n" + TEXTS["keras 2 with bars"][0])
    assert curve_of(first, "train", "loss") == curve_of(second, "train", "loss")
    assert "run 2 of 2" in second.notes[0]


def test_batches_without_an_epoch_go_on(tmp_path):
    text = "\n".join(f"Batch {b}/300, Loss: {1 / (1 + e)}" for e in range(3) for b in (100, 200))
    [history] = read_text(tmp_path, text)
    assert history.series("", "loss")["step"].to_list() == [100, 200, 400, 500, 700, 800]


def test_what_is_printed_after_the_training_is_not_its_last_epoch(tmp_path):
    text = TEXTS["keras 2 with bars"][0]
    report = "\n              precision    recall\n    accuracy                0.97      5400\n"
    evaluation = "313/313 [=====] - 0s 1ms/step - loss: 0.1 - accuracy: 0.97\n"
    [history] = read_text(tmp_path, text + report)
    assert curve_of(history, "train", "accuracy") == CURVES["train", "accuracy"]
    [history] = read_text(tmp_path, text + evaluation)
    assert curve_of(history, "train", "loss") == CURVES["train", "loss"]
    assert history.series("test", "loss")["value"].to_list() == [0.1]


def test_an_epoch_that_is_cut_off_is_said(tmp_path):
    text = TEXTS["keras 1"][0] + "\nEpoch 4/9\n 5/20 [=>..] - ETA: 3s - loss: 0.3 - acc: 0.8\n"
    [history] = read_text(tmp_path, text)
    assert history.series("train", "loss")["value"].to_list()[-1] == 0.3
    assert any("epoch 4 ends at batch 5 of 20" in note for note in history.notes)


def test_facts_among_the_lines(tmp_path):
    text = (
        "Train on 40000 samples, validate on 10000 samples\n"
        "Namespace(lr=0.1, optimizer='sgd', batch_size=128, weight_decay=0.0005, seed=7)\n"
    )
    [history] = read_text(tmp_path, text + TEXTS["keras 1"][0])
    assert history.facts == {
        "train_samples": 40000,
        "validation_samples": 10000,
        "learning_rate": 0.1,
        "optimiser": "sgd",
        "batch_size": 128,
        "weight_decay": 0.0005,
        "seed": 7,
        "epochs": 3,
    }


def test_a_metric_of_named_rows_is_enough(tmp_path):
    text = "\n".join(f"[{e}]\tvalid_0's auc: {0.5 + e / 10}" for e in range(1, 4))
    [history] = read_text(tmp_path, text)
    assert curve_of(history, "validation", "auc") == [(1, 0.6), (2, 0.7), (3, 0.8)]


def test_names_of_ones_own(tmp_path):
    text = "\n".join(f"epoch {e} goodness {e / 10} loss 0.5" for e in range(3))
    [history] = read_text(tmp_path, text)
    assert history.quantities() == {"": ["loss"]}
    [history] = read_text(tmp_path, text, map={"goodness": "val/accuracy"})
    assert curve_of(history, "validation", "accuracy") == [(0, 0.0), (1, 0.1), (2, 0.2)]
    [history] = read_text(tmp_path, text, map={"godness": "val/accuracy"})
    assert history.notes == ("map: no number in it is called 'godness'",)
    for wrong in ("foo/accuracy", "accuracy/", ""):
        with pytest.raises(InputError, match="such as val/accuracy"):
            read_text(tmp_path, text, map={"goodness": wrong})


def test_a_log_may_begin_with_pages_of_something_else(tmp_path):
    pages = "Collecting numpy (from -r requirements.txt)\n" * 5_000
    [history] = read_text(tmp_path, pages + TEXTS["keras 1"][0])
    assert curve_of(history, "train", "loss") == CURVES["train", "loss"]


@pytest.mark.parametrize(
    "text", ["Hello, world\n", "1 2 3\n4 5 6\n", "loss\n", "the year 1984 was no loss\n\n"]
)
def test_prose_is_no_log(tmp_path, text):
    with pytest.raises(InputError):
        read_text(tmp_path, text)
