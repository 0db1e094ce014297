"""`counterpoint read`: a loss and an accuracy, read by a person and by a program."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

LINE = "loss: 0.4011 - acc: 0.8224 - val_loss: 0.4577 - val_acc: 0.7826"


def test_a_pasted_line(run):
    ended = run("read", LINE, "--classes", "2", "--samples", "1000", "--prior", "0.6,0.4")
    assert (ended.status, ended.err) == (0, "")
    assert "0.301 to 0.524" in ended.out
    assert "log loss 0.4577 at accuracy 0.7826 is unremarkable" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 96
    assert "\x1b" not in ended.out
    assert ended.out.isascii() or "±" in ended.out


def test_a_line_without_quotes(run):
    quoted = run("read", LINE, "--classes", "2")
    assert run("read", *LINE.split(), "--classes", "2") == quoted


def test_two_numbers(run):
    ended = run("read", "--loss-value", "0.4577", "--accuracy", "78.26%", "--classes", "2")
    assert ended.status == 0
    assert "0.301 to 0.524" in ended.out


def test_a_cost_that_can_not_be(run):
    line = "Epoch 8: cost 174.71, accuracy 7341/10000, quadratic, 10 classes"
    out = " ".join(run("read", line).out.split())
    assert "is impossible" in out
    assert "at least 169.71 of the 174.71 is something else" in out
    assert "with a penalty" in out


@pytest.mark.parametrize("loss", ["log", "brier", "squared", "bce", "quadratic"])
def test_each_loss(run, loss):
    ended = run("read", LINE, "--classes", "10", "--loss", loss, "--json")
    assert [split["loss_name"] for split in json.loads(ended.out)["splits"]] == [loss] * 2


def test_json_is_one_object(run):
    ended = run("read", LINE, "--classes", "2", "--json")
    found = json.loads(ended.out)
    assert ended.out.count("\n") == 1
    assert set(found) == {"read", "splits", "findings"}
    assert [f["name"] for f in found["findings"]] == ["unremarkable", "unremarkable", "gap"]


def test_a_line_from_a_pipe(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(LINE + "\n"))
    assert "0.4577" in run("read", "-", "--classes", "2").out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [LINE],
        ["loss: 0,45 acc: 0,7", "--classes", "2"],
        [LINE, "--classes", "2", "--prior", "a,b"],
        ["\x1b[31mnothing\x1b[0m\n", "--classes", "2"],
    ],
)
def test_a_refusal_is_one_line(run, arguments):
    ended = run("read", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("counterpoint: ")
    assert ended.err.count("\n") == 1
    assert "\x1b" not in ended.err


def test_it_does_not_wait_for_what_it_does_not_need():
    code = (
        "import sys; from counterpoint.reading import read; "
        "str(read(loss=0.4577, accuracy=0.7826, classes=2, samples=1000).to_dict()); "
        "str(read(loss=0.4577, accuracy=0.7826, classes=2)); "
        "print(sorted({'scipy', 'sklearn', 'polars', 'altair', 'numba', 'rich', 'vl_convert'}"
        " & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, timeout=60
    )
    assert ended.stdout.strip() == b"[]"
