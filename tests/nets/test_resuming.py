"""A training that is killed or interrupted: nothing that is on disk is lost or differs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

import counterpoint as cp
from counterpoint import nets
from counterpoint.errors import InputError
from counterpoint.fit import checkpoint
from counterpoint.fit.nets import train

SCRIPT = """
import sys, numpy as np, torch
from counterpoint import nets
from counterpoint.fit import checkpoint
checkpoint.INTERVAL = 0.0
rng = np.random.default_rng(0)
X = rng.normal(size=(90, 5)); y = rng.integers(0, 3, 90)
make = lambda: torch.nn.Sequential(torch.nn.Linear(5, 6), torch.nn.ReLU(), torch.nn.Dropout(0.3),
                                   torch.nn.Linear(6, 3))
common = dict(alphas=[1e-3, 1e-1], seeds=2, batch=16, epochs=60, checkpoint=sys.argv[2],
              record=sys.argv[2] + "/record", patience=25)
if sys.argv[1] == "module":
    done = nets.fit_module(make, X, y, optimizer="adam", **common)
else:
    done = nets.fit(X, y, hidden=6, optimizer=sys.argv[1], rate=0.05, **common)
"""


def run(kind: str, folder: Path, kill_after: float | None = None) -> bool:
    """Train in a process of its own; kill -9 after so long from its first checkpoint."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, kind, str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    if kill_after is not None:
        while not (folder / "population.safetensors").exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    return process.wait(timeout=300) == 0


def content(folder: Path) -> dict[str, torch.Tensor]:
    with safe_open(folder / "population.safetensors", framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam", "module"])
def test_kill_9_and_going_on_ends_bit_for_bit_as_without(kind: str, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert run(kind, whole)
    interruptions = 0
    for after in (0.0, 0.03, 0.1):
        interruptions += not run(kind, killed, after)
    assert interruptions
    assert run(kind, killed)
    one, other = content(whole), content(killed)
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value.numpy(), other[name].numpy(), err_msg=name)
    for member in sorted(path.name for path in (whole / "record").iterdir()):
        [a], [b] = (cp.runs.read(home / "record" / member) for home in (whole, killed))
        assert a.rows.drop("run").equals(b.rows.drop("run"))


def small(**changes: Any) -> nets.Population:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 4)), rng.integers(0, 2, 60)
    settings: dict[str, Any] = {"hidden": 3, "alphas": [1e-3, 1e-2], "batch": 10, "epochs": 6}
    return nets.fit(x, y, **{**settings, **changes})


