"""At weak strengths an ordinary tolerance, not the penalty, makes the result.

**What it says.** A solver that stops once no entry of the gradient exceeds t may stop at the
optimum of a stronger alpha. At the optimum W′ of alpha′ the gradient of the objective for a weaker
alpha is

    (alpha − alpha′) · (l1_ratio·s + (1 − l1_ratio)·W′),   s a subgradient of ‖W′‖₁,

because the data loss has the same gradient in both; intercepts are not penalised, so theirs is
zero. No entry exceeds (alpha′ − alpha)·(l1_ratio + (1 − l1_ratio)·max|W′|). Where that is at most
t, the solver may return W′ in all good faith, for every alpha below alpha′. The early stop acts
as a hidden penalty.

**When it appears.** With t = 1e-4, scikit-learn's default for its lbfgs solver, such an alpha′
lies above the weakest of the grid, and held-out scores differ between the two: the mean of the
fitted loss by more than 5% and by more than its paired 95% interval. The same is worked out for
1e-6 and 1e-8. The gradient is that of the reported fit, the scores are those of its folds, whose
gradients are much the same.

**What to do.** The fits here carry a certificate; compare a certified distance, not a setting. Read
other programs' results in this range as the tolerance's.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import change, differs, mean_log_loss, mean_own_loss
from counterpoint.findings.unsettled import weight_error, worst_gap
from counterpoint.findings.words import count, figure, loss_word, percent, plain, strength
from counterpoint.fit.result import SweepFit

summary = "At weak strengths a solver's tolerance acts as a hidden penalty."

#: The first is scikit-learn's default for LogisticRegression (``tol`` of its lbfgs).
TOLERANCES = (1e-4, 1e-6, 1e-8)
MOVED = 0.05


def find(fit: SweepFit) -> Finding | None:
    """Find the strengths that a solver of ordinary tolerance can't tell apart."""
    hidden = indistinct(fit, TOLERANCES[0])
    own = mean_own_loss(fit)
    if hidden == 0 or not np.isfinite(own[[0, hidden]]).all():
        return None
    moved = change(fit, 0, fit, hidden)
    enough = abs(own[0] - own[hidden]) > MOVED * max(own[0], own[hidden])
    if not (enough and differs(moved.own_loss)):
        return None
    weak, strong = strength(float(fit.alphas[0])), strength(float(fit.alphas[hidden]))
    different = moved.flips.n - moved.same
    return Finding(
        name="solver_tolerance",
        level="caution",
        title=f"Below alpha {strong} a solver's tolerance can pass for the penalty",
        explanation=f"At the optimum for alpha {strong} no entry of the gradient for alpha {weak} "
        f"exceeds {figure(_gradient(fit, hidden))}. A solver that stops at 1e-4, {_whose(fit)}, "
        "may return that model for any weaker alpha and report success: held-out "
        f"{loss_word(fit)} {figure(float(own[hidden]))} instead of the {figure(float(own[0]))} "
        f"that alpha {weak} really has, with {different} of "
        f"{count(moved.flips.n, 'prediction')} different. {_others(fit)}{_ours(fit)}",
        evidence={
            "tolerances": [_row(fit, tolerance) for tolerance in TOLERANCES],
            "relative_gap_at_weakest": plain(worst_gap(fit)[0]),
            "relative_weight_error_at_weakest": plain(weight_error(fit)[0]),
            **moved.evidence(),
        },
        remedy=f"Don't compare programs below alpha {strong} unless each proves how far its fit "
        "is from the optimum. Better: don't go there.",
        doubt="What another solver returns depends on its path and its other stopping rules: this "
        "shows what its tolerance allows, not what it did.",
    )


def indistinct(fit: SweepFit, tolerance: float) -> int:
    """Index of the strongest alpha whose optimum passes for the weakest's at that tolerance."""
    passes = [i for i in range(len(fit.alphas)) if _gradient(fit, i) <= tolerance]
    return passes[-1]


def _gradient(fit: SweepFit, index: int) -> float:
    """Bound on the gradient's entries for the weakest alpha at the optimum of another."""
    slope = fit.l1_ratio + (1.0 - fit.l1_ratio) * fit.greatest_weight[index]
    return float((fit.alphas[index] - fit.alphas[0]) * slope)


def _row(fit: SweepFit, tolerance: float) -> dict[str, float | None]:
    index = indistinct(fit, tolerance)
    losses, own = mean_log_loss(fit), mean_own_loss(fit)
    return {
        "tolerance": tolerance,
        "alpha": float(fit.alphas[index]),
        "greatest_gradient": _gradient(fit, index),
        "log_loss_at_weakest": plain(losses[0]),
        "log_loss_at_alpha": plain(losses[index]),
        "fitted_loss_at_weakest": plain(own[0]),
        "fitted_loss_at_alpha": plain(own[index]),
    }


def _whose(fit: SweepFit) -> str:
    if fit.loss == "log" and fit.l1_ratio == 0:
        return "the default of scikit-learn's LogisticRegression"
    return "an ordinary setting"


def _others(fit: SweepFit) -> str:
    parts = []
    for tolerance in TOLERANCES[1:]:
        index = indistinct(fit, tolerance)
        if index:
            loss = figure(float(mean_own_loss(fit)[index]))
            parts.append(
                f"{strength(tolerance)}: {loss} (alpha {strength(float(fit.alphas[index]))})"
            )
    return f"Tighter tolerances allow: {', '.join(parts)}. " if parts else ""


def _ours(fit: SweepFit) -> str:
    gap = f"Here the objective at the weakest alpha is proven to within {figure(worst_gap(fit)[0])}"
    bound = float(weight_error(fit)[0])
    if not np.isfinite(bound):
        return f"{gap} of itself."
    return f"{gap} of itself, and the weights to within {percent(bound)} of their norm."
