"""From arrays and settings to trained networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from counterpoint.fit.checkpoint import Checkpoint
from counterpoint.fit.nets.checkpoint import training_checkpoint
from counterpoint.fit.nets.losses import output_loss_named
from counterpoint.fit.nets.measures import held_out
from counterpoint.fit.nets.model import Model, Parameters
from counterpoint.fit.nets.result import PopulationFit, Validation
from counterpoint.fit.nets.room import check_room, out_of_memory_in_words
from counterpoint.fit.nets.rows import make_rows
from counterpoint.fit.nets.settings import Settings
from counterpoint.fit.nets.threads import threads_for
from counterpoint.fit.nets.train import State, Task, judged_rows, start, train

Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Split:
    """Rows that train and rows that judge.

    Attributes
    ----------
    x, validation_x : arrays (n, ...)
        Of the second there may be none.
    label_index, validation_label_index : arrays (n,)
    validation_row : array
        Which row of the data each validation row is.
    classes
    """

    x: npt.NDArray[Any]
    label_index: Index
    validation_x: npt.NDArray[Any]
    validation_label_index: Index
    validation_row: Index
    classes: npt.NDArray[np.generic]


def fit_population(
    model: Model,
    split: Split,
    settings: Settings,
    device: str,
    watch: Callable[[State], None],
    checkpoint: Path | None,
) -> PopulationFit:
    """Train to the end, or to where Ctrl-C stops it.

    Parameters
    ----------
    model, split, settings
    device
        Of PyTorch, such as ``cpu`` or ``cuda``.
    watch
        Sees the state at the start and after each epoch.
    checkpoint
        A file to go on from, and to keep the state in.

    Raises
    ------
    InputError
        The memory does not do, or the checkpoint is of another training.
    KeyboardInterrupt
        Before the first epoch is done.
    """
    check_room(model, settings, device)
    numbers = sum(math.prod(shape) for shape in model.shapes.values())
    work = numbers * len(settings.members) * settings.batch
    least = model.worth_a_thread(settings.batch)
    with threads_for(work, least), out_of_memory_in_words(model, settings, device):
        task = make_task(model, split, settings, device)
        keeper = None if checkpoint is None else training_checkpoint(checkpoint, task)
        state = (None if keeper is None else keeper.read()) or start(task)
        _go_on(task, state, watch, keeper)
        return _result(task, state, split)


def make_task(model: Model, split: Split, settings: Settings, device: str) -> Task:
    """What `fit_population` trains, as tensors on a device."""
    dtype = torch.float64 if settings.double else torch.float32
    classes = len(split.classes)
    rows = make_rows(split.x, split.label_index, classes, dtype, device)
    judged = torch.from_numpy(judged_rows(settings.order_seed, len(rows))).to(device)
    validation = (
        make_rows(split.validation_x, split.validation_label_index, classes, dtype, device)
        if len(split.validation_x)
        else None
    )
    loss = output_loss_named(settings.loss)
    return Task(model.to(device, dtype), loss, settings, rows, rows.at(judged), validation)


def _go_on(
    task: Task, state: State, watch: Callable[[State], None], keeper: Checkpoint[State] | None
) -> None:
    def after_epoch(state: State) -> None:
        watch(state)
        if keeper is not None:
            keeper.watch(state)

    watch(state)
    try:
        train(task, state, after_epoch)
    except KeyboardInterrupt:
        if not state.epoch:
            raise
        return  # what the checkpoint holds is at most its interval old, and a whole epoch
    if keeper is not None:
        keeper.write(state)


def _result(task: Task, state: State, split: Split) -> PopulationFit:
    settings = task.settings
    validation = _validation(task, state, split)
    stopped = len(state.active) == 0
    return PopulationFit(
        settings=settings,
        network=task.model.described,
        classes=split.classes,
        class_count=np.bincount(split.label_index, minlength=len(split.classes)),
        features=int(np.prod(split.x.shape[1:])),
        train_rows=len(task.train),
        judged_rows=len(task.judged),
        history=state.history,
        last=_on_cpu(state.last),
        best=_on_cpu(state.best),
        constants=_on_cpu(task.model.constants),
        best_epoch=state.best_epoch,
        last_epoch=state.last_epoch,
        validation=validation,
        epochs=state.epoch,
        interrupted=state.epoch < settings.epochs and not stopped,
    )


def _validation(task: Task, state: State, split: Split) -> Validation | None:
    if task.validation is None:
        return None
    with torch.no_grad():
        last, best = (
            held_out(task.model, parameters, task.loss, task.validation, split.validation_row)
            for parameters in (state.last, state.best)
        )
    return Validation(last, best)


def _on_cpu(parameters: Parameters) -> Parameters:
    return {name: value.cpu() for name, value in parameters.items()}