@pytest.fixture
def interrupted_in_epoch_4(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ctrl-C in the midst of the fourth epoch."""
    order = train.row_order

    def row_order(seed: int, epoch: int, rows: int) -> Any:
        if epoch == 3:
            raise KeyboardInterrupt
        return order(seed, epoch, rows)

    monkeypatch.setattr(train, "row_order", row_order)
    yield
    monkeypatch.undo()


@pytest.mark.usefixtures("interrupted_in_epoch_4")
def test_ctrl_c_leaves_the_epochs_that_are_done() -> None:
    population = small()
    assert population.fit.interrupted
    assert population.fit.epochs == 3
    assert population.history["epoch"].max() == 3


def test_what_ctrl_c_leaves_is_what_fewer_epochs_give(
    interrupted_in_epoch_4: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = small()
    monkeypatch.undo()
    whole = small(epochs=3)
    for name, value in whole.state_dict(1e-3, when="last").items():
        assert torch.equal(cut.state_dict(1e-3, when="last")[name], value)


@pytest.mark.parametrize("where", ["judge", "_let_go"])
def test_ctrl_c_after_an_epoch_waits_until_it_is_kept(
    where: str, monkeypatch: pytest.MonkeyPatch, ctrl_c: None
) -> None:
    """An epoch is in the history, in the best and in the last weights, or in none of them."""
    original, calls = getattr(train, where), []

    def interrupted(*arguments: Any) -> Any:
        calls.append(None)
        if len(calls) == (8 if where == "judge" else 4):  # twice before the first step
            signal.raise_signal(signal.SIGINT)
        return original(*arguments)

    monkeypatch.setattr(train, where, interrupted)
    cut = small()
    monkeypatch.undo()
    assert cut.fit.interrupted
    epochs = cut.fit.epochs
    assert epochs == (3 if where == "judge" else 4)
    whole = small(epochs=epochs)
    assert cut.history.equals(whole.history, null_equal=True)
    for when in ("best", "last"):
        for name, value in whole.state_dict(1e-3, when=when).items():
            assert torch.equal(cut.state_dict(1e-3, when=when)[name], value)


def test_a_checkpoint_that_is_done_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = small(checkpoint=tmp_path)
    monkeypatch.setattr(train, "run_epoch", None)  # would fail if it were called
    second = small(checkpoint=tmp_path)
    assert first.history.equals(second.history, null_equal=True)
    for name, value in first.state_dict().items():
        assert torch.equal(second.state_dict()[name], value)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_going_on_after_members_have_left(
    optimizer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice: dict[str, Any] = {"alphas": [1e-3, 1e-2, 1e4], "epochs": 30, "optimizer": optimizer}
    choice |= {"patience": 4, "rate": 0.05}
    whole = small(**choice)
    last = whole.fit.last_epoch
    assert last.min() < last.max()
    order = train.row_order

    def stops(seed: int, epoch: int, rows: int) -> Any:
        if epoch == last.min():  # the one after it
            raise KeyboardInterrupt
        return order(seed, epoch, rows)

    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    monkeypatch.setattr(train, "row_order", stops)
    assert small(**choice, checkpoint=tmp_path).fit.interrupted
    monkeypatch.setattr(train, "row_order", order)
    again = small(**choice, checkpoint=tmp_path)
    assert again.history.equals(whole.history, null_equal=True)
    for when in ("best", "last"):
        for member in whole.alphas[:2]:
            for name, value in whole.state_dict(member, when=when).items():
                assert torch.equal(again.state_dict(member, when=when)[name], value)


@pytest.mark.parametrize(
    "changed",
    [{"batch": 11}, {"alphas": [1e-3]}, {"seed": 1}, {"hidden": 4}, {"scale": "standard"}],
)
def test_a_checkpoint_of_another_training_is_refused(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    small(checkpoint=tmp_path)
    with pytest.raises(InputError, match="checkpoint of other data or settings"):
        small(checkpoint=tmp_path, **changed)


def test_a_checkpoint_of_other_rows_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    held = rng.normal(size=(9, 4)), np.arange(9) % 2
    small(checkpoint=tmp_path, validation=held)
    for other in ((held[0] + 1e-3, held[1]), (held[0], 1 - held[1])):
        with pytest.raises(InputError, match="checkpoint of other data"):
            small(checkpoint=tmp_path, validation=other)
    small(checkpoint=tmp_path, validation=held)


@pytest.mark.parametrize("damage", [b"", b"\x00" * 100, b"\x02\x00\x00\x00\x00\x00\x00\x00{}"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "population.safetensors").write_bytes(damage)
    with pytest.raises(InputError, match="delete it to start anew"):
        small(checkpoint=tmp_path)


def test_a_checkpoint_is_written_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = checkpoint.Checkpoint.write

    def count(self: checkpoint.Checkpoint, state: train.State) -> None:
        written.append(state.epoch)
        write(self, state)

    monkeypatch.setattr(checkpoint.Checkpoint, "write", count)
    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    small(checkpoint=tmp_path)
    assert written == [1, 2, 3, 4, 5, 6, 6]


def test_each_member_is_recorded(tmp_path: Path) -> None:
    population = small(record=tmp_path, seeds=2)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"alpha-{a}-seed-{s}" for a in ("0.001", "0.01") for s in (0, 1)]
    [history] = cp.runs.read(tmp_path / "alpha-0.01-seed-1")
    assert history.facts["alpha"] == 0.01
    own = population.curve("accuracy")[:, 1, 1]
    assert history.series("validation", "accuracy")["value"].to_list() == own.tolist()
    penalty = population.curve("penalty", "train")[:, 1, 1]
    assert history.series("train", "penalty")["value"].to_list() == penalty.tolist()
    assert history.series("train", "objective")["step"].to_list() == [0, 5, 10, 15, 20, 25, 30]


def test_the_record_of_a_member_ends_where_it_stops(tmp_path: Path) -> None:
    population = small(record=tmp_path, alphas=[1e-3, 1e4], rate=0.1)
    first, second = population.fit.last_epoch
    assert second < first == 6
    for alpha, last in (("0.001", first), ("10000", second)):
        [history] = cp.runs.read(tmp_path / f"alpha-{alpha}-seed-0")
        assert history.series("train", "data_loss")["step"].to_list()[-1] == 5 * last
