"""A linear model tells the classes apart without one mistake on the training rows.

**When it appears.** At some alpha the label's raw score leads the greatest other by a positive
margin on every training row. That is a proof: the fit itself is the separating model. Nothing is
claimed where no fit separates, as a fit with a penalty may fail to separate what can be separated.

**What it means.** Without a penalty the log loss has no minimum then: growing all weights lowers
it for ever, and they run to infinity like log(1/alpha) as alpha goes to zero (Soudry and others
2018, arXiv:1710.10345, for the direction they take). However weak, the penalty decides how large
the weights are, so "almost no penalty" is not close to any limit.

**What to do.** Keep a penalty, chosen on held-out rows. Don't read the size of unpenalised weights,
or their standard errors.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, plain, strength
from counterpoint.fit.result import SweepFit

summary = "The training rows can be told apart without a mistake."

#: Margins below this are rounding.
ROUNDING = 1e-9


def find(fit: SweepFit) -> Finding | None:
    """Find the strengths whose fit separates the classes, and how the weights grow there."""
    separating = np.flatnonzero(fit.train_margin > ROUNDING)
    if not separating.size:
        return None
    strongest = int(separating[-1])
    alpha = strength(float(fit.alphas[strongest]))
    growth = _growth(fit, strongest)
    told = (
        f"The fit at alpha {alpha} gives every training row its own class, with a lead of at "
        f"least {figure(float(fit.train_margin[strongest]))} in raw score."
    )
    if fit.loss == "log":
        told += (
            " Without a penalty the log loss then has no minimum: larger weights always lower it, "
            "and the penalty alone decides how large they get."
        )
    if growth is not None:
        told += (
            f" The weight norm goes from {figure(float(fit.weight_norm[strongest]))} there to "
            f"{figure(float(fit.weight_norm[0]))} at {strength(float(fit.alphas[0]))}; towards "
            f"the weak end it gains {figure(growth)} a decade."
        )
    return Finding(
        name="separable",
        level="caution" if fit.loss == "log" else "note",
        title="The classes are linearly separable on the training rows",
        explanation=told,
        evidence={
            "alpha_strongest": float(fit.alphas[strongest]),
            "alphas": [float(a) for a in fit.alphas[separating]],
            "margin": [plain(v) for v in fit.train_margin[separating]],
            "weight_norm": [plain(v) for v in fit.weight_norm[separating]],
            "norm_growth_per_decade": plain(growth) if growth is not None else None,
        },
        remedy="Keep a penalty and choose it on held-out rows; don't read the size of weights at "
        "weak strengths."
        if fit.loss == "log"
        else "",
    )


def _growth(fit: SweepFit, strongest: int) -> float | None:
    """Weight norm gained for each decade of weaker alpha, over the last two decades that separate.

    Where the weights follow log(1/alpha) this is a constant.
    """
    decades = np.log10(fit.alphas / fit.alphas[0])
    reach = np.flatnonzero(decades[: strongest + 1] <= 2.0 + 1e-9)
    last = int(reach[-1])
    if last == 0:
        return None
    return float((fit.weight_norm[0] - fit.weight_norm[last]) / decades[last])
