"""Whether the kernels have been compiled on this machine before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from counterpoint.fit import quadratic
from counterpoint.progress import note


def say_if_compiling() -> None:
    """Note, once a machine and version, that the first fit has to wait for the compiler."""
    kernel: Any = quadratic._minimise
    if kernel.signatures:
        return
    # Numba writes an index file for every function that it has cached.
    folder = Path(kernel.stats.cache_path or ".")
    if not any(folder.glob("quadratic._minimise*.nbi")):
        note("Compiling the L1 solver for this machine: once, about half a minute.")
