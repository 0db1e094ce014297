"""Where the penalty is too weak to matter.

**When it appears.** At the weak end of the grid the penalty's share of the objective,
alpha·Ω(W) / (data loss + alpha·Ω(W)), stays under 1% for two or more strengths, and less than 1%
of the gain on the base rates is given up. (At the strong end the share is small again, because the
weights are.) There the objective is the data loss in all but name.

**What it does not mean.** A small share of the objective can still move the weights in directions
that the data hardly determine (nearly duplicated columns). So the finding also says how far the
weight norm moves over that range and how many held-out predictions differ between its ends.

**Separable classes.** There the data loss itself goes to zero as alpha does, and the penalty's
share does not fall: however weak, it alone decides how large the weights become. This finding
then does not appear, and *separable* does.

**What to do.** Where the weights stand still, the strengths in this range are one model, and one
of them is enough. Where they move, don't read single weights.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.findings.collapse import lost_share
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import change, log_loss_name, mean_log_loss
from counterpoint.findings.words import (
    count,
    figure,
    interval,
    percent,
    plain,
    strength,
)
from counterpoint.fit.result import SweepFit

summary = "Below some strength the penalty is a negligible share of the objective."

Array = npt.NDArray[np.float64]

#: Share of the objective, and of the gain on the base rates, under which a penalty is weak.
WEAK = 0.01
#: Relative change of the weight norm and of the log loss under which a model stands still.
STILL = 0.05


def find(fit: SweepFit) -> Finding | None:
    """Find the strengths from the weak end on whose penalty is under 1% of the objective."""
    strong = np.flatnonzero(~is_weak(fit))
    last = int(strong[0]) - 1 if strong.size else len(fit.alphas) - 1
    if last < 1 or not fit.weight_norm[0] > 0:
        return None
    moved = change(fit, 0, fit, last)
    low, high = strength(float(fit.alphas[0])), strength(float(fit.alphas[last]))
    norm = float(fit.weight_norm[0]), float(fit.weight_norm[last])
    same = moved.flips.n == moved.same and _still(fit, last)
    told = (
        "These strengths are one model: the one without a penalty."
        if same
        else "What still moves is what the training rows hardly determine: a small share of the "
        "objective is enough to move it."
    )
    flips = moved.flips
    return Finding(
        name="weak_penalty",
        level="note",
        title=f"Up to alpha {high} the penalty is under {percent(WEAK)} of the objective",
        explanation=f"From alpha {low} to {high} the objective is the data loss in all but name. "
        f"Between the two ends the weight norm goes from {figure(norm[0])} to {figure(norm[1])}, "
        f"{flips.n - moved.same} of {count(flips.n, 'held-out prediction')} change, and held-out "
        f"{log_loss_name(fit)} changes by {figure(plain(moved.log_loss.value))} "
        f"({interval(moved.log_loss)}). {told}",
        evidence={
            "alpha_low": float(fit.alphas[0]),
            "alpha_high": float(fit.alphas[last]),
            "greatest_share": plain(penalty_share(fit)[: last + 1].max()),
            "weight_norm_at_ends": list(norm),
            **moved.evidence(),
        },
        remedy="One strength in this range is enough."
        if same
        else "Don't read single weights in this range.",
    )


def penalty_share(fit: SweepFit) -> Array:
    """Penalty over objective at each alpha, (m,)."""
    return np.asarray(fit.penalty / np.maximum(fit.objective, np.finfo(np.float64).tiny))


def is_weak(fit: SweepFit) -> npt.NDArray[np.bool_]:
    """Where the penalty is under 1% of the objective and has cost under 1% of the gain, (m,).

    The second part leaves out the other end, where zero weights make the penalty small again.
    """
    return np.asarray((penalty_share(fit) < WEAK) & (lost_share(fit) < WEAK))


def _still(fit: SweepFit, last: int) -> bool:
    pairs = (fit.weight_norm[[0, last]], mean_log_loss(fit)[[0, last]])
    return all(abs(old - new) <= STILL * max(old, new) for old, new in pairs)
