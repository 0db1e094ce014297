"""A record: whole up to the last flush, whatever happens to those who write it."""

from __future__ import annotations

import errno
import json
import math
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.errors import InputError


def values(history, split="train", quantity="loss"):
    return history.series(split, quantity)["value"].to_list()


def test_what_is_logged_is_read(tmp_path):
    with cp.record(tmp_path / "a", classes=10, alpha=np.float64(0.1), dataset="digits") as run:
        run.log(step=1, epoch=0.5, split="train", data_loss=2.25, penalty=np.float32(0.5))
        run.log(step=1, split="val", accuracy=0.25, auc=0.5)
        run.log(step=2, val_loss=math.inf, train_acc=math.nan, lr=0.1)
    [history] = cp.runs.read(tmp_path / "a")
    assert history.facts == {"classes": 10, "alpha": 0.1, "dataset": "digits"}
    assert history.rows.rows() == [
        ("a", 1, 0.5, "train", "data_loss", 2.25),
        ("a", 1, 0.5, "train", "penalty", 0.5),
        ("a", 1, None, "validation", "accuracy", 0.25),
        ("a", 1, None, "validation", "auc", 0.5),
        ("a", 2, None, "validation", "loss", math.inf),
        ("a", 2, None, "train", "accuracy", pytest.approx(math.nan, nan_ok=True)),
        ("a", 2, None, "", "learning_rate", 0.1),
    ]


def test_facts_are_known_by_the_names_of_other_programs_too(tmp_path):
    facts = {"classes": 3, "num_classes": 10, "optimizer": "sgd", "shape": np.ones(2)}
    with cp.record(tmp_path, **facts) as run:
        run.log(step=np.int64(1), split="train", loss=np.ones((1, 1)))
    [history] = cp.runs.read(tmp_path)
    assert history.facts == {"classes": 3, "optimiser": "sgd", "shape": "[1. 1.]"}
    assert values(history) == [1.0]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**50),
            st.floats(0, 1e6),
            st.sampled_from(["train", "validation", "test"]),
            st.sampled_from(["data_loss", "penalty", "objective", "weight_norm"]),
            st.floats(),
        ),
        min_size=1,
    )
)
def test_any_number_comes_back(tmp_path_factory, points):
    folder = tmp_path_factory.mktemp("record")
    points.sort(key=lambda point: (point[1], point[0]))
    with cp.record(folder) as run:
        for step, epoch, split, quantity, value in points:
            run.log(step=step, epoch=epoch, split=split, **{quantity: value})
    [history] = cp.runs.read(folder)
    assert str(history.rows.drop("run").rows()) == str(points)


WRITER = """
import sys, counterpoint as cp
run = cp.record(sys.argv[1], flush_seconds=0.0)
for step in range(10**9):
    run.log(step=step, split="train", loss=float(step))
    print(step, flush=True)
"""


