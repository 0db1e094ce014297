"""Counterpoint: fit a classifier over the whole range of penalty strengths, and say what happened.

The public names are imported when they are first used: `import counterpoint` costs next to
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpoint.errors import InputError
from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from counterpoint import nets, runs, scores, torch
    from counterpoint.auditing import Audit, audit
    from counterpoint.classifier import SweepClassifier
    from counterpoint.comparison import Comparison, compare
    from counterpoint.diagnosis import Diagnosis, diagnose
    from counterpoint.findings import Choice, Finding
    from counterpoint.hooks import keras, lightning, transformers
    from counterpoint.landscapes import Landscape, landscape
    from counterpoint.objective import strength
    from counterpoint.optimum import zero_one
    from counterpoint.reading import Reading, read
    from counterpoint.relation import Relation, relate
    from counterpoint.runs.recorder import record
    from counterpoint.storage import load_sweep
    from counterpoint.sweeping import sweep, sweep_all
    from counterpoint.sweeps import SideBySide, Sweep
    from counterpoint.theory.dirichlet_losses import loss_law
    from counterpoint.theory.laws import Law
    from counterpoint.theory.zero_one import ZeroOne

__version__ = "0.1.0"

_HOMES = {
    "Audit": ("counterpoint.auditing.result", "Audit"),
    "Choice": ("counterpoint.findings", "Choice"),
    "Comparison": ("counterpoint.comparison", "Comparison"),
    "Diagnosis": ("counterpoint.diagnosis", "Diagnosis"),
    "Finding": ("counterpoint.findings", "Finding"),
    "Landscape": ("counterpoint.landscapes", "Landscape"),
    "Law": ("counterpoint.theory.laws", "Law"),
    "Reading": ("counterpoint.reading", "Reading"),
    "Relation": ("counterpoint.relation", "Relation"),
    "SideBySide": ("counterpoint.sweeps", "SideBySide"),
    "Sweep": ("counterpoint.sweeps", "Sweep"),
    "SweepClassifier": ("counterpoint.classifier", "SweepClassifier"),
    "ZeroOne": ("counterpoint.theory.zero_one", "ZeroOne"),
    "audit": ("counterpoint.auditing.network", "audit"),
    "compare": ("counterpoint.comparison", "compare"),
    "diagnose": ("counterpoint.diagnosis", "diagnose"),
    "keras": ("counterpoint.hooks.keras", ""),
    "landscape": ("counterpoint.landscapes", "landscape"),
    "lightning": ("counterpoint.hooks.lightning", ""),
    "load_sweep": ("counterpoint.storage", "load_sweep"),
    "loss_law": ("counterpoint.theory.dirichlet_losses", "loss_law"),
    "nets": ("counterpoint.nets", ""),
    "read": ("counterpoint.reading", "read"),
    "record": ("counterpoint.runs.recorder", "record"),
    "relate": ("counterpoint.relation", "relate"),
    "runs": ("counterpoint.runs", ""),
    "scores": ("counterpoint.scores", ""),
    "strength": ("counterpoint.objective.strength", ""),
    "sweep": ("counterpoint.sweeping", "sweep"),
    "sweep_all": ("counterpoint.sweeping", "sweep_all"),
    "torch": ("counterpoint.torch", ""),
    "transformers": ("counterpoint.hooks.transformers", ""),
    "zero_one": ("counterpoint.optimum", "zero_one"),
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)

__all__ = [
    "Audit",
    "Choice",
    "Comparison",
    "Diagnosis",
    "Finding",
    "InputError",
    "Landscape",
    "Law",
    "Reading",
    "Relation",
    "SideBySide",
    "Sweep",
    "SweepClassifier",
    "ZeroOne",
    "audit",
    "compare",
    "diagnose",
    "keras",
    "landscape",
    "lightning",
    "load_sweep",
    "loss_law",
    "nets",
    "read",
    "record",
    "relate",
    "runs",
    "scores",
    "strength",
    "sweep",
    "sweep_all",
    "torch",
    "transformers",
    "zero_one",
]
