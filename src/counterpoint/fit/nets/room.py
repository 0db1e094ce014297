"""Whether a population fits into memory, and how many members would."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from counterpoint.errors import InputError
from counterpoint.fit.memory import size_in_words
from counterpoint.fit.nets.model import Model
from counterpoint.fit.nets.optimisers import SLOTS
from counterpoint.fit.nets.settings import Settings

#: Copies of the parameters beside the optimiser's: at work, last, best, and one in passing.
COPIES = 4
#: Share of the free memory that a population may be planned to take.
SHARE = 0.9


def bytes_a_member(model: Model, settings: Settings) -> int:
    """Memory that one more member takes."""
    shapes = model.shapes.values()
    numbers = sum(math.prod(shape) for shape in shapes)
    units = sum(shape[0] for shape in shapes if len(shape) > 1)
    copies = COPIES + len(SLOTS[settings.optimiser]) + (settings.optimiser != "sgd")
    return (8 if settings.double else 4) * (copies * numbers + 4 * settings.batch * units)


def free_bytes(device: str) -> int | None:
    """Memory that is free on a device; None where the system does not say."""
    if torch.device(device).type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text("ascii"))
        if found:
            return 1024 * int(found[1])
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None


def check_room(model: Model, settings: Settings, device: str) -> None:
    """Refuse a population that does not fit.

    Raises
    ------
    InputError
        Saying how many members would.
    """
    free, a_member = free_bytes(device), bytes_a_member(model, settings)
    if free is not None and len(settings.members) * a_member > SHARE * free:
        raise InputError(_too_many(len(settings.members), a_member, free))


@contextmanager
def out_of_memory_in_words(model: Model, settings: Settings, device: str) -> Iterator[None]:
    """Within, an allocation that fails is an `InputError` that says how many members fit."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        free = free_bytes(device) or 0
        members = len(settings.members)
        raise InputError(_too_many(members, bytes_a_member(model, settings), free)) from None


def _too_many(members: int, a_member: int, free: int) -> str:
    fit = min(int(SHARE * free) // a_member, members - 1)
    enough = (
        f"enough for about {fit:,}; give fewer alphas or seeds."
        if fit
        else "not enough for one; make the network smaller."
    )
    return (
        f"{members:,} member{'s' * (members > 1)} take{'s' * (members == 1)} about "
        f"{size_in_words(members * a_member)} of memory and {size_in_words(free)} is free, {enough}"
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, of NumPy or of PyTorch on any device."""
    known = isinstance(error, (torch.OutOfMemoryError, MemoryError))
    return known or "you tried to allocate" in str(error)  # what the CPU's allocator says
