"""All measurements of one network, in order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from counterpoint.probes.evaluating import evaluate
from counterpoint.probes.losses import DATA_LOSSES
from counterpoint.probes.measured import Declared, Measured, Reported
from counterpoint.probes.points import SAMPLED, draw_rows
from counterpoint.probes.reporting import candidate_losses, take_apart
from counterpoint.probes.sanity import sanity_runs
from counterpoint.probes.sitting import STEPS, sit
from counterpoint.probes.subject import Array, Labels, Rows, Subject

#: Independent measurements: what the first suspects, the second has to confirm.
SITTINGS = 2


def measure(subject: Subject, rows: Rows, declared: Declared, seed: int) -> Measured:
    """Take the reported cost apart, follow the step from two points, and run the sanity checks.

    The subject is left as it was found.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # At points that nobody chose a stranger's code may overflow: findings say what matters.
        warnings.simplefilter("ignore")
        return _measured(subject, rows, declared, np.random.default_rng(seed))


def _measured(
    subject: Subject, rows: Rows, declared: Declared, rng: np.random.Generator
) -> Measured:
    state, own = subject.save(), subject.copies()
    reported = take_apart(subject, own, rows, declared.loss, rng)
    names, losses = _losses(subject, reported, declared, draw_rows(rows, 5, rng))
    sittings = tuple(
        sit(subject, state, own, rows, losses, names, declared, rng) for _ in range(SITTINGS)
    )
    subject.restore(state)
    evaluation = evaluate(subject, own, rows, rng)
    subject.restore(state)
    sanity = sanity_runs(subject, state, own, rows, losses, names[0], declared, rng)
    subject.restore(state)
    return Measured(
        tensors=subject.tensors,
        declared=declared if declared.loss else replace(declared, loss=names[0]),
        sittings=sittings,
        reported=reported,
        evaluation=evaluation,
        sanity=sanity,
        sampled=sum(min(SAMPLED, int(np.prod(t.shape))) for t in subject.tensors)
        * STEPS
        * SITTINGS,
        parameters=sum(int(np.prod(t.shape)) for t in subject.tensors),
    )


def _losses(
    subject: Subject, reported: Reported | None, declared: Declared, few: Rows
) -> tuple[Sequence[str], Callable[[Array, Labels], Array]]:
    """The data loss that the step is held against, first, and the others that it may descend."""
    if subject.data_loss is None and subject.outputs is None:
        cost = subject.cost
        assert cost is not None
        return ["cost"], lambda X, y: np.array([cost(X, y)])
    possible = list(candidate_losses(subject, few))
    family, factor = _family(declared, reported, possible)
    names = [family, *(name for name in possible if name != family)]
    factors = np.array([factor, *([1.0] * (len(names) - 1))])

    def losses(X: Array, y: Labels) -> Array:
        found = candidate_losses(subject, (X, y))
        values = np.array([found.get(name, np.nan) for name in names])
        return np.asarray(factors * values)

    return names, losses


def _family(
    declared: Declared, reported: Reported | None, possible: Sequence[str]
) -> tuple[str, float]:
    for name, loss in DATA_LOSSES.items():
        multiples = loss.multiples(declared.n_outputs)
        if declared.loss in (name, *multiples) and name in possible:
            return name, multiples.get(declared.loss, next(iter(multiples.values())))
    if reported is not None and reported.known:
        return reported.loss, reported.unit
    return possible[0], 1.0
