"""What the hooks of every library have in common: defaults, and which names a row can have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterpoint.errors import InputError

#: Where a record goes when nobody says.
FOLDER = "counterpoint-runs"
#: Updates from one measurement to the next.
EVERY = 200
#: Mini-batches before a row that it is the mean of. To hear all of them would cost three percent.
HEARD = 25
#: More weights are not copied to see how far an update moves them.
MOST_COPIED = 10_000_000
#: What `Recorder.log` calls the place of a row.
_PLACES = ("step", "epoch", "split")


def checked_every(every: int) -> int:
    """A whole number from 1.

    Examples
    --------
    >>> checked_every(100)
    100
    """
    if type(every) is not int or every < 1:
        raise InputError(f"every is {every!r}: pass a whole number from 1.")
    return every


def free_names(logged: Mapping[str, Any]) -> dict[str, Any]:
    """What a library logs, without what a record calls the place of a row.

    Examples
    --------
    >>> free_names({"epoch": 3.0, "loss": 0.5})
    {'loss': 0.5}
    """
    return {name: value for name, value in logged.items() if name not in _PLACES}
