"""Progress bars: the numbers beside one count when it is not drawn again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.line import Quantity
from counterpoint.runs.places import Place, is_over_epochs


class Bar(NamedTuple):
    """One drawing of a bar, with the numbers beside it."""

    place: Place
    found: list[Quantity]

    def draws_again(self, before: Bar) -> bool:
        """Whether this is the bar drawn before, further on."""
        (now, whole), (then, whole_then) = self.place.bar or (0, 0), before.place.bar or (0, 0)
        if whole != whole_then or now < then or self.place.epoch != before.place.epoch:
            return False
        if before.place.evaluates or then < whole or before.place.pending:
            return True
        return {each.name for each in self.found} > {each.name for each in before.found}


class Bars:
    """Holds a bar back until it is known to be done.

    Parameters
    ----------
    gathered
        Where notes go.

    Attributes
    ----------
    held : Bar or None
    """

    def __init__(self, gathered: Gatherer) -> None:
        self.held: Bar | None = None
        self._gathered = gathered
        #: Epochs whose own bar is done: the next one is of other rows.
        self._done: set[float | None] = set()

    def begin_epoch(self) -> None:
        """Forget which bars of the last epoch are done."""
        self._done.clear()

    def release(self, epoch: float | None, facts: dict[str, str]) -> list[Quantity]:
        """Hand over the numbers of the bar that was held back; none where there is no such bar.

        Parameters
        ----------
        epoch
            The one that has been reached.
        facts
            Learns how many batches an epoch has.
        """
        bar, self.held = self.held, None
        if bar is None or bar.place.evaluates:
            return bar.found if bar is not None else []
        done, whole = bar.place.bar or (0, 0)
        if epoch in self._done and epoch is not None and not any(q.split for q in bar.found):
            self._gathered.note("a bar after an epoch's own is read as an evaluation on other rows")
            return [replace(each, split="test") for each in bar.found]
        if done == whole:
            self._done = {epoch}
            if whole > 1:
                facts.setdefault("steps_per_epoch", str(whole))
        else:
            self._gathered.note(f"epoch {epoch or 1:g} ends at batch {done:,} of {whole:,}")
        return bar.found

    def of_evaluation(self, found: list[Quantity], place: Place) -> list[Quantity]:
        """What an evaluation comes to: it takes the place of its last batches' numbers."""
        bar = self.held
        if bar is None or not bar.place.evaluates or place.is_said:
            return found
        said = {each.quantity for each in found}
        split = bar.found[0].split
        kept = [each for each in bar.found if each.quantity not in said]
        self.held = bar._replace(found=kept) if kept else None
        return [replace(q, split=split) if q.split in ("", "test") else q for q in found]


def drawings(raw: str) -> Iterator[str]:
    """What was drawn last on a line; of a bar over epochs every drawing, as each is an epoch."""
    if "\r" not in raw and "\b" not in raw:
        yield raw
        return
    drawn = [each for each in re.split(r"\r|\x08+", raw) if each.strip()]
    over_epochs = [each for each in drawn[-10_000:] if is_over_epochs(each)]
    yield from over_epochs or drawn[-1:]
