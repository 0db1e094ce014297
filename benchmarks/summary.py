"""What the tables and charts show, from the records of the results file."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
OURS = "counterpoint"


@dataclass(frozen=True)
class Row:
    """How one contestant did on one work; ``seconds`` is the median of its runs."""

    name: str
    label: str
    status: str
    seconds: float | None
    worst: float | None
    record: Record

    @property
    def reached(self) -> bool:
        return self.status == "reached"


def rows_of(work: Record) -> list[Row]:
    """Everyone asked: Counterpoint, then those who got there by time, then the rest."""
    rows = [_row(name, record) for name, record in work["contestants"].items()]
    return sorted(rows, key=lambda row: (row.name != OURS, not row.reached, row.seconds or 1e9))


def _row(name: str, record: Record) -> Row:
    seconds = record.get("seconds") or []
    median = statistics.median(seconds) if seconds else None
    return Row(name, record["label"], record["status"], median, record.get("worst"), record)


def ours(work: Record) -> Row | None:
    """Counterpoint's row, where it got there."""
    return next((row for row in rows_of(work) if row.name == OURS and row.reached), None)


def best_peer(work: Record, name: str | None = None) -> Row | None:
    """The fastest peer that got there, or the one named if it did."""
    peers = [row for row in rows_of(work) if row.name != OURS and row.reached]
    return next((row for row in peers if name in (None, row.name)), None)


def nobody(work: Record) -> str:
    """Why there is no peer to compare with."""
    asked = [row for row in rows_of(work) if row.name != OURS and row.status != "not supported"]
    return "no peer gets there" if asked else "no peer was asked"


@dataclass(frozen=True)
class Comparison:
    """How many times faster Counterpoint is than a peer, against the target.

    Attributes
    ----------
    times
        None where Counterpoint did not get there.
    named
        The target names this peer; otherwise it is the fastest that gets there.
    at_least
        The peer did not get there within the limit, so ``times`` is a lower bound.
    met
        None where it can't be said.
    """

    peer: str
    named: bool
    times: float | None
    at_least: bool
    target: float | None
    met: bool | None


def comparisons(work: Record) -> list[Comparison]:
    """One a target, or one against the fastest peer where there is no target."""
    targets = work["targets"] or [{"times": None, "peer": None}]
    return [_compared(work, target["times"], target["peer"]) for target in targets]


def _compared(work: Record, target: float | None, name: str | None) -> Comparison:
    mine, peer = ours(work), best_peer(work, name)
    if mine is None or mine.seconds is None:
        return Comparison("", bool(name), None, False, target, False if target else None)
    if peer is not None and peer.seconds is not None:
        times = peer.seconds / mine.seconds
        return Comparison(peer.label, bool(name), times, False, target, target and times >= target)
    slow = [
        row
        for row in rows_of(work)
        if row.status == "over the limit" and name in (None, row.name) and row.name != OURS
    ]
    if not slow:
        return Comparison(nobody(work), bool(name), None, False, target, None)
    times = work["limit_seconds"] / mine.seconds
    label = slow[0].label if name else "no peer in the limit"
    return Comparison(
        label, bool(name), times, True, target, True if target and times >= target else None
    )


def is_contest(name: str, work: Record) -> bool:
    """A work that everyone was asked to do, with data that were there."""
    return "contestants" in work and not name.startswith("growth-")


def growths(works: dict[str, Record]) -> dict[str, list[tuple[int, Record]]]:
    """The growing works by what grows: (size, record), sizes ascending."""
    found: dict[str, list[tuple[int, Record]]] = {}
    for name, work in works.items():
        if name.startswith("growth-") and "contestants" in work:
            _, axis, size = name.split("-")
            found.setdefault(axis, []).append((int(size), work))
    return {axis: sorted(series, key=lambda pair: pair[0]) for axis, series in found.items()}


def figure(value: float) -> str:
    """Two digits, or whole numbers from a hundred up."""
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.2g}"
