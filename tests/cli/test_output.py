"""What `counterpoint sweep` prints and leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

import counterpoint as cp

QUICK = ("--target", "y", "--alphas", "0.01,0.1,1", "--out", "result")


def one_object(text):
    """The one JSON object that the text is, and nothing that JSON does not have."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    assert text.endswith("\n")
    assert text.count("\n") == 1
    return json.loads(text, parse_constant=refuse)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_folder_holds_the_page_the_charts_and_the_numbers(run, table, tmp_path):
    ended = run("sweep", table, *QUICK)
    assert ended.status == 0
    assert ended.err == ""
    files = contents(tmp_path / "result")
    charts = {
        f"{name}{end}" for name in ("scores", "objective", "weights") for end in (".png", ".svg")
    }
    numbers = {"scores.parquet", "weights.npz", "held_out.npz", "sweep.json"}
    assert set(files) == charts | numbers | {"report.html", ".counterpoint-files.json"}
    for name in charts:
        if name.endswith(".png"):
            assert files[name].startswith(b"\x89PNG\r\n")
        else:
            assert ElementTree.fromstring(files[name]).tag.endswith("svg")
    page = files["report.html"].decode()
    assert "counterpoint sweep" in page
    assert "table.csv" in page
    with np.load(tmp_path / "result" / "weights.npz", allow_pickle=False) as weights:
        assert weights["coef"].shape == (3, 1, 4)
    scores = pl.read_parquet(tmp_path / "result" / "scores.parquet")
    assert scores.columns == ["alpha", "split", "fold", "quantity", "value", "low", "high"]


def test_people_read_the_table_the_findings_and_the_choice(run, table):
    out = run("sweep", table, *QUICK).out
    choice = cp.load_sweep("result").choice
    assert "accuracy" in out
    assert "log loss" in out
    assert "data loss" in out
    assert f"→ take {choice.recommended.alpha:g}" in " ".join(out.split())
    for finding in cp.load_sweep("result").findings:
        assert f"{finding.level}: {finding.title}" in " ".join(out.split())
    assert "result/report.html" in out
    assert "\x1b" not in out
    # A pipe has no width: no column is left out for want of it.
    assert "Brier score" in out
    assert "nonzero" in out
    assert max(map(len, out.splitlines())) <= 140


def test_json_is_one_object(run, table):
    ended = run("sweep", table, *QUICK, "--json")
    assert (ended.status, ended.err) == (0, "")
    found, saved = one_object(ended.out), cp.load_sweep("result")
    assert found["alphas"] == saved.alphas.tolist()
    columns = saved.scores.columns
    rows = [{name: row[name] for name in columns} for row in found["scores"]]
    assert rows == saved.scores.to_dicts()
    assert [finding["title"] for finding in found["findings"]] == [f.title for f in saved.findings]
    assert found["choice"]["recommended"]["alpha"] == saved.choice.recommended.alpha


def test_json_of_several_sweeps_chooses_among_them(run, table):
    several = ("--loss", "log,squared", "--penalty", "l1,l2")
    found = one_object(run("sweep", table, *QUICK, *several, "--json").out)
    pairs = [(c["loss"], c["penalty"]) for c in found["choices"]]
    assert pairs == [("log", "l1"), ("log", "l2"), ("squared", "l1"), ("squared", "l2")]
    assert {(row["loss"], row["penalty"]) for row in found["scores"]} == set(pairs)
    least = min(c["best"]["log_loss"] for c in found["choices"])
    assert found["choice"]["best"]["log_loss"] == least
    assert any("loss" not in finding for finding in found["findings"])  # those on all of them


@pytest.mark.slow
def test_several_sweeps_have_a_folder_each(run, table, tmp_path):
    run("sweep", table, *QUICK)  # a single one was here before
    ended = run("sweep", table, *QUICK, "--loss", "log,squared", "--penalty", "l2")
    assert ended.status == 0
    assert "Side by side" in ended.out
    for loss in ("log", "squared"):
        assert cp.load_sweep(tmp_path / "result" / f"{loss}-l2").fit.loss == loss
    with pytest.raises(cp.InputError, match=r"several sweeps.*log-l2.*squared-l2"):
        cp.load_sweep(tmp_path / "result")
    assert (tmp_path / "result" / "side_by_side.png").exists()
    assert not (tmp_path / "result" / "weights.npz").exists()