def test_after_kill_9_every_flushed_row_is_there(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    for line in process.stdout:
        if int(line) >= 300:
            process.send_signal(signal.SIGKILL)
            break
    said = [int(line), *(int(rest) for rest in process.stdout if rest.strip())][-1]
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    [history] = cp.runs.read(tmp_path)
    assert values(history)[: said + 1] == [float(step) for step in range(said + 1)]
    assert len(values(history)) <= said + 2


def test_what_waits_is_flushed_in_time_and_at_the_end(tmp_path):
    run = cp.record(tmp_path, flush_seconds=3600)
    run.log(step=1, split="train", loss=1.0)
    with pytest.raises(InputError, match="holds no numbers yet"):
        cp.runs.read(tmp_path)
    run.flush()
    assert values(cp.runs.read(tmp_path)[0]) == [1.0]
    for step in range(2, 5000):  # beyond what may wait
        run.log(step=step, split="train", loss=float(step))
    assert len(values(cp.runs.read(tmp_path)[0])) > 1000
    run.close()
    run.close()
    assert len(values(cp.runs.read(tmp_path)[0])) == 4999
    with pytest.raises(InputError, match="closed"):
        run.log(step=5, loss=1.0)


def test_a_run_without_with_is_flushed_when_the_program_ends(tmp_path):
    code = "import sys, counterpoint as cp; cp.record(sys.argv[1]).log(step=1, train_loss=0.5)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert values(cp.runs.read(tmp_path)[0]) == [0.5]


def test_every_cut_of_a_file_gives_its_whole_lines(tmp_path):
    with cp.record(tmp_path) as run:
        for step in range(4):
            run.log(step=step, split="train", loss=step + 0.5)
    whole = run.path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        run.path.write_bytes(whole[:cut])
        lines = whole[first:cut].count(b"\n")
        torn = whole[:cut][-1:] not in (b"\n", b"}")
        rows = lines + (whole[:cut][-1:] == b"}")
        if not rows:
            with pytest.raises(InputError):
                cp.runs.read(tmp_path)
            continue
        [history] = cp.runs.read(tmp_path)
        assert values(history) == [step + 0.5 for step in range(rows)]
        assert any("torn" in note for note in history.notes) == torn


def test_a_resumed_run_counts_up_to_its_checkpoint(tmp_path):
    with cp.record(tmp_path, classes=10) as run:
        for step in range(10):
            run.log(step=step, split="train", loss=1.0)
            run.log(split="validation", loss=step + 0.5)  # of the step before it
    with run.path.open("ab") as file:
        file.write(b'{"step":10,"split":"tr')
    before = run.path.read_bytes()
    with cp.record(tmp_path, resume_after_step=4) as run:
        for step in range(5, 8):
            run.log(step=step, split="train", loss=2.0)
    with cp.record(tmp_path, resume_after_step=6, alpha=0.5) as run:
        run.log(step=7, split="train", loss=3.0)
    assert sorted(tmp_path.iterdir())[0].read_bytes() == before
    [history] = cp.runs.read(tmp_path)
    series = history.series("train", "loss")
    assert series["step"].to_list() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert series["value"].to_list() == [1.0] * 5 + [2.0] * 2 + [3.0]
    assert values(history, "validation") == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert history.facts == {"classes": 10, "alpha": 0.5}
    with cp.record(tmp_path, resume_after_step=2) as run:  # cut back further than a resumption
        run.log(step=3, split="train", loss=4.0)
    assert values(cp.runs.read(tmp_path)[0]) == [1.0] * 3 + [4.0]


def test_a_second_run_in_the_same_folder_is_apart(tmp_path):
    for loss in (1.0, 2.0):
        with cp.record(tmp_path / "a") as run:
            run.log(step=1, split="train", loss=loss)
    assert [values(each) for each in cp.runs.read(tmp_path / "a")] == [[1.0], [2.0]]
    assert [values(each) for each in cp.runs.read(run.path)] == [[2.0]]


MANY = """
import sys, counterpoint as cp
number = int(sys.argv[2])
with cp.record(sys.argv[1], flush_seconds=0.0, seed=number) as run:
    for step in range(200):
        run.log(step=step, split="train", loss=float(number))
"""


def test_writers_do_not_corrupt_each_other(tmp_path):
    workers = [
        subprocess.Popen([sys.executable, "-c", MANY, str(tmp_path), str(n)]) for n in range(3)
    ]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    histories = cp.runs.read(tmp_path)
    assert sorted(history.facts["seed"] for history in histories) == [0, 1, 2]
    assert all(values(each) == [float(each.facts["seed"])] * 200 for each in histories)
    assert not any("torn" in note for each in histories for note in each.notes)


def test_threads_share_a_recorder(tmp_path):
    with cp.record(tmp_path, flush_seconds=0.0) as run:
        threads = [
            threading.Thread(
                target=lambda: [run.log(step=step, train_loss=1.0) for step in range(200)]
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = run.path.read_text().splitlines()[1:]
    assert len([json.loads(line) for line in lines]) == 800


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_writes_a_file_of_its_own(tmp_path):
    run = cp.record(tmp_path, flush_seconds=3600)
    run.log(step=0, split="train", loss=1.0)  # waits; the child must not write it too
    for logs in (True, False):
        child = os.fork()
        if child == 0:
            if logs:
                run.log(step=0, split="train", loss=2.0)
            run.close()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    run.close()
    assert sorted(values(each) for each in cp.runs.read(tmp_path)) == [[1.0], [2.0]]


def test_a_full_disk_loses_nothing_and_ends_no_training(tmp_path, monkeypatch):
    run = cp.record(tmp_path, flush_seconds=0.0)
    write, room = os.write, [5]

    def full(file, data=b""):
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, bytes(data[: room.pop()]))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.warns(RuntimeWarning, match="No space left"):
            run.log(step=0, split="train", loss=1.0)
        with pytest.warns(RuntimeWarning, match="No space left"):
            assert not run.flush()
        with pytest.raises(InputError, match="No space left"):
            cp.record(tmp_path / "other")
        with pytest.warns(RuntimeWarning, match="No space left"):
            run.close()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.warns(RuntimeWarning, match="No space left"):
            run.close()
    run.log(step=1, split="train", loss=2.0)  # there is room again
    run.close()
    assert values(cp.runs.read(tmp_path)[0]) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"loss": "low"}, "loss is 'low'"),
        ({"loss": [1.0, 2.0]}, "log a number"),
        ({"loss": None}, "log a number"),
        ({"loss": 1.0, "split": "trian"}, "split is 'trian'"),
        ({"loss": np.ones(2)}, "log a number"),
        ({"loss": 10**400}, "log a number"),
        ({"loss": 1.0, "split": ["train"]}, "split is"),
        ({"loss": 1.0, "step": 2.5}, "step is 2.5: pass a whole number"),
        ({"loss": 1.0, "step": math.nan}, "step is nan"),
        ({"loss": 1.0, "step": "3"}, "step is '3'"),
    ],
)
def test_what_is_no_number_is_refused_and_breaks_nothing(tmp_path, given, part):
    with cp.record(tmp_path) as run:
        run.log(step=1, split="train", loss=1.0)
        with pytest.raises(InputError, match=part):
            run.log(**{"step": 2, **given})
    assert values(cp.runs.read(tmp_path)[0]) == [1.0]


