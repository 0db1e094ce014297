"""What recording costs: a small network's training with a hook, against the same without one.

`python benchmarks/recording.py` trains a 784-128-10 network on made-up rows, on the CPU and one
thread, with every library that this Python has, and puts what it finds in results/recording.json.
`python benchmarks/recording.py keras` measures that one; another Python, which has a library that
this one lacks, needs the folder src in PYTHONPATH.

One training of one network is recorded and not recorded in turns of 200 updates, with one row in
each turn that is recorded. What else a machine does goes on for seconds, so that pairs of longer
stretches differ by percents where nothing differs. The overhead is the median of the pairs' ratios
in process time, with the interval of 95% that their order gives. What comes once a training is
not in it: beginning and closing the record, and its first rows, which are closer.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import torch

import counterpoint as cp
from counterpoint.hooks.settings import EVERY
from machine import machine

RESULTS = Path(__file__).parent / "results" / "recording.json"
INPUTS, HIDDEN, CLASSES, BATCH = 784, 128, 10, 64
#: Mini-batches that are used again and again.
BATCHES = 200
#: Updates of one turn: as many as from one row to the next.
TURN = EVERY
#: Pairs of turns at the default interval, in about four minutes; a tenth of them at the closest.
PAIRS = {"torch": 900, "keras": 240, "lightning": 400, "transformers": 240}
#: glibc gives a freed block back to the system where it lies at the end of its memory, and fetches
#: it anew a moment later. Whether it does depends on what else lies there: one copy of the weights
#: more or less made Keras 14% faster or slower. Told to keep what it has, it does neither.
KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_TOP_PAD_": str(2**26),
}


class Turns:
    """Whether this update is recorded, and the time at which each turn began.

    Half a turn recorded, one not, one recorded, ...: so a row at every update of a number that
    two turns divide lies in the middle of a recorded one.
    """

    def __init__(self, pairs: int) -> None:
        self.recorded, self.updates = True, 2 * TURN * pairs + TURN // 2
        self.began: list[float] = []
        self._count = 0

    def end_update(self) -> None:
        self._count += 1
        if self._count % TURN == TURN // 2:
            self.recorded = not self.recorded
            self.began.append(time.process_time())

    def pairs(self) -> list[tuple[float, float]]:
        """Seconds plain and seconds recorded."""
        taken = [end - begin for begin, end in pairwise(self.began)]
        return list(zip(taken[::2], taken[1::2], strict=True))

    def callback(self, base: type, hook: Any, names: str, of_an_update: str, last: str) -> Any:
        """A callback that hands calls on to another, those of an update in its turns alone."""

        def handing_on(name: str) -> Any:
            method, always = getattr(hook, name), name not in of_an_update.split()

            def call(_: Any, *args: Any, **named: Any) -> None:
                if always or self.recorded:
                    method(*args, **named)
                if name == last:
                    self.end_update()

            return call

        every = f"{names} {of_an_update}".split()
        return type("InTurns", (base,), {name: handing_on(name) for name in every})()


class Batches(torch.utils.data.Dataset):
    """The same mini-batches, as often as there are updates."""

    def __init__(self, updates: int) -> None:
        self.batches, self._updates = batches(), updates

    def __len__(self) -> int:
        return self._updates

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        if index >= self._updates:
            raise IndexError(index)
        return self.batches[index % BATCHES]


def batches() -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(BATCHES, BATCH, INPUTS, generator=generator)
    return list(zip(x, torch.randint(CLASSES, (BATCHES, BATCH), generator=generator), strict=True))


def network() -> torch.nn.Sequential:
    torch.manual_seed(0)
    layers = torch.nn.Linear(INPUTS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, CLASSES)
    return torch.nn.Sequential(*layers)


def with_torch(turns: Turns, folder: str, every: int) -> None:
    """A loop of one's own; which optimiser and criterion it uses says whether it is recorded."""
    model = network()
    plain, watched = (
        (torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4), criterion)
        for criterion in (torch.nn.CrossEntropyLoss(), torch.nn.CrossEntropyLoss())
    )
    with cp.torch.watch(model, *watched, folder=folder, every=every):
        for inputs, labels in Batches(turns.updates):
            optimizer, criterion = watched if turns.recorded else plain
            optimizer.zero_grad()
            criterion(model(inputs), labels).backward()
            optimizer.step()
            turns.end_update()


