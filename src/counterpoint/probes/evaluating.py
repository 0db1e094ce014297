"""What evaluating does beside giving a number, and whether its numbers go together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from counterpoint.probes.measured import Evaluation
from counterpoint.probes.points import draw_rows, probe_point
from counterpoint.probes.subject import Array, Rows, Subject

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
    if subject.accuracy is not None:
        subject.accuracy(*some)
    moves = tuple(
        tensor.name
        for tensor, was, now in zip(subject.tensors, before, subject.read(), strict=True)
        if not np.array_equal(was, now)
    ) + tuple(
        name for name, now in subject.buffers().items() if not np.array_equal(held[name], now)
    )
    subject.write(before)
    accuracy, accuracy_of_outputs = _least_alike(subject, own, rows, rng)
    size = max(abs(costs[0]), np.finfo(np.float64).tiny)
    return Evaluation(
        spread=float((max(costs) - min(costs)) / size),
        moves=moves,
        accuracy=accuracy,
        accuracy_of_outputs=accuracy_of_outputs,
    )


def _least_alike(
    subject: Subject, own: Sequence[Array], rows: Rows, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Reported accuracy, and that of the outputs, where they differ most.

    On few rows of several classes two accuracies that have nothing to do with each other may well
    be equal; not so at several points in turn.
    """
    if subject.accuracy is None or subject.outputs is None:
        return None, None
    pairs = []
    for _ in range(TIMES):
        subject.write(probe_point(subject, own, rng))
        X, y = draw_rows(rows, ROWS, rng)
        outputs = subject.outputs(X)
        if outputs.shape[1] == 1:
            return None, None
        truth = float(np.mean(outputs.argmax(axis=1) == y))
        given = subject.accuracy(X, y)
        # A share, a percentage or a count of right ones: the user means one of them.
        meant = (given, given / 100.0, given / len(y))
        pairs.append((min(meant, key=lambda value: abs(value - truth)), truth))
    return max(pairs, key=lambda pair: abs(pair[0] - pair[1]))
