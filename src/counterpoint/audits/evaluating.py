"""What evaluating does beside giving a number, and whether its numbers go together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from counterpoint.audits.measured import Evaluation
from counterpoint.audits.probing import draw_rows, probe_point
from counterpoint.audits.subject import Array, Rows, Subject

#: Rows of an evaluation, and how often it is repeated.
ROWS, TIMES = 61, 3


def evaluate(
    subject: Subject, own: Sequence[Array], rows: Rows, rng: np.random.Generator
) -> Evaluation:
    """Evaluate the same rows several times, and set the accuracy against the outputs."""
    some = draw_rows(rows, ROWS, rng)
    subject.write(probe_point(subject, own, rng))
    before, held = subject.copies(), subject.buffers()
    costs = [subject.cost(*some) for _ in range(TIMES)] if subject.cost else [0.0]
    shown = [subject.accuracy(*some) for _ in range(TIMES)] if subject.accuracy else []
    moves = tuple(
        tensor.name
        for tensor, was, now in zip(subject.tensors, before, subject.copies(), strict=True)
        if not np.array_equal(was, now)
    ) + tuple(
        name for name, now in subject.buffers().items() if not np.array_equal(held[name], now)
    )
    subject.write(before)
    size = max(abs(costs[0]), np.finfo(np.float64).tiny)
    return Evaluation(
        spread=float((max(costs) - min(costs)) / size),
        moves=moves,
        accuracy=_as_share(shown[0], len(some[1])) if shown else None,
        accuracy_of_outputs=_of_outputs(subject, some),
    )


def _as_share(value: float, n_rows: int) -> float:
    """A count of right ones as a share."""
    return value / n_rows if value > 1.0 and value == int(value) else value


def _of_outputs(subject: Subject, rows: Rows) -> float | None:
    if subject.outputs is None:
        return None
    X, y = rows
    outputs = subject.outputs(X)
    if outputs.shape[1] == 1:
        return None
    return float(np.mean(outputs.argmax(axis=1) == y))
