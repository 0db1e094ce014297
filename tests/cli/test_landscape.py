"""`counterpoint landscape` as a person types it, with mistakes."""

from __future__ import annotations

import json

import pytest


def test_points_typed_in_with_a_printed_minus(run, tmp_path):
    done = run("landscape", "--points", "−1:0, -0.3:0, 0:1, 0.9:0, 1:1", "--out", "here")
    assert done.status == 0
    said = " ".join(done.out.split())
    assert "5 rows of classes 0 and 1" in said
    assert "least (weight of x 1.27, intercept -0.654: a cut at 0.516)" in said
    assert "2 cuts have that accuracy" in said
    assert "Charts and numbers: here/landscape.png" in said
    names = {path.name for path in (tmp_path / "here").iterdir() if path.name[0] != "."}
    assert names == {"landscape.png", "landscape.svg", "landscape.json"}


def test_a_table_and_json(run, table):
    done = run("landscape", table, "--target", "y", "--axes", "a,intercept", "--json")
    assert done.status == 0
    content = json.loads(done.out)
    assert content["axes"] == ["weight of a", "intercept"]
    assert content["classes"] == ["no", "yes"]
    assert content["most_accurate"]["accuracy"] >= content["least_loss"]["accuracy"]
    assert content["all_parameters"]["proven"] is True
    assert content["findings"][0]["name"] == "surrogate_cost"


def test_a_simulated_sample_is_the_same_each_time(run):
    first, second = (run("landscape", "--simulate", "50,1,0,7", "--json") for _ in range(2))
    assert first.out == second.out
    assert json.loads(first.out)["rows"] == 50


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name one source of rows"),
        (["--points", "0:1", "--simulate", "9,1,0,0"], "name one source of rows"),
        (["--points", "0:1,1"], "the point '1' has no label"),
        (["--points", "a:1"], "has 'a' where a number should stand"),
        (["--points", "nan:1,0:0"], "has 'nan' where a number should stand"),
        (["--points", " , "], "there are no points"),
        (["--points", "0:1,1:1"], "class"),
        (["--points", "0:a,1:b,2:c"], "there are 3 classes"),
        (["--points", "0:a,0:b"], "constant"),
        (["--points", "0:a,1:b", "--target", "y"], "--target goes with a TABLE"),
        (["--points", "0:a,1:b", "--axes", "y,intercept"], "there is no feature 'y'"),
        (["--points", "0:a,1:b", "--loss", "hinge"], "loss 'hinge' is not known"),
        (["--points", "0:a,1:b", "--alpha", "0"], "alpha is 0"),
        (["--points", "0:a,1:b", "--time-limit", "0"], "time_limit is 0"),
        (["--points", "0:a,1:b", "--out", ""], "--out is empty"),
        (["--simulate", "100,0.3"], "is not N,SLOPE,INTERCEPT,SEED"),
        (["--simulate", "1e12,1,0,0"], "ask for 1 to 1,000,000"),
        (["--simulate", "10.5,1,0,0"], "ask for 1 to 1,000,000"),
        (["--simulate", "10,1,0,-1"], "give a whole number, 0 or more"),
        (["sklearn:breast_cancer"], "there are 30 features; name two axes"),
        (["sklearn:iris", "--axes", "sepal length (cm),intercept"], "there are 3 classes"),
        (["missing.csv", "--target", "y"], "missing.csv"),
    ],
)
def test_a_mistake_ends_in_one_line(run, arguments, said):
    done = run("landscape", *arguments)
    assert done.status == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""


def test_names_with_terminal_codes_are_printed_harmlessly(run, tmp_path):
    (tmp_path / "odd.csv").write_text('"<b>a\x1b[31m",y\n0,no\n1,yes\n2,no\n3,yes\n')
    done = run("landscape", "odd.csv", "--target", "y")
    assert done.status == 0
    assert "\x1b" not in done.out
    assert "\x1b" not in (tmp_path / "counterpoint-landscape" / "landscape.svg").read_text("utf-8")
