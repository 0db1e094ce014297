"""Short runs that any working training passes: one small batch can be learned by heart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from counterpoint.probes.measured import Declared, Sanity
from counterpoint.probes.points import draw_rows
from counterpoint.probes.subject import Array, Rows, Subject
from counterpoint.probes.tracking import Losses
from counterpoint.theory.proper_losses import PROPER_LOSSES

#: Rows of the small batch, steps on it, and runs.
ROWS, STEPS, RUNS = 8, 60, 2


def sanity_runs(
    subject: Subject,
    state: object,
    own: Sequence[Array],
    rows: Rows,
    loss: Losses,
    declared: Declared,
    rng: np.random.Generator,
) -> Sanity:
    """Data loss at the start, and of a small batch before and after steps on it alone."""
    before, after = [], []
    for _ in range(RUNS):
        few = draw_rows(rows, ROWS, rng)
        subject.restore(state)
        before.append(float(loss.values(*few)[0]))
        for _ in range(STEPS):
            subject.step(*few)
        after.append(float(loss.values(*few)[0]))
    subject.restore(state)
    known = PROPER_LOSSES.get(loss.names[0])
    return Sanity(
        first_loss=float(loss.values(*draw_rows(rows, 100, rng))[0]),
        uniform_loss=known.bounds(max(declared.n_outputs, 2)).uniform_guess if known else None,
        before=tuple(before),
        after=tuple(after),
        steps=STEPS,
    )
