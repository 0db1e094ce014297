"""All measurements of one network, in order."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from counterpoint.probes.evaluating import evaluate
from counterpoint.probes.measured import Declared, Measured, Reported
from counterpoint.probes.points import SAMPLED, draw_rows, probe_point
from counterpoint.probes.reporting import candidate_losses, take_apart
from counterpoint.probes.sanity import sanity_runs
from counterpoint.probes.sitting import STEPS, likeliest, sit
from counterpoint.probes.subject import Array, Rows, Subject
from counterpoint.probes.which_loss import by_name, every_loss, known_loss

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
    reported = _reported(subject, own, rows, declared, rng)
    # At its first parameters, often zeros, raw scores can't be told from probabilities.
    subject.write(probe_point(subject, own, rng))
    possible = candidate_losses(subject, draw_rows(rows, 5, rng))
    losses = known_loss(subject, reported, declared, possible)
    guessed = losses is None
    if losses is None:
        every = every_loss(subject, possible)
        losses = (by_name(subject, likeliest(subject, state, own, rows, every, declared, rng)),)
    loss, *others = losses
    sittings = tuple(
        sit(subject, state, own, rows, loss, others, declared, rng) for _ in range(SITTINGS)
    )
    subject.restore(state)
    evaluation = evaluate(subject.evaluating(), own, rows, rng)
    subject.restore(state)
    sanity = sanity_runs(subject, state, own, rows, loss, declared, rng)
    subject.restore(state)
    return Measured(
        tensors=subject.tensors,
        declared=declared if declared.loss else replace(declared, loss=loss.names[0]),
        guessed=guessed,
        sittings=sittings,
        reported=reported,
        evaluation=evaluation,
        sanity=sanity,
        sampled=sum(min(SAMPLED, int(np.prod(t.shape))) for t in subject.tensors)
        * STEPS
        * SITTINGS,
        parameters=sum(int(np.prod(t.shape)) for t in subject.tensors),
        exposes=subject.gradients is not None,
    )


def _reported(
    subject: Subject,
    own: Sequence[Array],
    rows: Rows,
    declared: Declared,
    rng: np.random.Generator,
) -> Reported | None:
    """The reported cost taken apart: in evaluation mode if that will do, else in training mode."""
    found = take_apart(subject.evaluating(), own, rows, declared.loss, rng)
    if found is None or found.known or not subject.has_modes:
        return found
    in_training = take_apart(subject, own, rows, declared.loss, rng)
    assert in_training is not None
    return replace(in_training, in_training=True) if in_training.known else found
