"""What loss and accuracy allow each other: written down anew, to judge Counterpoint by.

Any predictor: a wrong prediction costs at least ln 2 (cross-entropy), 1/2 (Brier), 1/4 (half the
squared error of sigmoids), 2 ln 2 (sum of binary cross-entropies). Calibrated predictors: Fano's
inequality above, Feder and Merhav 1994 (doi 10.1109/18.272494) below; for the Brier score Cover and
Hart 1967.
"""

from __future__ import annotations

import math

COST_OF_WRONG = {"log": math.log(2), "brier": 0.5, "quadratic": 0.25, "bce": 2 * math.log(2)}

#: The greatest cost of a right prediction: all classes alike; outputs of 0, or of 1.
COST_OF_RIGHT = {"brier": lambda k: 1 - 1 / k, "quadratic": lambda k: max(1, k - 1) / 2}


def ceiling(loss: str, classes: int) -> float:
    """The greatest mean loss there can be."""
    return {"brier": 2.0, "quadratic": classes / 2}.get(loss, math.inf)


def impossible_by(loss: str, classes: int, value: float, accuracy: float | None) -> float:
    """How far beyond the possible a pair is, as a ratio: at most 1 where it is possible."""
    beyond = value / ceiling(loss, classes)
    if accuracy is not None and loss in COST_OF_RIGHT:
        right = COST_OF_RIGHT[loss](classes)
        beyond = value / (accuracy * right + (1 - accuracy) * ceiling(loss, classes))
    if value < 0:
        return math.inf
    if accuracy is not None and value > 0:
        beyond = max(beyond, (1 - accuracy) * COST_OF_WRONG[loss] / value)
    elif accuracy is not None and accuracy < 1:
        beyond = math.inf
    return beyond


def calibrated_band(loss: str, classes: int, error: float) -> tuple[float, float]:
    """Least and greatest mean loss of a calibrated model with this share of errors."""
    e = min(max(error, 0.0), 1 - 1 / classes)
    if loss == "brier":
        return e, 2 * e - e * e * classes / (classes - 1)
    if loss != "log":
        return 0.0, math.inf
    entropy = -sum(p * math.log(p) for p in (e, 1 - e) if p > 0)
    k = min(int(1 / (1 - e) + 1e-12), classes - 1)
    least = math.log(k) + k * (k + 1) * math.log((k + 1) / k) * (e - (k - 1) / k)
    return max(least, 0.0), entropy + e * math.log(classes - 1)
