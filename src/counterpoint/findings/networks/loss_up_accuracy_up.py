"""Validation log loss rises for epochs while accuracy does not fall: over-confidence grows.

**When it appears.** A member's validation log loss is least at some epoch and higher at its last,
by more than 5% and by more than the paired 95% interval over the validation rows, while its
accuracy is not lower by more than its own paired interval. The chosen alpha's member is judged
first, else the one with the largest rise.

**Why.** Training goes on to raise the margins of rows that are right already. Predictions keep
their order, so accuracy stands or rises, while each row that is wrong is wrong with more
conviction and costs more. This is not the over-fitting that lowers accuracy. How much of the rise
is *scale* (the best multiplier of all raw scores would undo it) and how much *direction* is told
apart.

**What to do.** Take the weights of the epoch with the least log loss, or divide the raw scores by
the factor named; penalise more. If accuracy is all that matters, nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import Change, change
from counterpoint.findings.networks.as_sweep import as_sweep
from counterpoint.findings.words import (
    count,
    figure,
    interval,
    p_value,
    percent,
    plain,
    share,
    strength,
)
from counterpoint.fit.nets.result import PopulationFit
from counterpoint.scores import ScaleDirection, split_change

summary = "Validation log loss rises over the epochs while accuracy does not fall."

#: Relative rise of log loss that counts.
ROSE = 0.05


@dataclass(frozen=True)
class _Rise:
    """What happens to a member from its best epoch to its last."""

    member: int
    moved: Change
    split: ScaleDirection

    @property
    def grows_surer(self) -> bool:
        """Loss up, accuracy not shown to fall, and raw scores too large at the end."""
        loss_up = self.moved.log_loss.low > 0
        return bool(loss_up and self.moved.accuracy.high >= 0 and self.split.after.factor < 1)


def find(fit: PopulationFit) -> Finding | None:
    """Find the member whose loss rose most while its accuracy did not fall."""
    if fit.validation is None or not fit.history.has("validation", "log_loss"):
        return None
    with np.errstate(invalid="ignore"):
        rise = fit.validation.last.log_loss.mean(axis=1) / fit.score - 1.0
    chosen, _ = fit.chosen
    for member in [chosen, *np.argsort(-np.nan_to_num(rise, nan=-1.0))]:
        if rise[member] > ROSE:
            found = _rise(fit, int(member))
            if found.grows_surer:
                return _finding(fit, found)
    return None


def _rise(fit: PopulationFit, member: int) -> _Rise:
    alpha, seed = fit.settings.members[member]
    before, after = as_sweep(fit, seed, "best"), as_sweep(fit, seed, "last")
    assert before is not None
    assert after is not None
    i, j = (int(np.flatnonzero(sweep.alphas == alpha)[0]) for sweep in (before, after))
    held = before.held_out
    split = split_change(held.raw[i], after.held_out.raw[j], held.label_index, held.weight)
    return _Rise(member, change(before, i, after, j), split)


def _finding(fit: PopulationFit, rise: _Rise) -> Finding:
    member, moved = rise.member, rise.moved
    alpha, seed = fit.settings.members[member]
    first, last = int(fit.best_epoch[member]), int(fit.last_epoch[member])
    curves = {
        name: fit.history.curve("validation", name)[: last + 1, member]
        for name in ("log_loss", "brier", "accuracy")
    }
    turned = {name: int(np.nanargmin(curves[name])) for name in ("log_loss", "brier")}
    start, end = (figure(plain(curves["log_loss"][e])) for e in (first, last))
    which = f"alpha {strength(alpha)}" + (f", seed {seed}" if len(fit.settings.seeds) > 1 else "")
    factor = plain(rise.split.after.factor)
    return Finding(
        name="loss_up_accuracy_up",
        level="caution",
        title=f"From epoch {first} to {last} log loss rises from {start} to {end} while accuracy "
        f"{_accuracy(moved)} ({which})",
        explanation=f"Validation log loss is least after epoch {turned['log_loss']}, the Brier "
        f"score after epoch {turned['brier']}. Up to epoch {last} log loss rises by "
        f"{figure(plain(moved.log_loss.value))} ({interval(moved.log_loss)}, paired), while "
        f"accuracy goes from {share(float(curves['accuracy'][first]))} to "
        f"{share(float(curves['accuracy'][last]))}: {count(moved.flips.b, 'row')} went from wrong "
        f"to right and {moved.flips.c} from right to wrong (McNemar {p_value(moved.p)}). The "
        "network grows surer of what it says, and the rows it gets wrong cost ever more. "
        f"{_parts(rise.split)}",
        evidence={
            "alpha": alpha,
            "seed": seed,
            "epoch_of_least_log_loss": turned["log_loss"],
            "epoch_of_least_brier": turned["brier"],
            "last_epoch": last,
            **moved.evidence(),
            "best_factor_at_end": factor,
        },
        remedy=f"Take the weights of epoch {turned['log_loss']} (kept as 'best') or a stronger "
        f"penalty; or multiply the last raw scores by {figure(factor)}, which changes no "
        "prediction.",
        doubt="The epoch was picked by its log loss, which makes the rise a little too large.",
    )


def _accuracy(moved: Change) -> str:
    if moved.accuracy.low > 0:
        return "rises"
    return "does not fall" if moved.accuracy.value >= 0 else "is not shown to fall"


def _parts(split: ScaleDirection) -> str:
    """The rise as scale, which the best multiplier of all raw scores undoes, and direction."""
    if split.scale > 0 and split.direction > 0:
        parts = percent(split.scale / split.total), percent(split.direction / split.total)
    else:
        parts = figure(plain(split.scale)), figure(plain(split.direction))
    return (
        f"Of the rise {parts[0]} is scale, which one multiplier of all raw scores would undo, and "
        f"{parts[1]} direction."
    )