def test_an_interrupted_run_leaves_the_folder_as_it_was(run, table, tmp_path, monkeypatch):
    run("sweep", table, *QUICK)
    before = contents(tmp_path / "result")

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("counterpoint.sweeping.fit_linear", interrupt)
    ended = run("sweep", table, *QUICK, "--seed", "5")
    assert (ended.status, ended.out, ended.err) == (130, "", "counterpoint: interrupted.\n")
    assert contents(tmp_path / "result") == before
    assert cp.load_sweep(tmp_path / "result").fit.seed == 0


# In a process of its own, whose signals and streams are real.
INTERRUPTED = """
import os, signal, time
import counterpoint.sweeping
from counterpoint.cli import main

def fit(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)

counterpoint.sweeping.fit_linear = fit
main()
"""


def process(*command, cwd, **environment):
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=120, check=False)


def test_ctrl_c(table, tmp_path):
    ended = process(sys.executable, "-c", INTERRUPTED, "sweep", table, *QUICK, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (130, b"")
    assert ended.stderr == b"counterpoint: interrupted." + os.linesep.encode()
    assert list(tmp_path.iterdir()) == [table]


COMMAND = (sys.executable, "-c", "from counterpoint.cli import main; main()")


def test_a_pipe_gets_one_object_and_no_progress_bar(table, tmp_path):
    ended = process(*COMMAND, "sweep", table, *QUICK, "--json", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert one_object(ended.stdout.decode())["alphas"] == [0.01, 0.1, 1.0]


def test_a_pipe_that_knows_ascii_alone(table, tmp_path):
    ended = process(*COMMAND, "sweep", table, *QUICK, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"? take" in b" ".join(ended.stdout.split())


def test_a_refusal_in_a_process_of_its_own(table, tmp_path):
    ended = process(*COMMAND, "sweep", table, "--target", "z", "--json", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.startswith(b"counterpoint: ")
    assert ended.stderr.count(b"\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_progress_bar_on_standard_error(table, tmp_path):
    import pty

    reader, writer = pty.openpty()
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "TERM": "xterm"}
    child = subprocess.Popen(
        [*COMMAND, "sweep", table, *QUICK, "--json"],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=writer,
    )
    os.close(writer)
    out, _ = child.communicate(timeout=120)
    shown = b""
    try:
        while piece := os.read(reader, 4096):
            shown += piece
    except OSError:  # how a pseudo-terminal says that its other end is closed
        pass
    os.close(reader)
    assert child.returncode == 0
    assert b"Fitting" in shown
    one_object(out.decode())


def test_the_version_and_the_help(run):
    assert run("--version").out == f"{cp.__version__}\n"
    text = run("sweep", "--help").out
    for option in ("--alphas", "--json", "--out", "--no-header", "--l1-ratio"):
        assert option in text
    assert "sweep" in run("--help").out
    assert "sweep" in run().err + run().out


def test_the_module_is_the_command():
    shown = subprocess.run(
        [sys.executable, "-m", "counterpoint", "--version"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert shown.stdout == f"{cp.__version__}\n"


def test_help_does_not_wait_for_the_library():
    heavy = (
        "import sys; from counterpoint import cli; print(sorted({'numpy', 'polars', 'scipy', "
        "'sklearn', 'altair'} & set(sys.modules)))"
    )
    ended = process(sys.executable, "-c", heavy, cwd=".")
    assert ended.stdout.strip() == b"[]"


def test_a_full_disk_leaves_the_earlier_result_and_the_findings(run, table, tmp_path, monkeypatch):
    assert run("sweep", table, *QUICK).status == 0
    before = contents(tmp_path / "result")

    def full(*_, **__):
        raise cp.InputError("report.html can't be written (No space left on device).")

    monkeypatch.setattr("counterpoint.report.folder.render_page", full)
    ended = run("sweep", table, *QUICK, "--seed", "1")
    assert ended.status == 2
    assert "No space left" in ended.err
    assert "Take alpha" in ended.out
    assert contents(tmp_path / "result") == before
