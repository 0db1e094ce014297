"""Whether the kernels have been compiled on this machine before."""

from __future__ import annotations

from counterpoint.fit import quadratic
from counterpoint.progress import note_compiling


def say_if_compiling() -> None:
    """Note, once a machine and version, that the first fit has to wait for the compiler."""
    note_compiling(quadratic.minimise_compiled, "the L1 solver", "half a minute")
