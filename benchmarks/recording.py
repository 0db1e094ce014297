"""What recording costs: a small network's training with a hook, against the same without one.

`python benchmarks/recording.py` trains a 784-128-10 network on made-up rows, on the CPU and one
thread, with every library that this Python has, and puts what it finds in results/recording.json.
`python benchmarks/recording.py keras` measures that one; another Python, which has a library that
this one lacks, needs the folder src in PYTHONPATH. Watched and plain
stretches take turns, so that what else the machine does falls on both. The overhead is the median
of the pairs' ratios in process time, with the interval of 95% that their order gives.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
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
#: Updates of a stretch: as many as from one row to the next.
BATCHES = EVERY
#: Passes over the rows in one call of fit, and pairs of stretches of the same two networks.
EPOCHS, PAIRS = 5, {"torch": 6, "keras": 2, "lightning": 2, "transformers": 2}
#: Pairs of networks: where in memory its weights lie makes one some percent slower than another.
NETWORKS = 20


def rows() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(BATCH * BATCHES, INPUTS, generator=generator)
    return x, torch.randint(CLASSES, (len(x),), generator=generator)


def network() -> torch.nn.Sequential:
    torch.manual_seed(0)
    layers = torch.nn.Linear(INPUTS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, CLASSES)
    return torch.nn.Sequential(*layers)


#: A stretch of training: watched in a folder, or plain where it is None.
Stretch = Callable[[Path | None], None]


def with_torch(every: int) -> Stretch:
    """A plain loop: one that is watched all along, and one that never is."""
    x, y = rows()
    batches = list(zip(x.split(BATCH), y.split(BATCH), strict=True))

    def loop(folder: Path | None) -> Callable[[], None]:
        model, criterion = network(), torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
        if folder is not None:
            cp.torch.watch(model, optimizer, criterion, folder=folder, every=every)

        def train() -> None:
            for inputs, labels in batches:
                optimizer.zero_grad()
                criterion(model(inputs), labels).backward()
                optimizer.step()

        return train

    loops: dict[Path | None, Callable[[], None]] = {}

    def stretch(folder: Path | None) -> None:
        if folder not in loops:
            loops[folder] = loop(folder)
        loops[folder]()

    return stretch


def with_keras(every: int) -> Stretch:
    """One call of fit."""
    import keras

    x, y = (part.numpy() for part in rows())
    model = keras.Sequential(
        [
            keras.Input((INPUTS,)),
            keras.layers.Dense(HIDDEN, activation="relu", kernel_regularizer="l2"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    def stretch(folder: Path | None) -> None:
        callbacks = [] if folder is None else [cp.keras.Watch(folder, every=every)]
        model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=callbacks)

    return stretch


def with_lightning(every: int) -> Stretch:
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

    module = Net()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*rows()), batch_size=BATCH)

    def stretch(folder: Path | None) -> None:
        trainer = pl.Trainer(
            max_epochs=EPOCHS,
            callbacks=[] if folder is None else [cp.lightning.Watch(folder, every=every)],
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(module, loader)

    return stretch


def with_transformers(every: int) -> Stretch:
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

    module, output = Net(), tempfile.TemporaryDirectory()
    batches = [{"x": x, "labels": y} for x, y in zip(*rows(), strict=True)]

    def stretch(folder: Path | None) -> None:
        arguments = transformers.TrainingArguments(
            output.name,
            per_device_train_batch_size=BATCH,
            num_train_epochs=EPOCHS,
            report_to=[],
            save_strategy="no",
            use_cpu=True,
            disable_tqdm=True,
            logging_steps=BATCHES,
        )
        callbacks = [] if folder is None else [cp.transformers.Watch(folder, every=every)]
        trainer = transformers.Trainer(
            module, arguments, train_dataset=batches, callbacks=callbacks
        )
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()

    return stretch


LIBRARIES = {
    "torch": with_torch,
    "keras": with_keras,
    "lightning": with_lightning,
    "transformers": with_transformers,
}


def seconds(stretch: Stretch, pairs: int, plain_first: bool) -> Iterator[tuple[float, float]]:
    """Seconds plain and seconds watched, in turns."""

    def timed(folder: Path | None) -> float:
        begin = time.process_time()
        stretch(folder)
        return time.process_time() - begin

    with tempfile.TemporaryDirectory() as holder:
        orders = (None, Path(holder)), (Path(holder), None)
        for warm in orders[plain_first]:
            stretch(warm)
        for pair in range(pairs):
            order = orders[pair % 2]
            taken = {folder: timed(folder) for folder in order}
            yield taken[None], taken[Path(holder)]


def measure(library: str, every: int) -> dict[str, Any]:
    """The record of one library at one interval."""
    pairs = [
        pair
        for network in range(NETWORKS)
        for pair in seconds(LIBRARIES[library](every), PAIRS[library], network % 2 == 0)
    ]
    overheads = sorted(watched / plain - 1.0 for plain, watched in pairs)
    # Ranks of a 95% interval of the median, from the binomial distribution's normal limit.
    half = round(0.98 * len(overheads) ** 0.5)
    middle = len(overheads) // 2
    updates = BATCHES * (1 if library == "torch" else EPOCHS)
    found = {
        "library": library,
        "version": version(library),
        "every": every,
        "microseconds_an_update": median(plain for plain, _ in pairs) / updates * 1e6,
        "overhead": overheads[middle],
        "overhead_interval": [overheads[middle - half], overheads[middle + half]],
    }
    print(
        f"{library} every {every}: {found['overhead']:+.2%} {found['overhead_interval']} of "
        f"{found['microseconds_an_update']:.0f} µs an update",
        flush=True,
    )
    return found


def main() -> None:
    torch.set_num_threads(1)
    wanted = sys.argv[1:] or [name for name in LIBRARIES if find_spec(name)]
    for name in wanted:
        keep(name, [measure(name, every) for every in (EVERY, 1)])


def keep(library: str, found: list[dict[str, Any]]) -> None:
    """Put one library's records in the file, in place of older ones of it."""
    before = json.loads(RESULTS.read_text())["runs"] if RESULTS.is_file() else []
    runs = [run for run in before if run["library"] != library] + found
    RESULTS.write_text(json.dumps({"machine": machine(), "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
