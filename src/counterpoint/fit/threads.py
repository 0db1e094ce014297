"""Work shared over the cores that were given, with the same answer however many they are.

Each task runs on one thread, BLAS included, and results come back in the order of the tasks. What
a task computes and the order of every sum are thus fixed before threads are counted.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain, islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController, threadpool_info

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Results that wait for their turn, for each thread: were there no bound, large ones would pile up
#: behind a slow consumer.
AHEAD = 4

_executor: ContextVar[tuple[Executor, int] | None] = ContextVar("executor", default=None)


def threads_given() -> int:
    """Threads that this process may use.

    What BLAS is set to, so that OMP_NUM_THREADS, threadpoolctl and a joblib worker's share are
    kept to; never more than the cores that the process may run on.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    blas = [int(p["num_threads"]) for p in threadpool_info() if p["user_api"] == "blas"]
    return max(1, min([cores or 1, *blas]))


@contextmanager
def shared_threads(most: int | None = None) -> Iterator[None]:
    """Within, `in_threads` uses the threads given, and each BLAS call a single one."""
    count = threads_given() if most is None else min(most, threads_given())
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        if count == 1:
            yield
            return
        with ThreadPoolExecutor(count, thread_name_prefix="counterpoint") as executor:
            token = _executor.set((executor, count))
            try:
                yield
            finally:
                _executor.reset(token)


def in_threads(function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Results in the order of the tasks; in parallel within `shared_threads`.

    Examples
    --------
    >>> list(in_threads(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    given = _executor.get()
    if given is None:
        return map(function, tasks)
    rest = iter(tasks)
    first = list(islice(rest, 2))
    # A task that is alone runs here, where it can share the threads in its turn.
    return (
        map(function, first) if len(first) < 2 else _in_turn(function, chain(first, rest), *given)
    )


def _in_turn(
    function: Callable[[Task], Result], tasks: Iterable[Task], executor: Executor, threads: int
) -> Iterator[Result]:
    pending: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            pending.append(executor.submit(function, task))
            if len(pending) > AHEAD * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


def sums_in_threads(
    function: Callable[[Task], tuple[npt.NDArray[Any], ...]], tasks: Iterable[Task]
) -> list[npt.NDArray[np.float64]]:
    """Sums of the arrays that the tasks return, in double precision and in their order."""
    out: list[npt.NDArray[np.float64]] = []
    for arrays in in_threads(function, tasks):
        if not out:
            out = [array.astype(np.float64) for array in arrays]
            continue
        for total, array in zip(out, arrays, strict=True):
            total += array
    return out
