"""What the hooks have in common: defaults, which names a row can have, and a callback's runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.facts import checked_facts
from counterpoint.runs.recorder import Recorder, record

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


def make_ready(folder: str | os.PathLike[str]) -> None:
    """Make the folder of a record, where it is missing, before the first numbers are there.

    Raises
    ------
    InputError
        It can't be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("nothing can be written in it")
    except (OSError, ValueError) as error:
        message = f"{os.fspath(folder)} can't hold a record ({error}): name another folder."
        raise InputError(message) from error


class Runs:
    """The runs that one callback records, one after the other.

    Parameters
    ----------
    folder, resume_after_step, facts
        As in `counterpoint.record`. Only the first run resumes.
    every
        Updates from one measurement to the next.

    Attributes
    ----------
    every : int
    recorder : Recorder or None
        Of the run at hand.

    Raises
    ------
    InputError
        ``every`` is not from 1.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every: int,
        resume_after_step: int | None,
        facts: Mapping[str, Any],
    ) -> None:
        self.every = checked_every(every)
        self.recorder: Recorder | None = None
        self._folder, self._resume, self._said = folder, resume_after_step, dict(facts)

    def begin(self, seen: Mapping[str, Any]) -> int:
        """Begin a run.

        Parameters
        ----------
        seen
            Facts, of which those that the user says come first.

        Returns
        -------
        int
            Updates before it.

        Raises
        ------
        InputError
            The folder can't be written, or a fact is not of its kind.
        """
        self.close()  # of a training that broke off
        after, self._resume = self._resume, None
        # What is said to be None is left out, whatever is seen.
        facts = {**seen, **self._said, **checked_facts(self._said)}
        self.recorder = record(self._folder, resume_after_step=after, **facts)
        return after or 0

    def close(self) -> None:
        """End the run at hand, if there is one."""
        if self.recorder is not None:
            self.recorder.close()
            self.recorder = None
