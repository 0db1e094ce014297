"""`counterpoint relate` as a person runs it."""

from __future__ import annotations

import json

import pytest


def test_the_command_of_the_guide(run, tmp_path):
    ended = run("relate", "--classes", 10, "--loss", "brier", "--concentration", 1)
    assert (ended.status, ended.err) == (0, "")
    assert "(1 - t)² (1 + S)" in ended.out
    assert "4.1%" in ended.out
    assert "Charts and numbers: counterpoint-relate" in ended.out
    # At t = 0.5: mean 0.25·1.2, sd 0.25·0.0492, least 0.25·(1 + 1/9), greatest 0.5.
    row = next(line for line in ended.out.splitlines() if line.split()[:1] == ["0.5"])
    cells = row.split()
    assert cells[1:3] + cells[-2:] == ["0.300", "0.0123", "0.278", "0.500"]
    written = {path.name for path in (tmp_path / "counterpoint-relate").iterdir()}
    assert {"one_prediction.svg", "region.png", "relation.json"} <= written


def test_json_and_points(run, tmp_path):
    points = ("--point", "0.4577,78.26%", "--point", "other = 0.6 , 7826/10000")
    ended = run("relate", "--classes", 2, "--loss", "log", *points, "--out", "here", "--json")
    assert (ended.status, ended.err) == (0, "")
    printed = json.loads(ended.out)
    assert [point["name"] for point in printed["points"]] == ["point 1", "other"]
    assert [point["calibrated"] for point in printed["points"]] == [True, False]
    assert printed["points"][1]["accuracy"] == pytest.approx(0.7826)
    assert printed["points"][1]["samples"] is None
    counted = run(
        *("relate", "--classes", 2, "--loss", "log", "--out", "there", "--json"),
        *("--point", "0.55,0.7826", "--samples", 1000),
    )
    (point,) = json.loads(counted.out)["points"]
    assert point["calibrated"]
    assert point["by_chance"] == pytest.approx([0.228, 0.595], abs=1e-3)
    assert json.loads((tmp_path / "here" / "relation.json").read_text()) == printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--classes", "1"), "number of classes is 1"),
        (("--classes", "3", "--loss", "cross-entropy"), "choose one of"),
        (("--classes", "3", "--concentration", "0"), "0.01"),
        (("--classes", "3", "--concentration", "x"), "--concentration"),
        (("--classes", "3", "--concentration", "1,,1"), "--concentration"),
        (("--classes", "3", "--concentration", "1,2"), "2 numbers for 3 classes"),
        (("--classes", "3", "--concentration", "\N{MINUS SIGN}1"), "-1"),
        (("--classes", "3", "--label", "7"), "label is 7"),
        (("--classes", "3", "--point", "0.4"), "LOSS,ACCURACY"),
        (("--classes", "3", "--point", "0.4;0.8"), "LOSS,ACCURACY"),
        (("--classes", "3", "--point", "0.4,nan"), "accuracy"),
        (("--classes", "3", "--point", "0.4,78"), "accuracy 78"),
        (("--classes", "3", "--point", "a=0.4,0.7", "--point", "a=0.4,0.8"), "twice"),
        (("--classes", "1000", "--concentration", "0.02"), "too many"),
    ],
)
def test_mistakes_end_in_one_line(run, tmp_path, arguments, said):
    ended = run("relate", *arguments, "--out", "result")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("counterpoint: ")
    assert ended.err.count("\n") == 1
    assert said in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file(run, tmp_path):
    (tmp_path / "taken").write_text("kept")
    ended = run("relate", "--classes", 3, "--out", "taken")
    assert (ended.status, ended.out) == (2, "")
    assert "taken" in ended.err
    assert (tmp_path / "taken").read_text() == "kept"
    ended = run("relate", "--classes", 3, "--out", "")
    assert ended.status == 2
