"""A log that grows: at every look the same as reading it from its start."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.errors import InputError
from counterpoint.runs import following as module
from counterpoint.runs.following import Following
from made_logs import files

KERAS = "".join(
    f"Epoch {e}/9\n40/40 - 1s - loss: {2 / e:.4f} - acc: {1 - 1 / e:.4f} - val_loss: 0.9\n"
    for e in range(1, 10)
)


def plain(histories):
    return [(h.name, h.format, dict(h.facts), h.notes, h.rows.rows()) for h in histories]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Between two readings of one file; they are there to save the machine's time."""
    monkeypatch.setattr(module, "_BUSY", 1e9)


def look(following):
    """However slow the machine is, until all is read."""
    following.look()
    while following.unread is not None:
        following.look()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    texts = {n: p.read_bytes() for n, p in files(tmp_path_factory.mktemp("made")).items()}
    return {**texts, "keras.log": KERAS.encode()}


@pytest.mark.parametrize(
    "name", ["keras.csv", "log.tsv", "rows.jsonl", "printed.log", "keras.log", "run-1.jsonl"]
)
@given(data=st.data())
@settings(max_examples=8)
def test_however_it_grows_it_ends_as_if_read_at_once(tmp_path_factory, made, name, data):
    """Cut anywhere, lines and characters in two; what is half written is never a number."""
    whole = made[name]
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=4))
    path = tmp_path_factory.mktemp("growing") / "log"
    path.touch()
    following = Following(path)
    begin = 0
    for cut in [*sorted(cuts), len(whole)]:
        with path.open("ab") as file:
            file.write(whole[begin:cut])
        begin = cut
        look(following)
        told = whole[: whole[:cut].rfind(b"\n") + 1]
        for history in following.histories:
            assert all(f"{value:g}".encode()[:5] in told for value in history.rows["value"])
    expected = cp.runs.read(path)
    found = following.histories
    following.close()
    assert [h.rows.rows() for h in found] == [h.rows.rows() for h in expected]
    assert [h.format for h in found] == [h.format for h in expected]


def test_what_was_read_is_not_read_again(tmp_path, monkeypatch):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n" + "".join(f"{e},0.5\n" for e in range(50_000)))
    read = []
    original = module._Tail.read
    monkeypatch.setattr(
        module._Tail, "read", lambda tail, n: read.append(d := original(tail, n)) or d
    )
    following = Following(path)
    look(following)
    assert sum(map(len, read)) == path.stat().st_size
    with path.open("a") as file:
        file.write("50000,0.25\n")
    look(following)
    assert not following.look()
    assert sum(map(len, read)) == path.stat().st_size
    assert following.histories[0].rows["value"][-1] == 0.25
    following.close()


def test_a_log_that_is_written_anew_begins_anew(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n0,0.5\n1,0.4\n")
    following = Following(path)
    look(following)
    for text in ("epoch,loss\n0,9.5\n", "epoch,val_loss\n0,7.5\n1,7.0\n2,6.5\n3,6.0\n"):
        path.write_text(text)
        look(following)
        expected = [row for history in cp.runs.read(path) for row in history.rows.rows()]
        assert [row for h in following.histories for row in h.rows.rows()] == expected
    following.close()


def test_a_format_that_is_recognised_late(tmp_path):
    """A header alone is no table yet."""
    path = tmp_path / "log"
    path.write_text("epoch,loss\n")
    following = Following(path)
    look(following)
    assert following.histories == []
    with path.open("a") as file:
        file.write("0,0.5\n1,0.25\n")
    look(following)
    [history] = following.histories
    assert history.format == "Keras CSVLogger"
    assert history.series("train", "loss")["value"].to_list() == [0.5, 0.25]
    following.close()


def test_records_in_a_folder_each_by_itself(tmp_path):
    first = cp.record(tmp_path / "a", flush_seconds=0)
    following = Following(tmp_path)
    first.log(step=1, split="train", loss=1.0)
    look(following)
    assert [h.name for h in following.histories] == ["a"]
    second = cp.record(tmp_path / "a", flush_seconds=0)
    for step in (1, 2):
        second.log(step=step, split="train", loss=2.0)
    first.log(step=2, split="train", loss=0.5)
    look(following)
    found = {h.name: h.rows["value"].to_list() for h in following.histories}
    assert found == {"a #1": [1.0, 0.5], "a #2": [2.0, 2.0]}
    third = cp.record(tmp_path / "a", resume_after_step=1, flush_seconds=0)
    third.log(step=2, split="train", loss=4.0)
    look(following)
    found = {h.name: h.rows["value"].to_list() for h in following.histories}
    assert found == {"a #1": [1.0, 0.5], "a #2": [2.0, 4.0]}
    for run in (first, second, third):
        run.close()
    following.close()


def test_formats_that_are_read_whole_and_files_that_come_and_go(tmp_path, made):
    following = Following(tmp_path)
    assert not following.look()
    (tmp_path / "trainer_state.json").write_bytes(made["trainer_state.json"])
    (tmp_path / "notes.bin").write_bytes(b"\0\1\2")
    look(following)
    assert [h.name for h in following.histories] == ["trainer_state.json"]
    (tmp_path / "trainer_state.json").write_bytes(made["four.json"])
    look(following)
    assert plain(following.histories) == plain(cp.runs.read(tmp_path))
    (tmp_path / "trainer_state.json").unlink()
    look(following)
    assert following.histories == []
    following.close()


def test_a_log_that_sleeps_takes_no_thread(tmp_path):
    for name in ("old.csv", "new.csv"):
        (tmp_path / name).write_text("epoch,loss\n0,0.5\n")
    long_ago = time.time() - 1e6
    os.utime(tmp_path / "old.csv", (long_ago, long_ago))
    following = Following(tmp_path)
    look(following)
    assert [h.name for h in following.histories] == ["old.csv", "new.csv"]
    threads = {unit.name: unit._reading is not None for unit in following._units.values()}
    assert threads == {"old.csv": False, "new.csv": True}
    following.close()


def test_nothing_of_that_name(tmp_path):
    with pytest.raises(InputError, match="does not exist: name a log"):
        Following(tmp_path / "none")
