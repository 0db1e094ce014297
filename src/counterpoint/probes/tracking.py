"""Several consecutive steps of a network, with the slopes of the data loss before each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from counterpoint.probes.decompose import Track
from counterpoint.probes.differences import slopes
from counterpoint.probes.points import Indices, root_mean_square
from counterpoint.probes.subject import Array, Labels, Rows, Subject

#: Where a step starts: made anew when it is asked for, as it takes as much room as the network.
Point = Callable[[], Sequence[Array]]


@dataclass(frozen=True)
class Losses:
    """Data losses that a step may descend.

    Attributes
    ----------
    names
    values
        Their values of some rows at the parameters as they are now, in the order of ``names``.
    """

    names: tuple[str, ...]
    values: Callable[[Array, Labels], Array]


@dataclass(frozen=True)
class Run:
    """What a few steps did.

    Attributes
    ----------
    tracks
        For each loss, one track an array of parameters.
    picks
        Which coordinates of each array they follow.
    largest_move
        Of each array, the largest movement of any of its numbers.
    """

    tracks: tuple[tuple[Track, ...], ...]
    picks: tuple[Indices, ...]
    largest_move: tuple[float, ...]


def move_once(
    subject: Subject, state: object, start: Point, rows: Rows, stir: int | None = None
) -> list[Array]:
    """What one step from a saved state and a starting point adds; stirred, by other chance."""
    subject.restore(state)
    subject.write(start())
    if stir is not None:
        subject.stir(stir)
    moved = subject.copies()
    subject.step(*rows)
    # In the place of what was: each copy takes as much room as the network.
    for was, now in zip(moved, subject.read(), strict=True):
        np.subtract(now, was, out=was)
    return moved


def follow(
    subject: Subject,
    state: object,
    point: Callable[[int], Sequence[Array]],
    batches: Sequence[Rows],
    losses: Losses,
    picks: Sequence[Indices],
) -> Run:
    """Take one step a batch from a saved state, and measure the slopes before each.

    The optimiser goes on from step to step, but each step starts at a point of its own: a step
    that is far too long would else leave nothing but saturated units to look at, and where
    points follow from one another their differences are the movements.
    """
    subject.restore(state)
    records: list[list[tuple[Array, ...]]] = []
    steps: dict[int, float] = {}
    largest = np.zeros(len(subject.tensors))
    for t, batch in enumerate(batches):
        subject.write(point(t))
        record, size = _one_step(subject, batch, losses, picks, steps)
        records.append(_with_rounded_slopes(record, subject.resolution))
        largest = np.maximum(largest, size)
    n_losses = records[0][0][2].shape[0]
    tracks = tuple(
        tuple(_track([record[k] for record in records], loss) for k in range(len(picks)))
        for loss in range(n_losses)
    )
    return Run(tracks, tuple(picks), tuple(map(float, largest)))


def _one_step(
    subject: Subject,
    batch: Rows,
    losses: Losses,
    picks: Sequence[Indices],
    steps: dict[int, float],
) -> tuple[list[tuple[Array, ...]], list[float]]:
    """Movement, start, slopes, their errors and rounding by array, and the largest movements."""
    before = subject.copies()
    subject.step(*batch)
    ends, largest = list[Array](), list[float]()
    for now, was, pick in zip(subject.read(), before, picks, strict=True):
        after = np.asarray(now, dtype=np.float64)
        ends.append(after.ravel()[pick])
        largest.append(float(np.abs(after - was).max(initial=0.0)))
    subject.write(before)
    record: list[tuple[Array, ...]] = []
    for k, (pick, end) in enumerate(zip(picks, ends, strict=True)):
        value, error = slopes_of(subject, before, k, pick, batch, losses, steps)
        was = before[k].ravel()[pick]
        rounding = subject.resolution * np.maximum(np.abs(was), np.abs(end))
        record.append((end - was, was, value, error, rounding))
    return record, largest


def _with_rounded_slopes(
    record: list[tuple[Array, ...]], resolution: float
) -> list[tuple[Array, ...]]:
    """Errors of the slopes, with the rounding of the code's own, which scales with the largest."""
    rounded = 4.0 * resolution * max(float(np.abs(slope).max()) for *_, slope, _, _ in record)
    return [(m, w, slope, np.hypot(error, rounded), r) for m, w, slope, error, r in record]


def slopes_of(
    subject: Subject,
    at: Sequence[Array],
    k: int,
    pick: Indices,
    batch: Rows,
    losses: Losses,
    steps: dict[int, float],
) -> tuple[Array, Array]:
    """Slopes of each loss by the picked coordinates of array k, and their errors.

    ``steps`` remembers the step that was chosen for each array.
    """
    here = at[k].ravel()[pick]
    size = root_mean_square(at[k]) or 1.0

    def move(i: int, amount: float) -> None:
        subject.poke(k, int(pick[i]), float(here[i] + amount))

    found = slopes(lambda: losses.values(*batch), move, len(pick), size, steps.get(k))
    steps[k] = found.step
    return found.value, found.error


def _track(parts: Sequence[tuple[Array, ...]], loss: int) -> Track:
    moved, weight, slope, error, rounding = (
        np.stack([part[position] for part in parts]) for position in range(5)
    )
    return Track(moved, weight, slope[:, loss], error[:, loss], rounding)
