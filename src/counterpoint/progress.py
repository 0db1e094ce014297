"""A progress bar for long work: on a terminal or in a notebook, and nowhere else."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[int, str], None]]:
    """Show how many of ``total`` steps are done; yields the function that says so, and what of.

    The bar goes to standard error, and disappears when the work is done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter) or sys.stderr is None:
        yield lambda done, of_what: None
        return
    # The words last: on a narrow terminal they are cut, not the bar.
    words = Column(no_wrap=True, overflow="ellipsis")
    columns = (
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False, table_column=words),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Fitting", total=total)
        yield lambda done, of_what: bar.update(task, completed=done, description=of_what)


@contextmanager
def noted_interrupt() -> Iterator[Callable[[], bool]]:
    """Ctrl-C within is noted, for work that ends well by itself; yields whether there was one.

    Raised in a compiled kernel's call it would come out as whatever error the compiler makes of it.
    A second one is raised all the same. Where Ctrl-C is someone else's to handle, and outside of
    the main thread, nothing changes.
    """
    asked = False

    def note_it(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not ours or threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    signal.signal(signal.SIGINT, note_it)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def note(text: str) -> None:
    """Say something on a terminal or in a notebook, on standard error; nothing in a pipe."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal or console.is_jupyter:
        console.print(text, markup=False, highlight=False)


def note_compiling(kernel: Any, what: str, duration: str) -> None:
    """Note, once a machine and version, that a Numba kernel's first call waits for the compiler.

    Parameters
    ----------
    kernel
        The function as Numba's decorator returns it.
    what, duration
        What is compiled, and about how long that takes, in words.
    """
    if kernel.signatures:
        return
    # Numba writes an index file for every function that it has cached.
    function = kernel.py_func
    name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
    if not any(Path(kernel.stats.cache_path or ".").glob(f"{name}*.nbi")):
        note(f"Compiling {what} for this machine: once, about {duration}.")
