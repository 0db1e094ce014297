"""Counterpoint: fit a classifier over the whole range of penalty strengths, and say what happened.

The public names are imported when they are first used: `import counterpoint` costs next to
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpoint.errors import InputError
from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from counterpoint import nets, runs, scores
    from counterpoint.classifier import SweepClassifier
    from counterpoint.findings import Choice, Finding
    from counterpoint.objective import strength
    from counterpoint.reading import Reading, read
    from counterpoint.runs.recorder import record
    from counterpoint.storage import load_sweep
    from counterpoint.sweeps import SideBySide, Sweep, sweep, sweep_all

__version__ = "0.1.0"

_HOMES = {
    "Choice": ("counterpoint.findings", "Choice"),
    "Finding": ("counterpoint.findings", "Finding"),
    "Reading": ("counterpoint.reading", "Reading"),
    "SideBySide": ("counterpoint.sweeps", "SideBySide"),
    "Sweep": ("counterpoint.sweeps", "Sweep"),
    "SweepClassifier": ("counterpoint.classifier", "SweepClassifier"),
    "load_sweep": ("counterpoint.storage", "load_sweep"),
    "nets": ("counterpoint.nets", ""),
    "read": ("counterpoint.reading", "read"),
    "record": ("counterpoint.runs.recorder", "record"),
    "runs": ("counterpoint.runs", ""),
    "scores": ("counterpoint.scores", ""),
    "strength": ("counterpoint.objective.strength", ""),
    "sweep": ("counterpoint.sweeps", "sweep"),
    "sweep_all": ("counterpoint.sweeps", "sweep_all"),
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)

__all__ = [
    "Choice",
    "Finding",
    "InputError",
    "Reading",
    "SideBySide",
    "Sweep",
    "SweepClassifier",
    "load_sweep",
    "nets",
    "read",
    "record",
    "runs",
    "scores",
    "strength",
    "sweep",
    "sweep_all",
]
