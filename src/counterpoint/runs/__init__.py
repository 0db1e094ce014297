"""Records of training: what the logs of others say, read without judging it, and our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from counterpoint.runs.history import History
    from counterpoint.runs.reading import read
    from counterpoint.runs.recorder import Recorder, record

_HOMES = {
    "History": ("counterpoint.runs.history", "History"),
    "Recorder": ("counterpoint.runs.recorder", "Recorder"),
    "read": ("counterpoint.runs.reading", "read"),
    "record": ("counterpoint.runs.recorder", "record"),
}

__getattr__, __dir__ = lazy_names(globals(), _HOMES)

__all__ = ["History", "Recorder", "read", "record"]
