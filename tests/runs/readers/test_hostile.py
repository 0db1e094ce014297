"""Broken and hostile files: read, or refused in one clear line."""

from __future__ import annotations

import json
import math

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.errors import InputError
from counterpoint.runs.protobuf import DamagedMessage, fields
from made_logs import FORMATS, files, tensorboard, wandb


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    paths = files(tmp_path_factory.mktemp("made"))
    return {name: path.read_bytes() for name, path in paths.items()}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("place") / "log"


def read_or_refuse(path, data):
    """Histories, or None where the file is refused in one line."""
    path.write_bytes(data)
    histories, refused = [], ""
    try:
        histories = cp.runs.read(path)
    except InputError as error:
        refused = str(error)
    assert bool(histories) != bool(refused)
    assert "\n" not in refused
    assert len(refused) < 1_000
    for history in histories:
        assert history.rows.height
        assert history.rows["value"].null_count() == 0
        assert history.rows["quantity"].str.len_chars().min() > 0
    return histories or None


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@settings(max_examples=25)
def test_flipped_bytes(made, place, name, data):
    whole = bytearray(made[name])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(place, bytes(whole))


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
@settings(max_examples=15)
def test_cut_and_joined(made, place, name, data):
    whole = made[name]
    cut = data.draw(st.integers(0, len(whole)))
    other = made[data.draw(st.sampled_from(FORMATS))]
    read_or_refuse(place, whole[:cut] + other[data.draw(st.integers(0, len(other))) :])


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_cut_is_never_passed_off_as_whole(made, place, name):
    """Every tenth cut gives fewer numbers and says so, or is refused; none gives other numbers."""
    whole = made[name]
    full = read_or_refuse(place, whole)
    expected = [row for history in full for row in history.rows.drop("run").rows()]
    for cut in range(0, len(whole), max(len(whole) // 60, 1)):
        histories = read_or_refuse(place, whole[:cut])
        for history in histories or ():
            for row in history.rows.drop("run").rows():
                text = name in ("keras.csv", "log.tsv", "printed.log")
                # The last number of a text may be cut within its digits: nothing tells.
                assert row in expected or (text and str(expected).count(str(row[-1])[:3]))


@given(st.binary(max_size=400))
@example(b"\x00" * 100)
@example(b"SQLite format 3\x00" + bytes(500))
@example(b"PAR1" + bytes(50) + b"PAR1")
@example(b":W&B\xe1\xbe\x00" + b"\xff" * 40_000)
@example(b"\xff\xfe\x00")
def test_any_bytes(place, data):
    read_or_refuse(place, data)


WORDS = [
    *("epoch", "Epoch 3/9", "loss", "acc", "val_loss", ":", "=", "0.5", "nan", "-inf", "%", "/"),
    *("1e999", "9" * 400, "10000", "\r", "\n", "\t", "|", "[", "]", "{", "}", ",", "'", "step"),
    *("1/5 [==>..] - ETA: 3s -", "100%|███| 3/3 [", "\x1b[1m", "\x08", "\u2212"),
]


@given(st.lists(st.sampled_from(WORDS), max_size=60))
@settings(max_examples=120)
def test_any_words_of_logs(place, words):
    read_or_refuse(place, " ".join(words).encode())


KEYS = [
    *("loss", "val_loss", "epoch", "step", "log_history", "cells", "cell_type", "outputs", "text"),
    *("data", "iterations", "learn", "meta", "_step", "_runtime", "train", "0", "1"),
]
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(JSONS)
@settings(max_examples=120)
def test_any_json(place, value):
    read_or_refuse(place, json.dumps(value).encode())


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["epoch", "step", "train_loss", "val_acc", "seed", "split", "value"]),
            st.none()
            | st.booleans()
            | st.floats()
            | st.integers(-(2**70), 2**70)
            | st.text(max_size=4)
            | st.lists(st.floats(), max_size=2),
            min_size=1,
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=80)
def test_any_rows_of_json_lines(place, rows):
    read_or_refuse(place, "\n".join(map(json.dumps, rows)).encode())


@given(st.binary(max_size=60))
def test_any_message(data):
    try:
        found = list(fields(data))
    except DamagedMessage:
        return
    assert sum(len(value) if isinstance(value, bytes) else 1 for _, _, value in found) <= len(data)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"log_history": [' * 50_000, "too deep"),
        ('{"log_history": [{"loss": 0.5, "step": 1}, {"lo', "cut off or damaged"),
        ('{"loss": [' + "1" * 10_000 + "]}", "cut off or damaged"),
        ('{"cells": [], "x": "cell_type"}', ""),
        ("epoch,loss\n" + '"' + "x," * 100_000, ""),
    ],
)
def test_bad_files_and_what_is_said(place, text, part):
    place.write_text(text)
    with pytest.raises(InputError, match=part or "log") as refused:
        cp.runs.read(place)
    assert "\n" not in str(refused.value)


def test_huge_numbers_and_steps(place):
    rows = [f'{{"step": {10**i}, "loss": 1e{i}}}' for i in range(0, 400, 20)]
    histories = read_or_refuse(place, "\n".join(rows).encode())
    assert histories[0].rows["value"].to_list()[:2] == [1.0, 1e20]
    assert math.inf in histories[0].rows["value"].to_list()


@pytest.mark.slow
def test_names_are_shown_as_they_are_and_bounded(place):
    many = ",".join(f"m{i}" for i in range(6_000))
    place.write_text(f"loss,{many}\n0,{','.join(['1'] * 6_000)}\n")
    [history] = cp.runs.read(place)
    assert history.rows.height == 5_000
    assert any("different names" in note for note in history.notes)
    read_or_refuse(place, b"epoch,\x1b[31mval_loss\x1b[0m,<b>acc</b>\n0,0.5,0.7\n")


def test_more_runs_than_a_log_has(place):
    place.write_text("epoch,loss\n" + "1,0.5\n0,0.5\n" * 12_000)
    with pytest.raises(InputError, match="more than 10,000 runs"):
        cp.runs.read(place)


def test_a_line_without_an_end_takes_no_memory(place):
    with place.open("wb") as file:
        file.write(b"Epoch 1/2\n3s - loss: 0.5\n")
        file.writelines(b"x" * 1_000_000 for _ in range(5))
        file.write(b"\nEpoch 2/2\n3s - loss: 0.25\n")
    [history] = cp.runs.read(place)
    assert history.series("train", "loss")["value"].to_list() == [0.5, 0.25]


def test_a_parquet_of_nothing(place):
    pl.DataFrame({"loss": pl.Series([], dtype=pl.Float64)}).write_parquet(place)
    with pytest.raises(InputError, match="no number"):
        cp.runs.read(place)


def test_a_link_that_leads_back(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "a" / "log.csv").write_text("epoch,loss\n0,0.5\n")
    assert len(cp.runs.read(tmp_path)) == 1


def test_zeros_and_checksums_of_binary_formats(place):
    for data in (tensorboard()[:12] + bytes(100), wandb()[:7] + bytes(70_000)):
        assert read_or_refuse(place, data) is None


@pytest.mark.parametrize(
    "header",
    [
        {"facts": 2},
        {"facts": {"classes": [1]}},
        {"resumes": "log", "after_step": 1},
        {"resumes": "none", "after_step": "1"},
        {"after_step": {}},
    ],
)
def test_hostile_first_lines_of_a_record(place, header):
    """The first was found by fuzzing."""
    lines = [{"counterpoint_record": 1, **header}, {"step": [], "split": {}, "train_loss": 0.5}]
    read_or_refuse(place, "".join(json.dumps(line) + "\n" for line in lines).encode())
