"""The gradient that the code itself exposes, against central differences and against the step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from counterpoint.probes.decompose import Estimate, Track, fit
from counterpoint.probes.explaining import PLAIN, explain
from counterpoint.probes.measured import Declared, Exposed, Motion
from counterpoint.probes.subject import Array, Rows, Subject
from counterpoint.probes.tracking import Run


def compare(
    subject: Subject,
    state: object,
    point: Callable[[int], Sequence[Array]],
    batches: Sequence[Rows],
    run: Run,
    declared: Declared,
) -> tuple[Exposed, ...]:
    """Take apart the code's gradients at the points of a run; none where they can't be had there.

    Whether they are right is one question, whether the step follows them is another: only a step
    that follows a wrong gradient has its fault from there.
    """
    given = _at_points(subject, state, point, batches, run)
    subject.restore(state)
    if given is None:
        return ()
    tracks = []
    for track, own in zip(run.tracks[0], given, strict=True):
        rounding = np.full_like(own, 4.0 * subject.resolution * float(np.abs(own).max(initial=0.0)))
        tracks.append(replace(track, slope=own, slope_error=rounding))
    _, motions = explain(subject.tensors, run, tracks, declared)
    return tuple(
        _exposed(track, own, motion)
        for track, own, motion in zip(run.tracks[0], tracks, motions, strict=True)
    )


def _at_points(
    subject: Subject,
    state: object,
    point: Callable[[int], Sequence[Array]],
    batches: Sequence[Rows],
    run: Run,
) -> list[Array] | None:
    """The followed coordinates of each array's gradient, shape (steps, coordinates)."""
    if subject.gradients is None:
        return None
    found: list[list[Array]] = []
    for t, batch in enumerate(batches):
        subject.restore(state)
        subject.write(point(t))
        try:
            arrays = subject.gradients(*batch)
        except Exception:  # a stranger's code, asked for more than it was made for
            return None
        found.append([a.ravel()[pick] for a, pick in zip(arrays, run.picks, strict=True)])
        if not all(np.all(np.isfinite(part)) for part in found[-1]):
            return None
    return [np.stack(parts) for parts in zip(*found, strict=True)]


def _exposed(track: Track, own: Track, motion: Motion) -> Exposed:
    parts = fit(replace(track, moved=own.slope, rounding=own.slope_error), PLAIN)
    factor = parts.coefficients["gradient"]
    return Exposed(
        factor=factor,
        l2=_per(factor, parts.coefficients["weight"]),
        l1=_per(factor, parts.coefficients["sign"]),
        exact=parts.exact and parts.spare > 0,
        followed=motion.exact and not motion.still and motion.spare > 0,
    )


def _per(factor: Estimate, share: Estimate) -> Estimate:
    if not factor.differs_from(0.0):
        return Estimate(0.0, np.inf)
    value = share.value / factor.value
    return Estimate(value, (share.error + abs(value) * factor.error) / abs(factor.value))
