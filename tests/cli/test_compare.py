"""`counterpoint compare` as a person runs it."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

HOSTILE = "</script><script>alert('x')</script>\x1b[31m"


@pytest.fixture
def tables(tmp_path):
    """Two tables of predictions for 300 rows, one more sure than the other."""
    rng = np.random.default_rng(0)
    z = 1.5 * rng.normal(size=300)
    y = np.where(rng.random(300) < 1 / (1 + np.exp(-z)), "yes", "no")
    for name, scale in (("calm", 1.0), ("sure", 4.0)):
        p = 1 / (1 + np.exp(-scale * z))
        pl.DataFrame({"key": range(300), "no": 1 - p, "yes": p, "label": y}).write_csv(
            tmp_path / f"{name}.csv"
        )
    return tmp_path


def spoilt(tables, change):
    change(pl.read_csv(tables / "sure.csv")).write_csv(tables / "sure.csv")


def refused(run, tables, *arguments):
    ended = run("compare", "calm.csv", "sure.csv", *arguments, "--out", "result")
    assert ended.status == 2, ended.out
    assert ended.out == ""
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err
    assert not (tables / "result").exists()
    return ended.err


def test_two_tables(run, tables) -> None:
    ended = run("compare", "calm.csv", "sure.csv", "--target", "label")
    assert ended.status == 0, ended.err
    words = " ".join(ended.out.split())
    assert "300 rows, 2 classes." in words
    assert "calm: 2 columns of probabilities, 'no', 'yes', named by class; 'key' left out." in words
    assert "Accuracy can't tell calm and sure apart" in words
    assert "McNemar p = 1.00" in words
    assert words.endswith("Page, charts and numbers: counterpoint-compare/report.html")
    out = tables / "counterpoint-compare"
    assert {p.name for p in out.iterdir()} >= {
        *("report.html", "comparison.json", "scores.parquet", "parts.parquet"),
        *("differences.parquet", "costliest.parquet", "reliability.png", "parts.svg"),
    }
    found = json.loads((out / "comparison.json").read_text())
    assert pl.read_parquet(out / "scores.parquet")["value"].to_list() == [
        row["value"] for row in found["scores"]
    ]


def test_json_is_one_object_and_the_numbers_of_the_call(run, tables) -> None:
    import counterpoint as cp

    ended = run("compare", "calm.csv", "sure.csv", "--json", "--names", "a,b")
    found = json.loads(ended.out)
    result = cp.compare(tables / "calm.csv", tables / "sure.csv", names=["a", "b"])
    assert found["models"] == ["a", "b"]
    assert [row["p"] for row in found["differences"]] == result.differences["p"].to_list()
    assert found["findings"][0]["name"] == "same_accuracy"


def test_rows_in_another_order_are_refused_or_matched(run, tables) -> None:
    spoilt(tables, lambda f: f.sample(fraction=0.9, shuffle=True, seed=0))
    assert "--id" in refused(run, tables)
    ended = run("compare", "calm.csv", "sure.csv", "--id", "key")
    assert ended.status == 0
    assert "270 rows of 300 in calm are in all tables" in ended.out


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda f: f.with_columns(pl.col("yes") * 0.9), ["sure", "data row", "sum to"]),
        (lambda f: f.with_columns(yes=pl.col("yes") + 2), ["'yes'", "between 0 and 1"]),
        (lambda f: f.with_columns(yes=-pl.col("yes")), ["--logits"]),
        (lambda f: f.with_columns(yes=pl.lit(None)), ["'yes' is missing"]),
        (lambda f: f.with_columns(yes=pl.lit("−0,5")), ["'yes' holds text", "'−0,5'"]),
        (lambda f: f.with_columns(label=pl.lit("owl")), ["Data row 1", "'owl'", "--id"]),
        (lambda f: f.with_columns(label=pl.lit(None)), ["'label'", "missing"]),
        (lambda f: f.rename({"yes": "oui"}), ["no column for class 'yes'"]),
        (lambda f: f.head(0), ["no rows"]),
        (lambda f: f.head(1), ["300 rows", "sure 1"]),
    ],
)
def test_what_is_wrong_with_a_table_is_one_line(run, tables, change, parts) -> None:
    spoilt(tables, change)
    message = refused(run, tables)
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--target", "labl"), "did you mean 'label'?"),
        (("--id", "nope"), "no column 'nope' for --id"),
        (("--names", "x"), "2 models"),
        (("--names", "x,x"), "name of its own"),
        (("--memory", "lots"), "memory is 'lots'"),
        (("third.csv",), "no file third.csv"),
        (("--positive", "owl"), None),
    ],
)
def test_wrong_options_are_one_line(run, tables, arguments, part) -> None:
    if part is None:  # nothing to choose where each class has a column
        assert run("compare", "calm.csv", "sure.csv", *arguments).status == 0
        return
    assert part in refused(run, tables, *arguments)


def test_one_table_is_not_two(run, tables) -> None:
    ended = run("compare", "calm.csv")
    assert ended.status == 2
    assert "name two or more" in ended.err


def test_per_cent_is_understood_and_said(run, tables) -> None:
    spoilt(tables, lambda f: f.select(pl.col("yes") * 100, "label"))
    ended = run("compare", "calm.csv", "sure.csv")
    assert ended.status == 0
    assert "column 'yes' is read as the probability of 'yes'" in ended.out
    assert "read as per cent, divided by 100" in ended.out


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_very_few_rows(run, tables, rows: int) -> None:
    for name in ("calm", "sure"):
        pl.read_csv(tables / f"{name}.csv").head(rows).write_csv(tables / f"{name}.csv")
    ended = run("compare", "calm.csv", "sure.csv")
    assert ended.status == 0, ended.err
    assert "nan" not in ended.out


def test_hostile_names_are_shown_as_text(run, tables) -> None:
    for name in ("calm", "sure"):
        frame = pl.read_csv(tables / f"{name}.csv")
        frame = frame.rename({"yes": HOSTILE}).with_columns(
            label=pl.col("label").replace({"yes": HOSTILE})
        )
        frame.write_csv(tables / f"{name}.csv")
    ended = run("compare", "calm.csv", "sure.csv", "--names", f"{HOSTILE},b")
    assert ended.status == 0, ended.err
    assert "\x1b" not in ended.out
    page = (tables / "counterpoint-compare" / "report.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
