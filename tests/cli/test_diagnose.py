"""`counterpoint diagnose`, as a person and as a pipeline run it."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from test_diagnosis import TEXTBOOK

HEALTHY = "epoch,loss,val_loss\n" + "".join(
    f"{e},{2.3 * 0.9**e:.4f},{2.3 * 0.91**e + 0.05:.4f}\n" for e in range(30)
)


@pytest.fixture
def log(tmp_path):
    (tmp_path / "log.csv").write_text(HEALTHY)
    return tmp_path / "log.csv"


def paste(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_a_pasted_log(run, monkeypatch):
    paste(monkeypatch, TEXTBOOK)
    ended = run("diagnose", "-", "--classes", "10", "--loss", "quadratic")
    assert (ended.status, ended.err) == (1, "")
    assert "169.7 of 174.7" in " ".join(ended.out.split())
    assert max(map(len, ended.out.splitlines())) <= 96
    assert "\x1b" not in ended.out


def test_a_healthy_log_ends_well(run, log):
    ended = run("diagnose", log)
    assert (ended.status, ended.err) == (0, "")
    assert "note: Nothing wrong was found" in ended.out


def test_json_and_sarif_are_one_object_each(run, log):
    printed = json.loads(run("diagnose", log, "--json").out)
    assert printed["severity"] == "note"
    assert printed["runs"][0]["findings"][0]["name"] == "nothing_wrong"
    report = json.loads(run("diagnose", log, "--sarif").out)
    place = report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("log.csv")


def test_a_folder_of_many_runs_is_a_line_each(run, tmp_path):
    for name in "abcd":
        (tmp_path / f"{name}.csv").write_text(HEALTHY)
    (tmp_path / "e.csv").write_text(HEALTHY + "30,nan,nan\n")
    ended = run("diagnose", tmp_path)
    assert ended.status == 1
    assert ended.out.startswith("5 runs: 1 with a problem, 4 without either\n")
    lines = ended.out.splitlines()
    assert next(line for line in lines if line.startswith("!!")).split()[1] == "e.csv"


def test_a_page_holds_the_findings_and_no_script(run, log, tmp_path):
    assert run("diagnose", log, "--html", tmp_path / "page.html").status == 0
    page = (tmp_path / "page.html").read_text()
    assert "Nothing wrong was found" in page
    assert "<svg" in page
    assert "<script" not in page
    assert run("diagnose", log, "--html", tmp_path / "page.html").status == 0  # of an hour ago


def test_names_from_a_log_are_no_markup_and_no_terminal_codes(run, tmp_path):
    evil = "<img src=x>\x1b[31m.csv"
    (tmp_path / evil).write_text(HEALTHY)
    ended = run("diagnose", tmp_path / evil, "--html", tmp_path / "page.html")
    assert "\x1b" not in ended.out
    assert "<img" not in (tmp_path / "page.html").read_text()


def test_names_are_explained(run, tmp_path):
    (tmp_path / "a.csv").write_text("epoch,goodness\n0,71\n1,74\n")
    assert run("diagnose", tmp_path / "a.csv").status == 2
    ended = run("diagnose", tmp_path / "a.csv", "--map", "goodness=val/accuracy")
    assert ended.status == 0
    assert "validation: accuracy" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.csv"], "nothing.csv"),
        (["log.csv", "--loss", "focal"], "focal"),
        (["log.csv", "--classes", "1"], "classes is 1"),
        (["log.csv", "--map", "goodness"], "my_metric=val/accuracy"),
        (["log.csv", "--json", "--sarif"], "one of them"),
        (["-"], "what was pasted is empty"),
        (["log.csv", "--html", "log.csv"], "log.csv is there, and no page"),
        (["empty"], "empty holds no numbers yet: has the training begun?"),
    ],
)
def test_what_is_unusable_ends_in_one_line(run, log, tmp_path, monkeypatch, arguments, said):
    paste(monkeypatch, "")
    (tmp_path / "empty").mkdir()
    ended = run("diagnose", *arguments)
    assert log.read_text() == HEALTHY
    assert (ended.status, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 1
    assert said in ended.err


def test_it_starts_light(log):
    """Neither SciPy nor scikit-learn nor a chart is loaded to read a log."""
    code = (
        "import sys; from counterpoint.cli import main; sys.argv = ['counterpoint', 'diagnose', "
        f"{str(log)!r}]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'scipy.stats', 'sklearn', 'numba', 'altair', 'torch'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
