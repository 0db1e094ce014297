"""A population's history on disk while it is trained: a record of each member."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from counterpoint.errors import InputError
from counterpoint.fit.nets.history import History
from counterpoint.fit.nets.settings import Settings
from counterpoint.fit.nets.train import State
from counterpoint.runs.facts import Fact
from counterpoint.runs.recorder import Recorder, record

#: Members that are recorded at the most: each has a file open.
MOST = 500


@dataclass
class Recording:
    """Records of all members in folders ``alpha-A-seed-S`` of one folder; a context manager.

    Attributes
    ----------
    folder
    settings
    facts
        Of all members.
    steps_per_epoch
    """

    folder: Path
    settings: Settings
    facts: dict[str, Fact]
    steps_per_epoch: int
    _files: ExitStack = field(default_factory=ExitStack)
    _recorders: list[Recorder] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.settings.members) > MOST:
            raise InputError(
                f"{len(self.settings.members):,} members are too many to record (at most {MOST}); "
                "leave record out, and take the history from the population."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def watch(self, state: State) -> None:
        """Write down the newest epoch; at the first call all that went before it."""
        begin = state.epoch
        if not self._recorders:
            self._recorders = [self._open(*member) for member in self.settings.members]
            begin = 0
        for epoch in range(begin, state.epoch + 1):
            for member, recorder in enumerate(self._recorders):
                if epoch <= state.last_epoch[member]:
                    self._log(recorder, state.history, epoch, member)

    def _log(self, recorder: Recorder, history: History, epoch: int, member: int) -> None:
        values = history.values[epoch][:, member]
        for split in ("train", "validation"):
            quantities = {
                quantity: float(value)
                for (own, quantity), value in zip(history.columns, values, strict=True)
                if own == split and not (epoch == 0 and np.isnan(value))
            }
            if quantities:
                recorder.log(
                    step=epoch * self.steps_per_epoch, epoch=epoch, split=split, **quantities
                )

    def _open(self, alpha: float, seed: int) -> Recorder:
        """A record in place of an earlier one.

        What a killed training logged last may not have reached the disk, but all of it up to the
        checkpoint stands there: so an earlier record counts up to no step, and is written anew.
        """
        home = self.folder / f"alpha-{alpha:.6g}-seed-{seed}"
        facts: dict[str, Any] = {**self.facts, "alpha": alpha, "seed": seed}
        if any(home.glob("run-*.jsonl")):
            facts["resume_after_step"] = -1
        return self._files.enter_context(record(home, **facts))


def facts_of(settings: Settings, classes: int, train: int, validation: int) -> dict[str, Fact]:
    """What is known of every member's training."""
    return {
        "classes": classes,
        "train_samples": train,
        "validation_samples": validation or None,
        "loss": settings.loss,
        "penalty": settings.penalty,
        "optimiser": settings.optimiser,
        "learning_rate": settings.rates[0],
        "momentum": settings.momentum if settings.optimiser == "momentum" else None,
        "batch_size": settings.batch,
        "epochs": settings.epochs,
        "steps_per_epoch": steps_per_epoch(settings, train),
    }


def steps_per_epoch(settings: Settings, train: int) -> int:
    """Mini-batches, the last of which may be smaller."""
    return -(-train // settings.batch)
