"""`counterpoint train` as a person runs it."""

from __future__ import annotations

import json

import polars as pl
import pytest

import counterpoint as cp

SMALL = ("--hidden", 4, "--alphas", "1e-4:1e-1:3", "--epochs", 4, "--batch", 8)


def test_the_table_and_the_folder(run, table, tmp_path) -> None:
    done = run("train", table, "--target", "y", *SMALL, "--seeds", 2)
    assert done.status == 0, done.err
    assert done.err == ""  # no bar in a pipe
    assert "4-4-2 relu; 6 members (3 alphas, 2 seeds); 48 rows train, 12 judge" in done.out
    assert "Take alpha" in done.out
    folder = tmp_path / "counterpoint-train"
    names = {path.name for path in folder.iterdir()}
    assert {"report.html", "curves.png", "map.svg", "norms.png", "weights.safetensors"} <= names
    history = pl.read_parquet(folder / "history.parquet")
    assert history["epoch"].max() == 4
    assert repr(cp.nets.load(folder)).startswith("<Population of 3 alphas x 2 seeds, 4 epochs")


def test_json(run, table) -> None:
    done = run("train", table, "--target", "y", *SMALL, "--json")
    content = json.loads(done.out)
    assert content["choice"]["alpha"] in content["alphas"]
    assert [row["alpha"] for row in content["members"]] == content["alphas"]
    assert content["epochs"] == 4


def test_going_on_from_a_folder(run, table, tmp_path) -> None:
    first = run("train", table, "--target", "y", *SMALL, "--resume", "kept", "--json")
    assert (tmp_path / "kept" / "population.safetensors").exists()
    assert run("train", table, "--target", "y", *SMALL, "--resume", "kept", "--json") == first


def test_a_file_to_judge_on(run, table, frame, tmp_path) -> None:
    frame.write_csv(tmp_path / "more.csv")
    done = run("train", table, "--target", "y", *SMALL, "--validation", "more.csv")
    assert "60 rows train, 60 judge" in done.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hidden", "a"), "--hidden is 'a'; give units by comma"),
        (("--hidden", "4,0"), "hidden is 0"),
        (("--loss", "hinge"), "loss 'hinge' is not one of networks"),
        (("--rate", 0), "the learning rate is 0.0"),
        (("--alphas", "0"), "alpha"),
        (("--batch", 1000), "batch is 1,000, more than the 48 training rows"),
        (("--validation", "nowhere.csv"), "nowhere.csv"),
        (("--validation", 2), "validation is 2.0; a fraction"),
        (("--l1-ratio", 0.5), "--l1-ratio is for the elastic net alone"),
        (("--optimizer", "adamw", "--penalty", "l2"), "its penalty is decay, not l2"),
        (("--out", ""), "--out is empty"),
        (("--device", "nowhere"), "device 'nowhere' can't be used"),
    ],
)
def test_mistakes_end_in_one_line(run, table, options, said) -> None:
    done = run("train", table, "--target", "y", *SMALL, *options)
    assert done.status == 2
    assert done.err.startswith("counterpoint: ")
    assert done.err.count("\n") == 1
    assert said in done.err


def test_hostile_names(run, frame, tmp_path) -> None:
    labels = pl.col("y").replace({"yes": "[bold]\x1b[31m", "no": "<script>alert(1)</script>"})
    frame.with_columns(y=labels).write_csv(tmp_path / "hostile.csv")
    done = run("train", "hostile.csv", "--target", "y", *SMALL)
    assert done.status == 0
    assert "\x1b" not in done.out
    page = (tmp_path / "counterpoint-train" / "report.html").read_text("utf-8")
    assert "<script>alert" not in page


def test_a_file_without_a_header_and_with_semicolons(run, table, tmp_path) -> None:
    lines = table.read_text().splitlines()[1:]
    bare = tmp_path / "bare.txt"
    bare.write_text("\n".join(lines).replace(",", ";"))
    same = run("train", table, "--target", "y", *SMALL, "--json")
    told = ("--no-header", "--separator", ";", "--target", "-1")
    assert run("train", bare, *told, *SMALL, "--json").out == same.out
