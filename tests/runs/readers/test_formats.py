"""One file of each format, whatever it is called, and what is particular to each."""

from __future__ import annotations

import json
import math
import shutil

import polars as pl
import pytest

import counterpoint as cp
from counterpoint.errors import InputError
from made_logs import HELD_OUT, TRAIN, event, files, leveldb, mlflow_db, simple, tensor, tf_record
from made_logs import tensorboard as tensorboard_bytes
from made_logs import wandb as wandb_bytes

KINDS = {
    "keras.csv": "Keras CSVLogger",
    "log.tsv": "CSV",
    "rows.jsonl": "JSON Lines",
    "rows.json": "JSON",
    "history.json": "JSON",
    "pandas.json": "JSON",
    "evals.json": "JSON",
    "catboost_training.json": "CatBoost training JSON",
    "trainer_state.json": "Hugging Face trainer_state.json",
    "four.json": "textbook JSON of four lists",
    "notebook.ipynb": "Jupyter notebook",
    "printed.log": "text",
    "events.out.tfevents.1": "TensorBoard event file",
    "run-a.wandb": "Weights & Biases run",
    "mlflow.db": "MLflow database",
    "rows.parquet": "Parquet",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return files(tmp_path_factory.mktemp("made"))


def values(history, split, quantity="loss"):
    return history.series(split, quantity)["value"].to_list()


@pytest.mark.parametrize("name", KINDS)
def test_each_format_is_known_by_its_content(tmp_path, made, name):
    bare = tmp_path / "x"
    shutil.copy(made[name], bare)
    history = cp.runs.read(bare)[0]
    assert history.format == KINDS[name]
    held_out = "test" if name == "catboost_training.json" else "validation"
    assert values(history, "train") == pytest.approx(
        TRAIN, abs=1e-7
    )  # some are in single precision
    assert values(history, held_out) == pytest.approx(HELD_OUT, abs=1e-7)


def test_a_folder_of_them_all(made, tmp_path):
    """A run's folder of one program is read as that; in this one each has a folder of its own."""
    for name, path in made.items():
        (tmp_path / name).mkdir()
        shutil.copy(path, tmp_path / name)
    kinds = {history.format for history in cp.runs.read(tmp_path)}
    assert kinds == {*KINDS.values(), "Weights & Biases summary", "Counterpoint record"}


def test_facts_come_along(made):
    assert cp.runs.read(made["trainer_state.json"])[0].facts == {"batch_size": 8}
    assert cp.runs.read(made["run-a.wandb"])[0].facts == {"batch_size": 64, "optimiser": "adam"}
    assert cp.runs.read(made["mlflow.db"])[1].facts == {"batch_size": 32}
    four = cp.runs.read(made["four.json"])[0]
    assert four.facts["validation_samples"] == 10_000
    assert values(four, "validation", "accuracy") == [0.7397, 0.7381, 0.7431]


def test_what_the_caller_says_outweighs(made):
    [history] = cp.runs.read(made["trainer_state.json"], batch_size=16, classes=10)
    assert history.facts == {"batch_size": 16, "classes": 10}


def test_the_mean_at_the_end_of_a_trainer_is_no_step(made):
    [history] = cp.runs.read(made["trainer_state.json"])
    assert values(history, "train", "mean_loss") == [0.6]


def test_a_summary_is_one_row(made):
    [history] = cp.runs.read(made["wandb-summary.json"])
    assert values(history, "validation") == [0.75]
    assert any("last values only" in note for note in history.notes)


def test_runs_of_a_database_are_apart(made):
    first, second = cp.runs.read(made["mlflow.db"])
    assert (first.name, second.name) == ("first aaaaaaaa", "second bbbbbbbb")
    assert math.isnan(values(first, "validation", "accuracy")[0])
    assert not list(made["mlflow.db"].parent.glob("mlflow.db-*"))


def test_a_database_that_would_run_for_ever(tmp_path):
    import sqlite3

    mlflow_db(tmp_path / "a.db")
    database = sqlite3.connect(tmp_path / "a.db")
    database.executescript(
        "DROP TABLE metrics; CREATE VIEW metrics AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL "
        "SELECT x + 1 FROM t) SELECT x AS run_uuid, x AS key, x AS value, x AS step, 0 AS is_nan "
        "FROM t;"
    )
    database.close()
    with pytest.raises(InputError, match="no table of metrics"):
        cp.runs.read(tmp_path / "a.db")


@pytest.mark.parametrize("packed", [False, True])
def test_scalars_of_tensorflow_2(tmp_path, packed):
    data = event(1, tensor("epoch_loss", 0.5, packed=packed)) + event(
        1, tensor("text", 0.5, plugin="text")
    )
    (tmp_path / "validation").mkdir()
    (tmp_path / "validation" / "events.out.tfevents.2").write_bytes(data)
    [history] = cp.runs.read(tmp_path)
    assert history.rows.drop("run").rows() == [(None, 1.0, "validation", "loss", 0.5)]


def test_training_and_validation_folders_are_one_run(tmp_path):
    for split, loss in (("train", 0.5), ("validation", 0.25)):
        (tmp_path / "logs" / split).mkdir(parents=True)
        path = tmp_path / "logs" / split / "events.out.tfevents.1"
        path.write_bytes(event(0, simple("epoch_loss", loss)))
    [history] = cp.runs.read(tmp_path)
    assert (values(history, "train"), values(history, "validation")) == ([0.5], [0.25])


def test_a_damaged_event_is_left_out_and_said(tmp_path):
    first, second, third = (event(e, simple("val_loss", 0.5 + e)) for e in range(3))
    log = tmp_path / "log"
    flipped = second[:-6] + bytes([second[-6] ^ 1]) + second[-5:]
    log.write_bytes(first + flipped + third)
    [history] = cp.runs.read(log)
    assert values(history, "validation") == [0.5, 2.5]
    assert "1 damaged records (wrong checksum) are left out" in history.notes
    log.write_bytes(first + bytes([second[0] ^ 1]) + second[1:] + third)
    [history] = cp.runs.read(log)
    assert values(history, "validation") == [0.5]
    assert any("what follows is left out" in note for note in history.notes)


def test_every_cut_of_an_event_file(tmp_path):
    whole = tensorboard_bytes()
    log = tmp_path / "log"
    ends = [i for i in range(len(whole) + 1) if _is_whole(whole[:i])]
    for cut in range(13, len(whole)):
        log.write_bytes(whole[:cut])
        try:
            [history] = cp.runs.read(log)
        except InputError:
            assert cut < ends[2]
            continue
        assert len(values(history, "train")) == sum(end <= cut for end in ends[2:])
        assert any("cut off" in note for note in history.notes) == (cut not in ends)


def _is_whole(data):
    at = 0
    while at < len(data):
        at += 16 + int.from_bytes(data[at : at + 8], "little")
    return at == len(data)


@pytest.mark.slow
def test_large_records_are_passed_over(tmp_path):
    data = event(0, simple("val_loss", 0.5)) + tf_record(b"\x2a" + bytes(5_000_000))
    (tmp_path / "log").write_bytes(data + event(1, simple("val_loss", 0.25)))
    assert values(cp.runs.read(tmp_path / "log")[0], "validation") == [0.5, 0.25]


def test_lightning_says_the_epoch_of_a_step(tmp_path):
    data = b"".join(event(s, simple("val_loss", 1.0), simple("epoch", s // 10)) for s in (9, 19))
    (tmp_path / "log").write_bytes(data)
    series = cp.runs.read(tmp_path / "log")[0].series("validation", "loss")
    assert series.select("step", "epoch").rows() == [(9, 0.0), (19, 1.0)]


@pytest.mark.parametrize("pad", [0, 20_000, 40_000, 100_000])
def test_wandb_records_run_over_blocks(tmp_path, pad):
    (tmp_path / "log").write_bytes(wandb_bytes(pad))
    assert values(cp.runs.read(tmp_path / "log")[0], "train") == TRAIN


def test_a_damaged_wandb_block_is_left_out_and_said(tmp_path):
    data = bytearray(wandb_bytes(40_000))
    data[50_000] ^= 1
    (tmp_path / "log").write_bytes(data)
    [history] = cp.runs.read(tmp_path / "log")
    assert values(history, "train") == [0.9, 0.4]
    assert any("damaged" in note for note in history.notes)


def test_a_wandb_run_without_history_has_its_summary(tmp_path):
    (tmp_path / "run-a.wandb").write_bytes(leveldb([]))
    (tmp_path / "files").mkdir()
    last = {"_step": 1, "_runtime": 2, "val_loss": 0.5}
    (tmp_path / "files" / "wandb-summary.json").write_text(json.dumps(last))
    [history] = cp.runs.read(tmp_path)
    assert (history.format, values(history, "validation")) == ("Weights & Biases summary", [0.5])


def mlflow_run(folder, metrics, params=None):
    (folder / "metrics").mkdir(parents=True)
    (folder / "params").mkdir()
    (folder / "meta.yaml").write_text("run_name: 'calm-owl-1'\n")
    for name, lines in metrics.items():
        path = folder / "metrics" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(lines)
    for name, value in (params or {}).items():
        (folder / "params" / name).write_text(value)


def test_mlflow_folders(tmp_path):
    losses = "".join(f"{1000 + e} {a} {e}\n" for e, a in enumerate(TRAIN))
    nan = "1000 nan 0\n1001 inf 1\n"
    mlflow_run(
        tmp_path / "0" / "abc", {"loss": losses, "val/loss": nan}, {"lr": "0.1", "dropout": "0.5"}
    )
    [history] = cp.runs.read(tmp_path)
    assert values(history, "train") == TRAIN
    assert str(values(history, "validation")) == "[nan, inf]"
    assert history.facts == {"learning_rate": 0.1}
    assert "it is called calm-owl-1" in history.notes


def test_mlflow_steps_that_start_again_are_two_runs(tmp_path):
    lines = "".join(f"{1000 + i} 0.5 {i % 2}\n" for i in range(4))
    mlflow_run(tmp_path, {"loss": lines, "val_loss": lines})
    assert [each.rows.height for each in cp.runs.read(tmp_path)] == [4, 4]


def table(tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    return cp.runs.read(tmp_path / "t.csv")


def test_tables_of_several_kinds(tmp_path):
    [sparse] = table(tmp_path, "epoch,step,train_loss,val_loss\n0,9,0.5,\n0,9,,0.25\n1,19,0.4,\n")
    assert (values(sparse, "train"), values(sparse, "validation")) == ([0.5, 0.4], [0.25])
    [decimal] = table(tmp_path, "epoch;loss;acc\n1;0,5;78,5%\n2;0,25;80,5%\n")
    assert (values(decimal, "train"), values(decimal, "train", "accuracy")) == (
        [0.5, 0.25],
        [0.785, 0.805],
    )
    [tidy] = table(tmp_path, "step,split,metric,value\n1,train,loss,0.5\n1,val,loss,0.25\n")
    assert (values(tidy, "train"), values(tidy, "validation")) == ([0.5], [0.25])
    first, second = table(tmp_path, "fold,epoch,loss\n1,1,0.5\n1,2,0.4\n2,1,0.3\n")
    assert (first.name, values(first, "train"), values(second, "train")) == (
        "fold 1",
        [0.5, 0.4],
        [0.3],
    )
    interleaved = table(tmp_path, "seed,epoch,loss\n1,1,0.5\n2,1,0.3\n1,2,0.4\n")
    assert [values(each, "train") for each in interleaved] == [[0.5, 0.4], [0.3]]
    again = table(tmp_path, "epoch,loss\n1,0.5\nepoch,loss\n1,0.4\n")
    assert [values(each, "train") for each in again] == [[0.5], [0.4]]
    [index] = table(tmp_path, ",loss,accuracy\n0,0.5,0.7\n1,0.4,0.8\n")
    assert index.series("train", "loss")["epoch"].to_list() == [0.0, 1.0]
    [odd] = table(tmp_path, "epoch,loss,lr\n1,tensor(0.5),[0.1]\n2,\u22120.25,1e-3\n")
    assert (values(odd, "train"), values(odd, "", "learning_rate")) == ([0.5, -0.25], [0.1, 1e-3])


def test_rows_that_do_not_fit_are_said(tmp_path):
    [history] = table(
        tmp_path, "epoch,loss,val_loss\n1,0.5,0.6\n2,0.4\n3,0.3,oops\n4,0.2,0.3\n5,0."
    )
    assert values(history, "train") == [0.5, 0.3, 0.2]
    assert values(history, "validation") == [0.6, 0.3]
    notes = " ".join(history.notes)
    assert "line 3, 6" in notes
    assert "'oops' is no number" in notes


def test_exports(tmp_path):
    wandb = (
        '"Step","calm-owl-1 - val_loss","calm-owl-1 - val_loss__MIN","calm-owl-1 - val_loss__MAX",'
        '"wild-fox-2 - val_loss","wild-fox-2 - val_loss__MIN","wild-fox-2 - val_loss__MAX"\n'
        '"0","0.5","0.5","0.5","0.75","0.75","0.75"\n"1","0.25","0.2","0.3","","",""\n'
    )
    first, second = table(tmp_path, wandb)
    assert (first.name, values(first, "validation")) == ("calm-owl-1", [0.5, 0.25])
    assert values(second, "validation") == [0.75]
    path = tmp_path / "run-20240101_validation-tag-epoch_loss.csv"
    path.write_text("Wall time,Step,Value\n1.7e9,0,0.5\n1.7e9,1,0.25\n")
    [board] = cp.runs.read(path)
    assert (board.format, values(board, "validation")) == ("TensorBoard CSV export", [0.5, 0.25])


def test_names_side_by_side_are_never_one(tmp_path):
    [history] = table(tmp_path, "epoch,mse,loss,accuracy,top_5_accuracy\n1,0.1,0.5,0.7,0.9\n")
    assert (values(history, "train"), values(history, "train", "accuracy")) == ([0.5], [0.7])
    assert values(history, "", "mse") == [0.1]
    [two] = table(tmp_path, "round,validation_0-logloss,validation_1-logloss\n0,0.5,0.6\n")
    assert (values(two, "train"), values(two, "validation")) == ([0.5], [0.6])
    assert any("custom" in note for note in two.notes)


def test_tables_in_a_notebook(tmp_path):
    html = (
        "<table><thead><tr><th>Epoch</th><th>Training Loss</th><th>Validation Loss</th>"
        "<th>Accuracy</th></tr></thead><tbody><tr><td>1</td><td>0.5</td><td>0.6</td><td>0.7</td>"
        "</tr><tr><td>2</td><td>No log</td><td>0.5</td><td>0.8</td></tr></tbody></table><p>"
    )
    cell = {
        "cell_type": "code",
        "outputs": [
            {"output_type": "error", "traceback": ["loss: 9.9 - acc: 0.9"], "evalue": ""},
            {
                "output_type": "display_data",
                "data": {"text/html": [html], "text/plain": ["<IPython.core.display.HTML object>"]},
            },
        ],
    }
    (tmp_path / "n").write_text(json.dumps({"cells": [cell], "nbformat": 4}))
    [history] = cp.runs.read(tmp_path / "n")
    assert values(history, "train") == [0.5]
    assert values(history, "validation") == [0.6, 0.5]
    assert values(history, "validation", "accuracy") == [0.7, 0.8]


def test_a_series_that_is_too_long_keeps_its_extremes(tmp_path, monkeypatch):
    import counterpoint.runs.gather as gather

    monkeypatch.setattr(gather.Gatherer.__init__, "__defaults__", (None, 1000))
    losses = [1.0] * 5000
    losses[1234], losses[3210], losses[4321] = 99.0, -5.0, math.nan
    rows = "".join(f"{i},{loss}\n" for i, loss in enumerate(losses))
    [history] = table(tmp_path, f"step,val_loss\n{rows}")
    series = history.series("validation", "loss")
    assert 200 < series.height <= 1000
    kept = dict(zip(series["step"], series["value"], strict=True))
    assert (kept[0], kept[1234], kept[3210], kept[4999]) == (1.0, 99.0, -5.0, 1.0)
    assert math.isnan(kept[4321])
    assert any("of 5,000 points are kept" in note for note in history.notes)


def test_parquet_without_a_training(tmp_path):
    pl.DataFrame({"a": [1], "b": ["x"]}).write_parquet(tmp_path / "p")
    with pytest.raises(InputError, match="name no loss"):
        cp.runs.read(tmp_path / "p")


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("missing.csv", "is no file"),
        ("", "holds no numbers yet"),
        ("empty", "is empty"),
        ("\0", "is no file"),
    ],
)
def test_what_is_not_there(tmp_path, path, part):
    (tmp_path / "sub").mkdir()
    if path == "empty":
        (tmp_path / "empty").write_text("")
    with pytest.raises(InputError, match=part):
        cp.runs.read(tmp_path / path if path else tmp_path / "sub")


def test_counts_of_few_rows_are_no_percentages(tmp_path):
    log = tmp_path / "four.json"
    log.write_text("[[0.9, 0.4], [24, 57], [], []]")
    [told] = cp.runs.read(log, validation_samples=60)
    assert told.series("validation", "accuracy")["value"].to_list() == [24 / 60, 57 / 60]
    [many] = cp.runs.read(log, validation_samples=1000)  # the book's code writes counts alone
    assert many.series("validation", "accuracy")["value"].to_list() == [0.024, 0.057]
    [untold] = cp.runs.read(log)
    assert untold.series("validation", "accuracy")["value"].to_list() == [0.24, 0.57]
    table = tmp_path / "log.csv"
    table.write_text("epoch,val_accuracy\n1,24\n2,57\n")
    [percent] = cp.runs.read(table, validation_samples=1000)
    assert percent.series("validation", "accuracy")["value"].to_list() == [0.24, 0.57]


def test_perplexity_and_bits_are_losses(tmp_path):
    log = tmp_path / "log.csv"
    names = "epoch,train_loss,train_ppl,val_ppl,test loss (bits),test_ppl"
    log.write_text(f"{names}\n0,2,7.4,8,1,2\n1,1,2.7,inf,0.5,1.4\n")
    [history] = cp.runs.read(log)

    def values(split, quantity):
        return history.series(split, quantity)["value"].to_list()

    assert values("train", "loss") == [2.0, 1.0]
    assert values("train", "perplexity") == [7.4, 2.7]
    assert values("validation", "loss") == [math.log(8), math.inf]
    assert values("test", "perplexity") == [2.0, 1.4]
    assert values("test", "loss") == [math.log(2), math.log(2) / 2]
    assert "val_ppl: its logarithm is the loss" in history.notes
    assert "test loss (bits): in bits, times ln 2" in history.notes
    assert history.names["validation/loss"] == "val_ppl"
    printed = tmp_path / "printed.log"
    printed.write_text("".join(f"epoch {e}: loss (bits): {2 / e}\n" for e in range(1, 5)))
    [history] = cp.runs.read(printed)
    assert history.rows["quantity"].unique().to_list() == ["loss"]
    assert history.rows["value"][0] == 2 * math.log(2)
    log.write_text("epoch,val_ppl\n0,0.5\n1,0.4\n")
    [history] = cp.runs.read(log)
    assert values("validation", "perplexity") == [0.5, 0.4]
