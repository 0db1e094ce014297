"""Counterpoint: fit a classifier over the whole range of penalty strengths, and say what happened.

The public names are imported when they are first used: `import counterpoint` costs next to
nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from counterpoint.errors import InputError

if TYPE_CHECKING:
    from counterpoint import scores
    from counterpoint.classifier import SweepClassifier
    from counterpoint.findings import Choice, Finding
    from counterpoint.landscapes import Landscape, landscape
    from counterpoint.objective import strength
    from counterpoint.optimum import zero_one
    from counterpoint.storage import load_sweep
    from counterpoint.sweeps import SideBySide, Sweep, sweep, sweep_all
    from counterpoint.theory.zero_one import ZeroOne

__version__ = "0.1.0"

#: Public name → the module that has it. An empty name is the module itself.
_HOMES = {
    "Choice": ("counterpoint.findings", "Choice"),
    "Finding": ("counterpoint.findings", "Finding"),
    "Landscape": ("counterpoint.landscapes", "Landscape"),
    "SideBySide": ("counterpoint.sweeps", "SideBySide"),
    "Sweep": ("counterpoint.sweeps", "Sweep"),
    "SweepClassifier": ("counterpoint.classifier", "SweepClassifier"),
    "ZeroOne": ("counterpoint.theory.zero_one", "ZeroOne"),
    "landscape": ("counterpoint.landscapes", "landscape"),
    "load_sweep": ("counterpoint.storage", "load_sweep"),
    "scores": ("counterpoint.scores", ""),
    "strength": ("counterpoint.objective.strength", ""),
    "sweep": ("counterpoint.sweeps", "sweep"),
    "sweep_all": ("counterpoint.sweeps", "sweep_all"),
    "zero_one": ("counterpoint.optimum", "zero_one"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'counterpoint' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    home = import_module(module)
    value = getattr(home, attribute) if attribute else home
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = [
    "Choice",
    "Finding",
    "InputError",
    "Landscape",
    "SideBySide",
    "Sweep",
    "SweepClassifier",
    "ZeroOne",
    "landscape",
    "load_sweep",
    "scores",
    "strength",
    "sweep",
    "sweep_all",
    "zero_one",
]
