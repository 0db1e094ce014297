"""Fits whose distance to the optimum could not be certified to the tolerance.

**When it appears.** Each fit carries a proven bound on how far its objective lies above the
least possible one, its *gap*. The finding appears where that gap, as a share of the objective,
exceeds the tolerance that was asked for, in the reported fit or in any fold that judges it.

**What it means.** With an L2 part the objective bends by at least alpha·(1 − l1_ratio) in every
weight, so the weights lie within √(2·gap / (alpha·(1 − l1_ratio))) of the optimum's. Relative to
their norm, that bound says how much of the weights is settled. Without an L2 part no such bound
exists; the gap then bounds the objective alone.

**What to do.** Don't read differences between these strengths as the penalty's doing. Scale the
columns, drop the weakest strengths, or allow a larger tolerance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.findings.chosen import choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, listing, percent, plain, strength
from counterpoint.fit.result import SweepFit

summary = "Some fits did not reach the tolerance that was asked for."

Array = npt.NDArray[np.float64]


def find(fit: SweepFit) -> Finding | None:
    """Name the strengths whose fits are not certified."""
    bad = np.flatnonzero(~fit.converged)
    if not bad.size:
        return None
    gaps = worst_gap(fit)
    worst = int(bad[np.argmax(np.nan_to_num(gaps[bad], nan=np.inf))])
    names = [strength(float(a)) for a in fit.alphas[bad]]
    bound = weight_error(fit)
    explanation = (
        f"At alpha {listing(names)} the reported fit or one of its folds did not reach the "
        f"tolerance of {figure(fit.tol)}. The worst is alpha {strength(float(fit.alphas[worst]))}, "
        f"where the objective may lie above its least value by up to "
        f"{figure(float(gaps[worst]))} of itself."
    )
    if np.isfinite(bound[worst]):
        explanation += (
            f" The weights of the reported fit there may be off by up to "
            f"{percent(float(bound[worst]))} of their norm."
        )
    chosen = choose(fit).recommended
    explanation += (
        f" The recommended alpha {strength(chosen.alpha)} is "
        f"{'among them' if chosen.index in bad else 'not among them'}."
    )
    return Finding(
        name="unsettled",
        level="problem",
        title=f"{count(bad.size, 'strength')} of {len(fit.alphas)} not solved to the tolerance",
        explanation=explanation,
        evidence={
            "alphas": [float(a) for a in fit.alphas[bad]],
            "relative_gap": [plain(g) for g in gaps[bad]],
            "relative_weight_error": [plain(e) for e in bound[bad]],
            "tol": fit.tol,
        },
        remedy="Don't compare these strengths with others. Standardise the columns, leave out "
        "the weakest strengths, or ask for a larger tol.",
        doubt="The gap is a bound: the true distance may be far smaller. A fit with more "
        "iterations would tell.",
    )


def worst_gap(fit: SweepFit) -> Array:
    """Largest certified relative gap among the reported fit and its folds, (m,)."""
    return np.asarray(np.maximum(fit.relative_gap, fit.fold_relative_gap.max(axis=1, initial=0.0)))


def weight_error(fit: SweepFit) -> Array:
    """Bound on the reported weights' distance to the optimum, as a share of their norm, (m,).

    Infinite without an L2 part, or where all weights are zero.
    """
    bend = fit.alphas * (1.0 - fit.l1_ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = np.sqrt(2.0 * fit.gap / bend) / fit.weight_norm
    return np.where((bend > 0) & (fit.weight_norm > 0), bound, np.inf)
