"""Every real log of the index, against an independent and plainer reading of the same file."""

from __future__ import annotations

import csv
import json
import math
import re

import polars as pl
import pytest

import counterpoint as cp
from counterpoint.errors import InputError

#: What the index lists and is no log of a training, and how it is refused.
NO_RUNS = {
    # Accuracy by size of the training set: a list of numbers without a name.
    "nielsen_json/mnielsen__fig_more_data.json": "no number",
    # Crashed before its first row: the file holds no history record.
    "wandb/run-20260427_181002-8likrkok__run-8likrkok.wandb": "no number",
}
#: Where the file wins over the index: the index counts otherwise, or does not count all.
EPOCHS = {
    # Four calls of fit in one file; the index counts the first two.
    "keras_text/KyotoSunshine__logs_model_training_log.txt": 66,
    # Rounds that were printed, of 107 and 275.
    "xgboost_text/churn_mlmonitor.log": 6,
    "xgboost_text/regrets_verbose100.log": 4,
    # Two networks, one after the other.
    "nielsen_json/mnielsen__fig_weight_initialization_30.json": 60,
    # Evaluations by step, not by epoch.
    "notebook/Anthony-Tatowi__learn_3_regularization.ipynb": 8,
    "notebook/Anthony-Tatowi__statefarm_distracted_driving_model.ipynb": 10,
    # Thirteen rows before the crash; the index looked for a summary.
    "wandb/run-20260425_231712-mr9l0vam__run-mr9l0vam.wandb": 13,
}
RUNS = {
    "keras_csv/AhmedImtiazPri__training_logs191017_2_.log": [35, 109],
    "keras_csv/AhmedImtiazPri__training_logs191017_5_.log": [26, 200],
    "keras_csv/AhmedImtiazPri__training_logs211017.log": [63, 96],
    "keras_text/KyotoSunshine__logs_model_training_log.txt": [19, 14, 19, 14],
    "nielsen_json/mnielsen__fig_weight_initialization_30.json": [30, 30],
    "pytorch_text/5697526__hyperparameter_search.log": [30, 30, 30, 7],
}
KINDS = {
    "catboost": "CatBoost evaluation log",
    "fastai_text": "fastai",
    "hf_trainer_state": "Hugging Face trainer_state.json",
    "keras_csv": "Keras CSVLogger",
    "keras_text": "Keras console",
    "lightning_csv": "Lightning metrics.csv",
    "mlflow": "MLflow run",
    "nielsen_json": "textbook JSON of four lists",
    "notebook": "Jupyter notebook",
    "sklearn_text": "scikit-learn verbose",
    "tensorboard": "TensorBoard event file",
    "wandb": "Weights & Biases",
    "xgboost_text": "XGBoost",
    "yolo_csv": "YOLO results.csv",
}


@pytest.fixture(scope="module")
def logs(shared_data):
    folder = shared_data.parent / "logs"
    if not (folder / "INDEX.csv").is_file():
        pytest.skip("needs the real logs: a folder logs/ with INDEX.csv beside data/")
    return folder


