"""The best strength lies at an end of the grid.

**When it appears.** The least held-out log loss is at the weakest or the strongest alpha of a
grid of two or more. A minimum at the edge shows no turn: the best strength may lie beyond it.

Two cases are only notes, because nothing more is to be had beyond the edge. At the weak end, where
the penalty is weak (see *weak_penalty*) and the last step moves the log loss by under 1% or by less
than its paired 95% interval, the fit is the one without a penalty. At the strong end, where 95% of
the gain on the base rates is given up (see *collapse*), the fit is the base rates. A grid on which
nothing is learned anywhere is left to *collapse*.

**What to do.** Widen the grid at that end by three decades.
"""

from __future__ import annotations

from counterpoint.findings.chosen import Choice, choose
from counterpoint.findings.collapse import COMPLETE, lost_share, never_learns
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import Change, change, differs, log_loss_name
from counterpoint.findings.weak_penalty import is_weak
from counterpoint.findings.words import figure, plain, plain_estimate, strength
from counterpoint.fit.result import SweepFit

summary = "The best strength is at an end of the grid."

FURTHER = 1e3


def find(fit: SweepFit) -> Finding | None:
    """Say at which end, and how far to go on."""
    choice = choose(fit)
    if choice.at_edge is None or never_learns(fit):
        return None
    index, alpha = choice.best.index, choice.best.alpha
    neighbour = 1 if index == 0 else index - 1
    step = change(fit, neighbour, fit, index)
    evidence: dict[str, object] = {
        "edge": choice.at_edge,
        "alpha": alpha,
        "neighbour": float(fit.alphas[neighbour]),
        "log_loss_change_from_neighbour": plain_estimate(step.log_loss),
    }
    told = (
        f"Held-out {log_loss_name(fit)} is least at the {choice.at_edge}est alpha of the grid, "
        f"{strength(alpha)}: {figure(choice.best.log_loss)}, a change of "
        f"{figure(plain(step.log_loss.value))} from its neighbour "
        f"{strength(float(fit.alphas[neighbour]))}."
    )
    settled = _settled(fit, choice, step)
    if settled:
        title, why = settled
        return Finding("grid_edge", "note", title, f"{told} {why}", evidence)
    beyond = alpha / FURTHER if choice.at_edge == "weak" else alpha * FURTHER
    return Finding(
        name="grid_edge",
        level="caution",
        title=f"The best strength is at the {choice.at_edge} end of the grid",
        explanation=f"{told} It may go on falling beyond.",
        evidence=evidence | {"widen_to": beyond},
        remedy=f"Widen the grid to alpha {strength(beyond)}.",
        doubt="A minimum at the edge is no minimum yet: only a wider grid shows where it is.",
    )


def _settled(fit: SweepFit, choice: Choice, step: Change) -> tuple[str, str] | None:
    """Title and reason where nothing more is to be had beyond the edge."""
    index = choice.best.index
    if choice.at_edge == "strong":
        if lost_share(fit)[index] < COMPLETE:
            return None
        return (
            "The strongest penalty is the best: what was learned does not hold",
            "The model there is all but the base rates, so a stronger penalty would leave it as it "
            "is.",
        )
    moved = plain(step.log_loss.value)
    small = moved is not None and abs(moved) <= 0.01 * (choice.best.log_loss or 0.0)
    if is_weak(fit)[index] and (small or not differs(step.log_loss)):
        return (
            "Weaker penalties than these can't be told apart",
            "The penalty is under 1% of the objective there, so a still weaker one would leave the "
            "fit all but as it is.",
        )
    return None
