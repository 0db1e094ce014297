"""A training on disk, from which it goes on bit for bit: one safetensors file, JSON in its header.

It holds the state after a whole epoch. The order of rows and what modules draw hang on the seed
and the epoch alone, so an epoch that was lost is run again as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from counterpoint.fit.checkpoint import Checkpoint
from counterpoint.fit.nets.model import Parameters
from counterpoint.fit.nets.train import State, Task, start

FORMAT = "1"

_ARRAYS = ("active", "score", "best_epoch", "last_epoch")


def training_checkpoint(file: Path, task: Task) -> Checkpoint[State]:
    """A file for the state of a training after a whole epoch."""
    return Checkpoint(file, fingerprint(task), _content, partial(_parse, task))


def _content(state: State, mark: str) -> bytes:
    facts = {"format": FORMAT, "fingerprint": mark, "steps": str(state.optimiser.steps)}
    return save(_tensors_of(state), metadata=facts)


def _parse(task: Task, file: Path, mark: str) -> State | None:
    try:
        with safe_open(file, framework="pt") as content:
            facts = content.metadata() or {}
            # Copied: products round otherwise where a tensor starts at an odd address.
            tensors = {name: content.get_tensor(name).clone() for name in content.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(error) from None
    if (facts.get("format"), facts.get("fingerprint")) != (FORMAT, mark):
        return None
    return _state_of(task, tensors, int(facts["steps"]))


def _tensors_of(state: State) -> Parameters:
    groups: dict[str, Mapping[str, Tensor]] = {
        "parameters": state.parameters,
        "last": state.last,
        "best": state.best,
        **{f"slot {slot}": values for slot, values in state.optimiser.slots.items()},
    }
    tensors = {
        f"{group}/{name}": value.cpu().contiguous()
        for group, values in groups.items()
        for name, value in values.items()
    }
    arrays = {name: torch.from_numpy(getattr(state, name)) for name in _ARRAYS}
    return tensors | arrays | {"history": torch.from_numpy(np.stack(state.history.values))}


def _state_of(task: Task, tensors: Parameters, steps: int) -> State:
    """A state from its tensors; a fresh one says which there must be."""
    state = start(task)
    for name in _ARRAYS:
        setattr(state, name, tensors[name].numpy())
    device = task.train.x.device
    names = list(state.parameters)

    def group(kind: str) -> Parameters:
        return {name: tensors[f"{kind}/{name}"].to(device) for name in names}

    state.parameters, state.last, state.best = (group(k) for k in ("parameters", "last", "best"))
    state.optimiser.keep(torch.from_numpy(state.active).to(device))
    state.optimiser.slots = {slot: group(f"slot {slot}") for slot in state.optimiser.slots}
    state.optimiser.steps = steps
    state.history.values = list(tensors["history"].numpy())
    return state


def fingerprint(task: Task) -> str:
    """A sum over all that decides a training: settings, network, first weights and rows."""
    total = hashlib.blake2b(digest_size=16)
    total.update(repr((asdict(task.settings), task.model.described)).encode())
    tensors = [*task.model.initial(task.settings.seeds).values(), task.train.x, task.train.label]
    if task.validation is not None:
        tensors += [task.validation.x, task.validation.label]
    for tensor in tensors:
        total.update(repr(tuple(tensor.shape)).encode())
        total.update(tensor.cpu().contiguous().numpy().data)
    return total.hexdigest()
