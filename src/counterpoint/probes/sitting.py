"""One independent measurement of the training step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from counterpoint.probes.decompose import WITHIN, Estimate
from counterpoint.probes.explaining import count_known, explain
from counterpoint.probes.exposed import compare
from counterpoint.probes.forms import form_of
from counterpoint.probes.measured import Declared, Motion, Sitting
from counterpoint.probes.points import choose_coordinates, draw_rows, probe_point
from counterpoint.probes.subject import Array, Rows, Subject, Tensor
from counterpoint.probes.tracking import Losses, Point, Run, follow, move_once

#: Steps that are followed; the first gives the movement that momentum repeats.
STEPS = 4


def sit(
    subject: Subject,
    state: object,
    own: Sequence[Array],
    rows: Rows,
    loss: Losses,
    others: Sequence[Losses],
    declared: Declared,
    rng: np.random.Generator,
) -> Sitting:
    """Take a few steps from a point of its own, and say what moves each array.

    ``loss`` is the one that the network is said to have, ``others`` are those that it may descend.
    """
    point, batches = _walk(subject, own, rows, declared, rng)
    start = partial(point, 0)
    subject.restore(state)
    subject.write(start())
    before = loss.values(*batches[0])[0]
    trial = move_once(subject, state, start, batches[0])
    picks = [choose_coordinates(moved, rng) for moved in trial]
    usual = [moved.ravel()[pick] for moved, pick in zip(trial, picks, strict=True)]
    del trial
    subject.write(start())
    carried = abs(loss.values(*batches[0])[0] - before) / max(abs(before), 1e-300)
    run = follow(subject, state, point, batches, loss, picks)
    model, motions = explain(subject.tensors, run, run.tracks[0], declared)
    other = ""
    for group in others:
        if group.names and not other and not all(m.exact for m in motions):
            beside = follow(subject, state, point, batches, group, picks)
            other = _other_loss(subject.tensors, beside, group.names, declared)
    if not other:
        motions = tuple(
            m if m.exact or m.still else _with_form(m, subject, state, start, rows, loss, rng)
            for m in motions
        )
    X, y = batches[0]
    # Where there is no slope, an adaptive step is the sign of rounding.
    sloping = [np.abs(t.slope[0]) > WITHIN * t.slope_error[0] for t in run.tracks[0]]
    exposed = compare(subject, state, point, batches, run, declared)
    again = partial(move_once, subject, state, start, rows=(X, y))
    # Backwards no row stays first or last, and no label stays behind the row that it followed.
    subject.restore(state)
    return Sitting(
        motions=motions,
        model=model,
        other_loss=other,
        descent=_descent(subject, state, start, batches[0], loss, motions),
        order=_apart(again(rows=(X[::-1].copy(), y[::-1].copy())), usual, run, sloping),
        chance=_apart(again(stir=int(rng.integers(1, 2**31))), usual, run, [...] * len(usual)),
        carried=float(carried),
        labels=_apart(again(rows=(X, (y + 1) % max(declared.n_outputs, 2))), usual, run, sloping),
        exposed=exposed,
    )


def _walk(
    subject: Subject, own: Sequence[Array], rows: Rows, declared: Declared, rng: np.random.Generator
) -> tuple[Callable[[int], list[Array]], list[Rows]]:
    """The points of some steps, and their mini-batches."""
    # Points are made again when they are needed: each takes as much room as the network.
    seeds = rng.integers(2**63, size=STEPS)

    def point(t: int) -> list[Array]:
        return probe_point(subject, own, np.random.default_rng(seeds[t]))

    return point, [draw_rows(rows, declared.n_batch, rng) for _ in range(STEPS)]


def likeliest(
    subject: Subject,
    state: object,
    own: Sequence[Array],
    rows: Rows,
    losses: Losses,
    declared: Declared,
    rng: np.random.Generator,
) -> str:
    """Name of the loss whose slopes explain most arrays of a few steps; the first of several."""
    point, batches = _walk(subject, own, rows, declared, rng)
    trial = move_once(subject, state, partial(point, 0), batches[0])
    picks = [choose_coordinates(moved, rng) for moved in trial]
    run = follow(subject, state, point, batches, losses, picks)
    explained = [
        count_known(explain(subject.tensors, run, tracks, declared)[1]) for tracks in run.tracks
    ]
    return losses.names[explained.index(max(explained))]


def _other_loss(
    tensors: Sequence[Tensor], run: Run, names: Sequence[str], declared: Declared
) -> str:
    for name, tracks in zip(names, run.tracks, strict=True):
        _, motions = explain(tensors, run, tracks, declared)
        if all(m.exact for m in motions) and all(m.rate.value > 0 for m in motions if m.known):
            return name
    return ""


def _with_form(
    motion: Motion,
    subject: Subject,
    state: object,
    start: Point,
    rows: Rows,
    loss: Losses,
    rng: np.random.Generator,
) -> Motion:
    k = subject.tensors.index(motion.tensor)
    form, factors = form_of(subject, state, start, rows, loss, k, rng)
    return replace(motion, form=form, unit_factors=factors)


def _descent(
    subject: Subject,
    state: object,
    start: Point,
    batch: Rows,
    loss: Losses,
    motions: Sequence[Motion],
) -> Estimate:
    """Derivative along the first movement, by its length: of the data loss and the step's penalty.

    A strong penalty may raise the data loss and yet lower the objective, so the penalty counts with
    the strength that was recovered from the step, where there is one.
    """
    move = move_once(subject, state, start, batch)
    length = float(np.sqrt(sum(float((m**2).sum()) for m in move)))
    subject.restore(state)
    if length == 0.0:
        return Estimate(0.0, np.inf)
    size = float(np.sqrt(sum(float((s**2).sum()) for s in start())))

    def along(t: float) -> float:
        at = start()
        for place, moved in zip(at, move, strict=True):
            place += t / length * moved
        subject.write(at)
        return float(loss.values(*batch)[0])

    values = []
    for share in (1e-3, 5e-4):
        h = share * size
        values.append((along(h) - along(-h)) / (2.0 * h))
    wide, near = values
    penalty = sum(
        float(m.l2.value * np.vdot(w, moved) + m.l1.value * np.vdot(np.sign(w), moved)) / length
        for m, w, moved in zip(motions, start(), move, strict=True)
        if m.known
    )
    return Estimate((4.0 * near - wide) / 3.0 + penalty, abs(near - wide))


def _apart(moved: Sequence[Array], usual: Sequence[Array], run: Run, among: Sequence[Any]) -> float:
    """Share by which a movement differs from the usual one of the picks, among some of these."""
    gap = size = 0.0
    for pick, chosen, one, other in zip(run.picks, among, moved, usual, strict=True):
        a, b = one.ravel()[pick][chosen], other[chosen]
        gap += float(((a - b) ** 2).sum())
        size += float((b**2).sum())
    return float(np.sqrt(gap / size)) if size > 0 else float("nan")