@pytest.fixture(scope="module")
def index(logs):
    with (logs / "INDEX.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def read(logs, index):
    found = {}
    for row in index:
        try:
            found[row["file"]] = cp.runs.read(logs / row["file"])
        except InputError as error:
            found[row["file"]] = str(error)
    return found


def places(histories):
    """Distinct epochs, or steps where there are none, at which a loss or an accuracy stands."""
    found = set()
    for number, history in enumerate(histories):
        told = history.rows.filter(pl.col("quantity").is_in(["loss", "accuracy", "batch_loss"]))
        key = "epoch" if told["epoch"].null_count() < told.height else "step"
        found |= {(number, place) for place in told[key].drop_nulls()}
    return found


def test_every_log_of_the_index_is_read(index, read):
    refused = {row["file"] for row in index if isinstance(read[row["file"]], str)}
    assert refused == set(NO_RUNS)
    for file, why in NO_RUNS.items():
        assert why in read[file]
        assert "\n" not in read[file]


def test_what_wrote_it_is_known(index, read):
    for row in index:
        if row["format"] in KINDS and row["file"] not in NO_RUNS:
            kinds = {history.format for history in read[row["file"]]}
            assert all(kind.startswith(KINDS[row["format"]]) for kind in kinds), row["file"]


def test_as_many_epochs_as_the_index_says(index, read):
    checked = 0
    for row in index:
        histories = read[row["file"]]
        if isinstance(histories, str) or "summary" in row["file"]:
            continue
        expected = EPOCHS.get(row["file"]) or int(row["epochs"])
        epochs = {place for _, place in places(histories)}
        if row["format"] == "hf_trainer_state":  # epochs are passed over, in fractions
            assert max(epochs) == expected, row["file"]
        else:
            # Lightning writes its test at the end as one epoch more.
            assert len(places(histories)) - expected in (0, 1), row["file"]
        checked += 1
    assert checked > 50


def test_appended_runs_are_apart(index, read):
    for row in index:
        if row["file"] not in NO_RUNS:
            lengths = [
                max(
                    history.series(split, "loss").height or history.series(split, "accuracy").height
                    for split in ("train", "validation", "test", "")
                )
                for history in read[row["file"]]
            ]
            assert len(lengths) == 1 or lengths == RUNS[row["file"]], row["file"]
    assert all(len(read[file]) == len(lengths) for file, lengths in RUNS.items())


def test_csv_files_number_by_number(logs, index, read):
    """Against pandas-like reading by the csv module: every filled cell of a measured column."""
    names = re.compile(r"^(?:(val|valid|train|test)[_/])?(loss|acc|accuracy)(?:_epoch)?$")
    splits = {"val": "validation", "valid": "validation", None: "train"}
    checked = 0
    for row in index:
        if row["format"] not in ("keras_csv", "lightning_csv", "yolo_csv"):
            continue
        with (logs / row["file"]).open() as file:
            rows = list(csv.DictReader(file, skipinitialspace=True))
        for column in rows[0]:
            match = names.match(column.strip())
            if not match:
                continue
            quantity = "loss" if match[2] == "loss" else "accuracy"
            split = splits.get(match[1], match[1])
            expected = [float(cell) for each in rows if (cell := each[column].strip())]
            found = [
                value
                for history in read[row["file"]]
                for value in history.series(split, quantity)["value"]
            ]
            assert found == expected, (row["file"], column)
            checked += len(expected)
    assert checked > 8_000


def test_console_text_number_by_number(logs, index, read):
    """Against one plain expression for each quantity of Keras' console."""
    for row in index:
        if row["format"] != "keras_text":
            continue
        text = (logs / row["file"]).read_text()
        for name, split, quantity in (
            (r"(?<!\w)loss", "train", "loss"),
            (r"(?<!\w)acc(?:uracy)?", "train", "accuracy"),
            ("val_loss", "validation", "loss"),
            ("val_acc(?:uracy)?", "validation", "accuracy"),
        ):
            expected = [float(each) for each in re.findall(rf"{name}: (nan|[\d.]+)", text)]
            found = [
                value
                for history in read[row["file"]]
                for value in history.series(split, quantity)["value"]
            ]
            assert found == pytest.approx(expected, nan_ok=True), (row["file"], name)


def test_json_number_by_number(logs, index, read):
    for row in index:
        if row["format"] == "hf_trainer_state":
            state = json.loads((logs / row["file"]).read_text())
            for key, split in (("loss", "train"), ("eval_loss", "validation")):
                expected = [entry[key] for entry in state["log_history"] if key in entry]
                [history] = read[row["file"]]
                assert history.series(split, "loss")["value"].to_list() == expected
        elif "summary" in row["file"]:
            last = json.loads((logs / row["file"]).read_text())
            [history] = read[row["file"]]
            for split, name in (("train", ""), ("validation", "val_")):
                for quantity in ("loss", "accuracy"):
                    series = history.series(split, quantity)
                    assert series["value"].to_list() == [last[f"epoch/{name}{quantity}"]]
                    assert series["epoch"].to_list() == [last["epoch/epoch"]]


def test_the_binary_history_ends_as_its_summary_says(read):
    run = "wandb/run-20260422_114216-stmhg6j7__"
    [history], [summary] = read[f"{run}run-stmhg6j7.wandb"], read[f"{run}wandb-summary.json"]
    for split in ("train", "validation"):
        for quantity in ("loss", "accuracy"):
            last = history.series(split, quantity)["value"][-1]
            assert last == summary.series(split, quantity)["value"][-1]
    assert history.facts["batch_size"] == 64


def test_the_index_on_particular_logs(read):
    def values(file, split, quantity, run=0):
        return read[file][run].series(split, quantity)["value"].to_list()

    test_error = values("catboost/AbdulRasheed10__catboost_info_test_error.tsv", "test", "loss")
    assert [min(test_error), test_error[-1]] == pytest.approx([0.4669, 0.4682], abs=5e-5)
    assert test_error.index(min(test_error)) == 1981
    nan = "keras_text/resnet50_cifar10_finetune_lr0.01_nan.log"
    assert all(math.isnan(value) for value in values(nan, "validation", "loss"))
    lenet = "fastai_text/lenet_mnist.log"
    assert values(lenet, "validation", "accuracy") == [0.9773, 0.9794, 0.9869, 0.9921, 0.9942]
    search = "pytorch_text/5697526__hyperparameter_search.log"
    assert values(search, "test", "accuracy", run=1)[-1] == 0.8413
    assert read[search][1].facts["batch_size"] == 32
    book = "nielsen_json/mnielsen__fig_overfitting.json"
    assert min(values(book, "validation", "loss")) == pytest.approx(1.20, abs=5e-3)
    assert values(book, "train", "accuracy").index(1.0) + 1 == 68
    mlp = "sklearn_text/mlp_100_100_sgd_mnist.log"
    assert values(mlp, "train", "accuracy") == [0.998233]
    assert values(mlp, "test", "accuracy") == [0.9785]
    textbook = "notebook/Anthony-Tatowi__learn_3_regularization.ipynb"
    assert values(textbook, "validation", "accuracy")[:2] == [0.1037, 0.0996]
    assert read[textbook][0].facts["validation_samples"] == 10_000


def test_a_folder_of_all_formats(logs, read):
    """All at once; only the event files of one folder become one run's."""
    together = cp.runs.read(logs)
    apart = [
        history
        for file, found in read.items()
        if not isinstance(found, str) and not file.startswith("tensorboard")
        for history in found
    ]
    alone = {(history.source, history.rows.height) for history in apart}
    found = {(history.source, history.rows.height) for history in together}
    assert {(source.rstrip("/"), height) for source, height in alone} <= found
    assert any("no number" in note for note in together[0].notes)
