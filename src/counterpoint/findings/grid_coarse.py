"""The grid has too few strengths to choose from, or spans too little.

**When it appears.** The grid holds a single alpha; or it spans less than two decades; or both
neighbours of the best alpha (of two alphas, the other one) have a held-out log loss more than one
standard error above it. In the last case the least log loss may be in between, and lower. A best
alpha at an end of the grid is left to *grid_edge*.

**What to do.** Set nine strengths between the neighbours of the best, or widen the grid by two
decades at both ends.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.chosen import Choice, choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import log_loss_name, mean_log_loss
from counterpoint.findings.words import count, figure, listing, plain, strength
from counterpoint.fit.result import SweepFit

summary = "The grid is too coarse or too narrow to choose from."

NARROW = 2.0


def find(fit: SweepFit) -> Finding | None:
    """Say what the grid can't show, and which one would."""
    alphas = fit.alphas
    if len(alphas) == 1:
        return _finding(
            fit,
            title="One strength only: nothing was chosen",
            explanation=f"The sweep holds alpha {strength(float(alphas[0]))} alone, so nothing "
            "says whether a weaker or a stronger penalty would do better.",
            low=float(alphas[0]) / 100,
            high=float(alphas[0]) * 100,
        )
    choice = choose(fit)
    steep = _steep_neighbours(fit, choice)
    if steep:
        low, high = float(alphas[steep[0]]), float(alphas[steep[-1]])
        low, high = min(low, choice.alpha), max(high, choice.alpha)
        losses = mean_log_loss(fit)
        sides = listing([f"{figure(losses[i])} at {strength(float(alphas[i]))}" for i in steep])
        return _finding(
            fit,
            title="The grid is coarse around its best strength",
            explanation=f"Held-out {log_loss_name(fit)} is {figure(choice.best.log_loss)} at alpha "
            f"{strength(choice.alpha)} against {sides}: more than one standard error "
            f"({figure(choice.standard_error)}) higher. The least may lie in between.",
            low=low,
            high=high,
        )
    decades = float(np.log10(alphas[-1] / alphas[0]))
    if decades < NARROW - 1e-9:
        return _finding(
            fit,
            title="The grid is narrow",
            explanation=f"The {count(len(alphas), 'strength')} span {figure(decades)} decades, "
            f"from {strength(float(alphas[0]))} to {strength(float(alphas[-1]))}. The scores of a "
            "classifier often change over many decades.",
            low=float(alphas[0]) / 100,
            high=float(alphas[-1]) * 100,
        )
    return None


def _steep_neighbours(fit: SweepFit, choice: Choice) -> list[int]:
    """The neighbours of the best, if every one is more than one standard error worse."""
    best, losses = choice.best.index, mean_log_loss(fit)
    if choice.at_edge is not None and len(losses) > 2:
        return []
    beside = [i for i in (best - 1, best + 1) if 0 <= i < len(losses)]
    limit = losses[best] + (choice.standard_error or np.inf)
    return beside if all(losses[i] > limit for i in beside) else []


def _finding(fit: SweepFit, title: str, explanation: str, low: float, high: float) -> Finding:
    return Finding(
        name="grid_coarse",
        level="caution",
        title=title,
        explanation=explanation,
        evidence={
            "strengths": len(fit.alphas),
            "decades": float(np.log10(fit.alphas[-1] / fit.alphas[0])),
            "log_loss": [plain(value) for value in mean_log_loss(fit)],
            "suggested_low": low,
            "suggested_high": high,
            "suggested_count": 9,
        },
        remedy=f"Sweep 9 strengths from {strength(low)} to {strength(high)} "
        f"(alphas {strength(low)}:{strength(high)}:9).",
    )