@pytest.mark.parametrize(
    "facts",
    [
        {"classes": 1},
        {"num_classes": "ten"},
        {"alpha": -1.0},
        {"settings": "x" * 100_000},  # a reader looks for them in a file's beginning
        {"count": 10**400},
        {"resume_after_step": 3},
    ],
)
def test_facts_that_can_not_be(tmp_path, facts):
    with pytest.raises(InputError):
        cp.record(tmp_path / "a", **facts)


def test_where_no_folder_can_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="name another folder"):
        cp.record(tmp_path / "file")
    with pytest.raises(InputError):
        cp.record("a\0b")
    with pytest.raises(InputError, match="resume_after_step is 'last'"):
        cp.record(tmp_path, resume_after_step="last")
    with pytest.raises(InputError, match="flush_seconds"):
        cp.record(tmp_path, flush_seconds=-1)


def test_losses_of_several_outputs_stay_apart(tmp_path):
    """As Keras names those of a model with outputs `a` and `b`."""
    with cp.record(tmp_path) as run:
        for step in range(3):
            run.log(step=step, split="train", loss=3.0, a_loss=1.0, b_loss=2.0)
    [history] = cp.runs.read(tmp_path)
    for name, value in (("loss", 3.0), ("a_loss", 1.0), ("b_loss", 2.0)):
        assert history.series("train", name)["value"].to_list() == [value] * 3
