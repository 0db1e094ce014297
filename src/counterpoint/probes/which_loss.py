"""Which data loss a step is held against, and which others it may descend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from counterpoint.probes.losses import DATA_LOSSES
from counterpoint.probes.measured import COST, EVALUATED, Declared, Reported
from counterpoint.probes.reporting import losses_of
from counterpoint.probes.subject import Array, Labels, Subject
from counterpoint.probes.tracking import Losses


def known_loss(
    subject: Subject, reported: Reported | None, declared: Declared, possible: Sequence[str]
) -> tuple[Losses, ...] | None:
    """The loss that is declared, or that the reported cost is made of, and groups of others.

    None where nobody says which it is. A network that shows neither outputs nor data loss has its
    reported cost alone.
    """
    if not possible:
        return (_cost(subject),)
    found = _family(declared, reported, possible)
    if found is None:
        return None
    family, factor = found
    meant = _of_outputs(subject, (family,), factor)
    others = _of_outputs(subject, tuple(name for name in possible if name != family), 1.0)
    if not subject.has_modes:
        return meant, others
    # By itself: outputs in training mode may move the means that evaluation uses.
    evaluated = _of_outputs(subject.evaluating(), (family,), factor)
    return meant, others, Losses((EVALUATED,), evaluated.values)


def every_loss(subject: Subject, possible: Sequence[str]) -> Losses:
    """All that the step may descend: losses of the outputs first, then the reported cost itself."""
    losses = _of_outputs(subject, tuple(possible), 1.0)
    return losses if subject.cost is None else _both(losses, _cost(subject))


def by_name(subject: Subject, name: str) -> Losses:
    """One loss by its name."""
    return _cost(subject) if name == COST else _of_outputs(subject, (name,), 1.0)


def _family(
    declared: Declared, reported: Reported | None, possible: Sequence[str]
) -> tuple[str, float] | None:
    if tuple(possible) == ("own",):
        return "own", 1.0
    for name, loss in DATA_LOSSES.items():
        multiples = loss.multiples(declared.n_outputs)
        if declared.loss in (name, *multiples) and name in possible:
            return name, multiples.get(declared.loss, next(iter(multiples.values())))
    if reported is not None and reported.known:
        return reported.loss, reported.unit
    return None


def _cost(subject: Subject) -> Losses:
    cost = subject.cost
    assert cost is not None
    return Losses((COST,), lambda X, y: np.array([cost(X, y)]))


def _of_outputs(subject: Subject, names: tuple[str, ...], factor: float) -> Losses:
    def values(X: Array, y: Labels) -> Array:
        found = losses_of(subject, (X, y), names)
        return factor * np.array([found[name] for name in names])

    return Losses(names, values)


def _both(first: Losses, second: Losses) -> Losses:
    return Losses(
        (*first.names, *second.names),
        lambda X, y: np.concatenate([first.values(X, y), second.values(X, y)]),
    )
