"""A population as a table: a row an alpha, its best seed at its best epoch and at its last."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from counterpoint.findings.words import count
from counterpoint.fit.nets.result import PopulationFit
from counterpoint.fit.nets.settings import OPTIMISERS, PENALTIES


@dataclass(frozen=True)
class Standing:
    """Validation scores of a member at one epoch; NaN where there are none."""

    epoch: int
    log_loss: float
    accuracy: float
    brier: float


@dataclass(frozen=True)
class MemberRow:
    """One alpha: its member with the least of what is chosen by.

    Attributes
    ----------
    alpha, seed, taken
    best, last : Standing
    data_loss, penalty : float
        Of the training rows, at the last epoch.
    """

    alpha: float
    seed: int
    taken: bool
    best: Standing
    last: Standing
    data_loss: float
    penalty: float


def member_rows(fit: PopulationFit) -> tuple[MemberRow, ...]:
    """Rows from the weakest to the strongest alpha."""
    rows = []
    for a in range(len(fit.alphas)):
        member = fit.best_seed(a)
        alpha, seed = fit.settings.members[member]
        last = int(fit.last_epoch[member])
        rows.append(
            MemberRow(
                alpha=alpha,
                seed=seed,
                taken=member == fit.chosen[0],
                best=_standing(fit, member, int(fit.best_epoch[member])),
                last=_standing(fit, member, last),
                data_loss=_value(fit, "train", "data_loss", last, member),
                penalty=_value(fit, "train", "penalty", last, member),
            )
        )
    return tuple(rows)


def in_short(fit: PopulationFit) -> str:
    """What was trained on what, in one line."""
    judged = 0 if fit.validation is None else len(fit.validation.last.row)
    return (
        f"{fit.network}; {count(len(fit.settings.members), 'member')} "
        f"({count(len(fit.alphas), 'alpha')}, {count(len(fit.settings.seeds), 'seed')}); "
        f"{fit.train_rows:,} rows train, {judged:,} judge; {count(fit.epochs, 'epoch')}"
    )


def facts(fit: PopulationFit) -> Mapping[str, str]:
    """Name and value of what was set."""
    settings = fit.settings
    rates = (min(settings.rates), max(settings.rates))
    judged = (
        f"{fit.judged_rows:,} of them, drawn once" if fit.judged_rows < fit.train_rows else "all"
    )
    return {
        "Network": fit.network,
        "Loss": settings.loss,
        "Penalty": f"{settings.penalty}: {PENALTIES[settings.penalty]}",
        "Optimiser": f"{settings.optimiser}: {OPTIMISERS[settings.optimiser]}",
        "Learning rate": " to ".join(f"{rate:g}" for rate in sorted(set(rates), reverse=True)),
        "Batch": f"{settings.batch:,} rows, the same for all members",
        "Training rows": f"{fit.train_rows:,}; measured on {judged}",
        "Seeds": ", ".join(map(str, settings.seeds)),
        "Seed of the order": str(settings.order_seed),
        "Precision": "double" if settings.double else "single",
    }


def _standing(fit: PopulationFit, member: int, epoch: int) -> Standing:
    names = ("log_loss", "accuracy", "brier")
    return Standing(epoch, *(_value(fit, "validation", name, epoch, member) for name in names))


def _value(fit: PopulationFit, split: str, quantity: str, epoch: int, member: int) -> float:
    if not fit.history.has(split, quantity):
        return math.nan
    return float(fit.history.curve(split, quantity)[epoch, member])
