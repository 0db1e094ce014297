"""The registry of penalties. Adding one is one class and one line in `PENALTIES`.

Every penalty here is l1_ratio ||W||_1 + (1 - l1_ratio)/2 ||W||_F^2: separable over weights, and
convex. Intercepts are never penalised.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Penalty:
    """Cost of the weights, l1_ratio ||W||_1 + (1 - l1_ratio)/2 ||W||_F^2.

    Parameters
    ----------
    l1_ratio
        Share of the L1 part, in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> Penalty(l1_ratio=0.5).value(np.array([3.0, -4.0]))
    array(9.75)
    """

    l1_ratio: float
    name: ClassVar[str]
    label: ClassVar[str]

    @property
    def l2_ratio(self) -> float:
        """Weight of half the squared norm: 1 - l1_ratio."""
        return 1.0 - self.l1_ratio

    def value(self, weights: Array, axes: tuple[int, ...] | None = None) -> Array:
        """Penalty summed over ``axes`` (all of them by default)."""
        absolute = np.abs(weights).sum(axis=axes) if self.l1_ratio else 0.0
        squares = (weights**2).sum(axis=axes) if self.l2_ratio else 0.0
        return np.asarray(self.l1_ratio * absolute + 0.5 * self.l2_ratio * squares)

    def fenchel_gap(
        self, weights: Array, dual: Array, alpha: Array | float, axes: tuple[int, ...] | None = None
    ) -> Array:
        """alpha penalty(w) + conjugate(dual) - <w, dual>, summed over ``axes``.

        Never negative; zero where ``dual`` is a subgradient of alpha * penalty at w. The
        conjugate is (|dual| - alpha l1_ratio)_+^2 / (2 alpha l2_ratio); without an L2 part it is
        infinite where |dual| exceeds alpha.

        Parameters
        ----------
        weights, dual
            Same shape.
        alpha
            Strength, broadcastable to them.
        """
        l1 = alpha * self.l1_ratio
        l2 = alpha * self.l2_ratio
        excess = np.maximum(np.abs(dual) - l1, 0.0)
        if self.l1_ratio == 0.0:
            # One square, so that it cannot cancel: (alpha w - dual)^2 / (2 alpha).
            return np.asarray(((l2 * weights - dual) ** 2 / (2.0 * l2)).sum(axis=axes))
        # |w| l1 - w dual + excess^2/(2 l2) + l2 w^2/2, arranged as two terms that are each >= 0.
        hold = np.abs(weights) * (l1 + excess) - weights * dual
        if self.l2_ratio == 0.0:
            rest = np.where(excess > 0.0, math.inf, 0.0)
        else:
            rest = (l2 * np.abs(weights) - excess) ** 2 / (2.0 * l2)
        return np.asarray((np.maximum(hold, 0.0) + rest).sum(axis=axes))


class L2(Penalty):
    """Half the squared Euclidean norm of the weights."""

    name = "l2"
    label = "L2"


class L1(Penalty):
    """The sum of the weights' absolute values."""

    name = "l1"
    label = "L1"


class ElasticNet(Penalty):
    """A mix of both, set by l1_ratio."""

    name = "elasticnet"
    label = "elastic net"


#: Name → (class, its fixed l1_ratio or None where the user sets it).
PENALTIES: dict[str, tuple[type[Penalty], float | None]] = {
    "l2": (L2, 0.0),
    "l1": (L1, 1.0),
    "elasticnet": (ElasticNet, None),
}


def penalty_named(name: str, l1_ratio: float = 0.5) -> Penalty:
    """The penalty of that name; ``l1_ratio`` counts for the elastic net alone.

    Raises
    ------
    InputError
        If no penalty has that name, or ``l1_ratio`` is not in [0, 1].

    Examples
    --------
    >>> penalty_named("elasticnet", l1_ratio=0.2).l1_ratio
    0.2
    """
    if name not in PENALTIES:
        near = difflib.get_close_matches(str(name).lower(), PENALTIES, n=1)
        hint = f" (nearest: {near[0]})" if near else ""
        raise InputError(
            f"penalty {name!r} is not known{hint}; choose one of {', '.join(PENALTIES)}."
        )
    kind, fixed = PENALTIES[name]
    if fixed is not None:
        return kind(fixed)
    if not 0.0 <= l1_ratio <= 1.0:
        raise InputError(
            f"l1_ratio is {l1_ratio!r}; it must lie between 0 (all L2) and 1 (all L1)."
        )
    return kind(float(l1_ratio))
