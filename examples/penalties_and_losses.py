"""Do L1 and L2 act the same with other losses? Three losses and three penalties side by side.

Breast cancer data: 569 rows, 30 features, two classes. Every pair of a loss and a penalty is
fitted on the same rows, folds and strengths. Run it: python examples/penalties_and_losses.py
"""

from __future__ import annotations

from textwrap import fill

import numpy as np
from sklearn.datasets import load_breast_cancer

import counterpoint as cp

LOSSES = ["log", "squared", "squared_hinge"]
PENALTIES = ["l2", "l1", "elasticnet"]
NAMES = {"l2": "L2", "l1": "L1", "elasticnet": "Elastic net, half of each,"}
#: Three strengths a decade, so that ten and a hundred times a strength are on the grid too.
PER_DECADE = 3
ALPHAS = np.geomspace(1e-6, 1e2, 8 * PER_DECADE + 1)


def main() -> None:
    """Print the table, what each penalty does, and the findings on all of them together."""
    X, y = load_breast_cancer(return_X_y=True)
    result = cp.sweep_all(X, y, LOSSES, PENALTIES, alphas=ALPHAS, scale="standard")
    print(f"Breast cancer: {len(y)} rows, {X.shape[1]} features, 5 folds, {len(ALPHAS)} strengths")
    print_table(result.sweeps)
    for penalty in PENALTIES:
        print(f"{fill(in_words(penalty, result.sweeps), 96)}\n")
    print(result.explain())


def print_table(sweeps: tuple[cp.Sweep, ...]) -> None:
    """One line a pair, at the strength with the least held-out log loss and beyond."""
    print("                            least log loss (held out)     weights kept at     norm left")
    print("loss           penalty      alpha  log loss  accuracy     x1   x10  x100       at x10")
    for sweep in sweeps:
        best = sweep.choice.best
        kept, norm = beyond(sweep)
        print(
            f"{sweep.fit.loss:14} {sweep.fit.penalty_name:10} {best.alpha:7.1e}"
            f"  {best.log_loss:8.3f}  {best.accuracy:8.3f}"
            f"  {kept[0]:5} {kept[1]:5} {kept[2]:5}  {norm[1] / norm[0]:11.0%}"
        )
    print("Log loss of squared and squared_hinge is taken after calibration on the other folds.\n")


def beyond(sweep: cp.Sweep) -> tuple[list[int], list[float]]:
    """Weights kept and their norm at the best strength, and at ten and a hundred times it."""
    places = sweep.choice.best.index + PER_DECADE * np.arange(3)
    return sweep.fit.nonzero[places].tolist(), sweep.fit.weight_norm[places].tolist()


def in_words(penalty: str, sweeps: tuple[cp.Sweep, ...]) -> str:
    """What a penalty does to sparsity and weight size under cross-entropy and squared error."""
    under = {s.fit.loss: s for s in sweeps if s.fit.penalty_name == penalty}
    log, squared = under["log"], under["squared"]
    total = log.fit.coef.shape[-1]
    (log_kept, log_norm), (squared_kept, squared_norm) = beyond(log), beyond(squared)
    if log.fit.l1_ratio:
        zeros = (
            f"sets weights to exactly zero under both losses: of {total} it keeps {log_kept[0]} "
            f"under cross-entropy and {squared_kept[0]} under squared error where log loss is "
            f"least, {log_kept[2]} and {squared_kept[2]} at a hundred times that strength"
        )
    else:
        zeros = (
            f"sets no weight to zero under either loss: all {total} stay at every strength tried"
        )
    sizes = (
        f"ten times the strength leaves {log_norm[1] / log_norm[0]:.0%} of the weight norm under "
        f"cross-entropy and {squared_norm[1] / squared_norm[0]:.0%} under squared error"
    )
    weak = (
        f"from there down to alpha {ALPHAS[0]:.0e} the norm grows {growth(log):.0f}-fold under "
        f"cross-entropy, which always gains by surer scores on separable rows, and "
        f"{growth(squared):.1f}-fold under squared error, which has an optimum without a penalty"
    )
    return f"{NAMES[penalty]} {zeros}. As to size, {sizes}; {weak}."


def growth(sweep: cp.Sweep) -> float:
    """How many times larger the weights are at the weakest strength than at the best."""
    return float(sweep.fit.weight_norm[0] / sweep.fit.weight_norm[sweep.choice.best.index])


if __name__ == "__main__":
    main()
