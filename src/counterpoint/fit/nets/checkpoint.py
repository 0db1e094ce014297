"""A training on disk, from which it goes on bit for bit: one safetensors file, JSON in its header.

It holds the state after a whole epoch. The order of rows and what modules draw hang on the seed
and the epoch alone, so an epoch that was lost is run again as it was.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from counterpoint.errors import InputError
from counterpoint.files import write_atomically
from counterpoint.fit.nets.model import Parameters
from counterpoint.fit.nets.train import State, Task, start

#: Seconds between two writings.
INTERVAL = 10.0
FORMAT = "1"

_ARRAYS = ("active", "score", "best_epoch", "last_epoch")


@dataclass
class Checkpoint:
    """A file that holds one training, and no other.

    Attributes
    ----------
    file
        Written whole or not at all.
    task
    """

    file: Path
    task: Task
    _mark: str = field(init=False)
    _written: float = field(init=False)

    def __post_init__(self) -> None:
        self._mark = fingerprint(self.task)
        self._written = time.monotonic()

    def read(self) -> State | None:
        """The state that was written last, or None where there is no file.

        Raises
        ------
        InputError
            Where the file is of another training, or can't be read.
        """
        if not self.file.exists():
            return None
        try:
            with safe_open(self.file, framework="pt") as content:
                facts = content.metadata() or {}
                # Copied: products round otherwise where a tensor starts at an odd address.
                tensors = {name: content.get_tensor(name).clone() for name in content.keys()}  # noqa: SIM118
            if facts.get("format") == FORMAT and facts.get("fingerprint") == self._mark:
                return _state_of(self.task, tensors, int(facts["steps"]))
        except (OSError, SafetensorError, ValueError, LookupError, RuntimeError) as error:
            raise InputError(
                f"{self.file} is no checkpoint that can be read ({error}); delete it to start anew."
            ) from None
        raise InputError(
            f"{self.file} is the checkpoint of other data or settings; name another folder, or "
            "delete it to start anew."
        )

    def watch(self, state: State) -> None:
        """Write the state, if the last time is long enough ago."""
        if time.monotonic() - self._written >= INTERVAL:
            self.write(state)

    def write(self, state: State) -> None:
        """Write the state as it is after a whole epoch."""
        facts = {
            "format": FORMAT,
            "fingerprint": self._mark,
            "steps": str(state.optimiser.steps),
        }
        write_atomically(self.file, save(_tensors_of(state), metadata=facts))
        self._written = time.monotonic()


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