def with_keras(turns: Turns, folder: str, every: int) -> None:
    """One call of fit."""
    import keras

    class Data(keras.utils.PyDataset):
        def __len__(self) -> int:
            return turns.updates

        def __getitem__(self, index: int) -> Any:
            return arrays[index % BATCHES]

    arrays = [(x.numpy(), y.numpy()) for x, y in batches()]
    model = keras.Sequential(
        [
            keras.Input((INPUTS,)),
            keras.layers.Dense(HIDDEN, activation="relu", kernel_regularizer="l2"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    callback = turns.callback(
        keras.callbacks.Callback,
        cp.keras.Watch(folder, every=every if every == 1 else 2 * every),
        "set_model set_params on_train_begin on_epoch_begin on_epoch_end on_train_end",
        "on_train_batch_begin on_train_batch_end",
        last="on_train_batch_end",
    )
    model.fit(Data(), verbose=0, callbacks=[callback], shuffle=False)


def with_lightning(turns: Turns, folder: str, every: int) -> None:
    """One call of fit."""
    import logging

    import lightning.pytorch as pl

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Net(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            inputs, labels = batch
            return torch.nn.functional.cross_entropy(self.net(inputs), labels)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.01)

    callback = turns.callback(
        pl.Callback,
        cp.lightning.Watch(folder, every=every if every == 1 else 2 * every),
        "on_train_start on_train_epoch_end on_train_end",
        "on_before_optimizer_step on_train_batch_end",
        last="on_train_batch_end",
    )
    trainer = pl.Trainer(
        max_epochs=1,
        callbacks=[callback],
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Net(), torch.utils.data.DataLoader(Batches(turns.updates), batch_size=None))


def with_transformers(turns: Turns, folder: str, every: int) -> None:
    """One call of train, which would else save and print."""
    import transformers

    transformers.logging.set_verbosity_error()

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

        def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
            scores = self.net(x)
            return {"loss": torch.nn.functional.cross_entropy(scores, labels), "logits": scores}

    callback = turns.callback(
        transformers.TrainerCallback,
        cp.transformers.Watch(folder, every=every if every == 1 else 2 * every),
        "on_train_begin on_train_end",
        "on_pre_optimizer_step on_step_end on_log",
        last="on_step_end",
    )
    examples = [{"x": x, "labels": y} for batch in batches() for x, y in zip(*batch, strict=True)]
    arguments = transformers.TrainingArguments(
        folder,
        per_device_train_batch_size=BATCH,
        max_steps=turns.updates,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        disable_tqdm=True,
        logging_steps=TURN,
    )
    trainer = transformers.Trainer(Net(), arguments, train_dataset=examples, callbacks=[callback])
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()


LIBRARIES = {
    "torch": with_torch,
    "keras": with_keras,
    "lightning": with_lightning,
    "transformers": with_transformers,
}


def measure(library: str, every: int) -> dict[str, Any]:
    """The record of one library at one interval."""
    turns = Turns(PAIRS[library] // (10 if every == 1 else 1))
    with tempfile.TemporaryDirectory() as folder:
        LIBRARIES[library](turns, folder, every)
    pairs = turns.pairs()
    overheads = sorted(recorded / plain - 1.0 for plain, recorded in pairs)
    # Ranks of a 95% interval of the median, from the binomial distribution's normal limit.
    half = round(0.98 * len(overheads) ** 0.5)
    low, high = (overheads[len(overheads) // 2 + ranks] for ranks in (-half, half))
    found = {
        "library": library,
        "version": version(library),
        "every": every,
        "microseconds_an_update": median(plain for plain, _ in pairs) / TURN * 1e6,
        "overhead": median(overheads),
        "overhead_interval": [low, high],
    }
    print(
        f"{library} every {every}: {found['overhead']:+.2%} ({low:+.2%} to {high:+.2%}) of "
        f"{found['microseconds_an_update']:.0f} µs an update",
        flush=True,
    )
    return found


def keep(found: dict[str, Any]) -> None:
    """Put a record in the file, in place of an older one."""
    before = json.loads(RESULTS.read_text())["runs"] if RESULTS.is_file() else []
    key = found["library"], found["every"]
    runs = [run for run in before if (run["library"], run["every"]) != key] + [found]
    RESULTS.write_text(json.dumps({"machine": machine(), "runs": runs}, indent=1) + "\n")


def main() -> None:
    torch.set_num_threads(1)
    for name in sys.argv[1:] or [name for name in LIBRARIES if find_spec(name)]:
        for every in (EVERY, 1):
            keep(measure(name, every))


if __name__ == "__main__":
    if KEPT_MEMORY.items() - os.environ.items():
        # It is read when a process starts.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEPT_MEMORY})
    main()
