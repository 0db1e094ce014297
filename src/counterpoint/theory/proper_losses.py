"""The losses whose bond with accuracy is known. Adding one is one entry here.

All are proper: the mean loss is least for the true probabilities. A loss needs two things to be
read beside an accuracy. Its `LossBounds` say what any prediction can cost, right or wrong. Its
*entropy term* φ says what a calibrated prediction p costs on average, H(p) = Σ_j φ(p_j) (the
generalised entropy of Grünwald and Dawid 2004, doi:10.1214/009053604000000553). φ is concave,
with φ(0) = 0.

A calibrated prediction is one whose outputs are the frequencies of the classes among all rows
that get these same outputs. Separate sigmoids are then a distribution too: as each row has one
class, the frequencies sum to one.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.objective.losses import LossBounds, loss_named

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ProperLoss:
    """What binds one loss to accuracy.

    Attributes
    ----------
    name, label
        The name it is asked for by, and the name for people.
    formula
        Cost of one prediction: p is a distribution over the classes, a are separate sigmoids.
    written
        Regular expression of the names that it has in logs.
    bounds
        Its values by the number of classes.
    entropy_term
        φ, of probabilities (any shape) and the number of classes.
    greatest_square
        For a loss without a ceiling: no calibrated predictor of this accuracy and number of
        classes has a greater mean square of its losses. None where there is a ceiling.
    """

    name: str
    label: str
    formula: str
    written: str
    bounds: Callable[[int], LossBounds]
    entropy_term: Callable[[Array, int], Array]
    greatest_square: Callable[[float, int], float] | None = None

    def entropy_of_equals(self, count: Array, n_classes: int) -> Array:
        """Mean cost of calibrated predictions that hold ``count`` classes equally likely."""
        return count * self.entropy_term(1.0 / count, n_classes)

    def even_guess(self, n_classes: int) -> float:
        """Mean cost of giving every class the same probability.

        Examples
        --------
        >>> round(PROPER_LOSSES["log"].even_guess(10), 4)
        2.3026
        """
        return float(self.entropy_of_equals(np.asarray(float(n_classes)), n_classes))

    def guess(self, shares: Sequence[float] | Array) -> float:
        """Mean cost of giving every row the classes' shares: the best constant guess.

        Examples
        --------
        >>> round(PROPER_LOSSES["brier"].guess([0.6, 0.4]), 4)
        0.48
        """
        share = np.asarray(shares, dtype=np.float64)
        return math.fsum(self.entropy_term(share, len(share)))


def _x_log_x(x: Array) -> Array:
    return x * np.log(np.where(x > 0, x, 1.0))


def _log_bounds(n_classes: int) -> LossBounds:
    return loss_named("log", n_classes).bounds(n_classes)


#: Where the line from (1, 0) touches the curve p (ln p)²: the root of ln p = 2p - 2 below 1.
_TOUCH = 0.20318786997997992


def _square_of_log(accuracy: float, n_classes: int) -> float:
    """Bound on E[(ln p_y)²] = E[Σ_j p_j (ln p_j)²] of a calibrated predictor.

    The least concave function above p (ln p)² is that curve up to `_TOUCH` and a line from there to
    (1, 0). Jensen's inequality for it, over predictions and over the classes that are not on top,
    needs only how much probability is on top: the accuracy.
    """

    def majorant(p: float) -> float:
        on_curve = min(p, _TOUCH)
        height = on_curve * math.log(on_curve) ** 2 if p > 0 else 0.0
        return height * (1.0 if p <= _TOUCH else (1.0 - p) / (1.0 - _TOUCH))

    others = n_classes - 1
    return majorant(accuracy) + others * majorant((1.0 - accuracy) / others)


def _square_of_bce(accuracy: float, n_classes: int) -> float:
    """Bound on the mean square of a calibrated predictor's sum of binary cross-entropies.

    At most one class, the top one, has p > 1/2, and where it is not the true one its
    -ln(1 - p) <= -ln p_y. The others cost at most 2 ln 2 each p, together 2 ln 2 (1 - p_top) or,
    where no class has 1/2, 2 ln 2: a mean square of (2 ln 2)² min(1, 2e) at most. So with
    Minkowski's inequality, twice the log loss and that.
    """
    rest = 2.0 * math.log(2.0) * math.sqrt(min(1.0, 2.0 * (1.0 - accuracy)))
    return (2.0 * math.sqrt(_square_of_log(accuracy, n_classes)) + rest) ** 2


def _brier_bounds(n_classes: int) -> LossBounds:
    # Wrong: some other class has at least p_y, and the cost is least at 1/2 and 1/2. Right: no
    # other has more than p_y, so Σ p_j² <= p_y and the cost 1 - 2 p_y + Σ p_j² is at most 1 - p_y.
    even = 1.0 - 1.0 / n_classes
    return LossBounds(
        minimum=0.0, maximum=2.0, uniform_guess=even, wrong_least=0.5, right_greatest=even
    )


def _squared_bounds(n_classes: int) -> LossBounds:
    whole = _brier_bounds(n_classes)
    return LossBounds(
        minimum=0.0,
        maximum=whole.maximum / n_classes,
        uniform_guess=whole.uniform_guess / n_classes,
        wrong_least=whole.wrong_least / n_classes,
        right_greatest=whole.right_greatest / n_classes,
    )


def _quadratic_bounds(n_classes: int) -> LossBounds:
    # Wrong: a_y <= a_k for some k, cheapest at 1/2 and 1/2. Right: a_j <= a_y = a for all j costs
    # at most (1 - a)²/2 + (K - 1) a²/2, which is convex in a and so greatest at a = 0 or 1.
    return LossBounds(
        minimum=0.0,
        maximum=n_classes / 2.0,
        uniform_guess=n_classes / 8.0,
        wrong_least=0.25,
        right_greatest=(n_classes - 1) / 2.0,
    )


def _bce_bounds(n_classes: int) -> LossBounds:
    # Wrong: -ln a_y - ln(1 - a_k) with a_y <= a_k is least at 1/2 and 1/2. Right has no ceiling:
    # all outputs may be near 1 together.
    return LossBounds(
        minimum=0.0,
        maximum=math.inf,
        uniform_guess=n_classes * math.log(2.0),
        wrong_least=2.0 * math.log(2.0),
        right_greatest=math.inf,
    )


_ALL = (
    ProperLoss(
        name="log",
        label="log loss",
        formula="-ln p_y",
        written="log|nll|xent|cross|likelihood",
        bounds=_log_bounds,
        entropy_term=lambda p, _: -_x_log_x(p),
        greatest_square=_square_of_log,
    ),
    ProperLoss(
        name="brier",
        label="Brier score",
        formula="sum_j (p_j - 1[j = y])^2",
        written="brier",
        bounds=_brier_bounds,
        entropy_term=lambda p, _: p * (1.0 - p),
    ),
    ProperLoss(
        name="squared",
        label="mean squared error over one-hot outputs",
        formula="(1/K) sum_j (p_j - 1[j = y])^2",
        written="mse|squared",
        bounds=_squared_bounds,
        entropy_term=lambda p, n_classes: p * (1.0 - p) / n_classes,
    ),
    ProperLoss(
        name="bce",
        label="binary cross-entropy summed over K sigmoids",
        formula="-ln a_y - sum_(j != y) ln(1 - a_j)",
        written="bce|binary.?cross",
        bounds=_bce_bounds,
        entropy_term=lambda p, _: -_x_log_x(p) - _x_log_x(1.0 - p),
        greatest_square=_square_of_bce,
    ),
    ProperLoss(
        name="quadratic",
        label="quadratic cost of K sigmoids",
        formula="(1/2) sum_j (a_j - 1[j = y])^2",
        written="quadratic",
        bounds=_quadratic_bounds,
        entropy_term=lambda p, _: p * (1.0 - p) / 2.0,
    ),
)

PROPER_LOSSES: Mapping[str, ProperLoss] = MappingProxyType({loss.name: loss for loss in _ALL})
"""Every loss that can be read beside an accuracy, by name."""


def proper_loss_named(name: str) -> ProperLoss:
    """The loss of that name.

    Raises
    ------
    InputError
        If none has it.

    Examples
    --------
    >>> proper_loss_named("quadratic").bounds(10).maximum
    5.0
    """
    if name not in PROPER_LOSSES:
        near = difflib.get_close_matches(str(name).lower(), PROPER_LOSSES, n=1)
        hint = f" (nearest: {near[0]})" if near else ""
        raise InputError(
            f"loss {name!r} can't be read beside an accuracy{hint}; "
            f"choose one of {', '.join(PROPER_LOSSES)}."
        )
    return PROPER_LOSSES[name]
