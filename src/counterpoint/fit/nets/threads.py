"""Threads of PyTorch, which are set for the whole process: changed and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

#: Multiplications of a step below which a second thread costs more than it brings.
WORTH_A_THREAD = 3_000_000


@contextmanager
def threads_for(multiplications: int, worth_a_thread: int) -> Iterator[None]:
    """Within, one thread where steps are small, else those that PyTorch was given.

    Waiting for each other takes threads longer than a small step, and far longer where others
    want the cores too. The count hangs on the task alone: sums are then the same each time.
    """
    given = torch.get_num_threads()
    if multiplications < worth_a_thread:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(given)
