"""Loss and accuracy of a linear model over two of its parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from counterpoint.objective import Loss
from counterpoint.theory.excess import Least
from counterpoint.theory.zero_one import ZeroOne, least_zero_one

Array = npt.NDArray[np.float64]

#: Values of each parameter on the grid, and on the curve along it.
GRID, CURVE = 41, 201
#: Raw scores computed at once.
AT_ONCE = 4_000_000
#: Accuracies closer than this are one: sums of weights are rounded.
EQUAL = 1e-12
#: Share of an offset that counts as its own, beyond what the two parameters could do.
ROUNDING = 1e-10
#: Typical raw scores between which a ray's best length is looked for.
FACTORS = (1e-3, 1e6)


@dataclass(frozen=True, eq=False)
class Plane:
    """Raw scores as a function of two parameters: a·u + b·v + offset, row by row.

    Attributes
    ----------
    names : (str, str)
        Of the two parameters.
    u, v, offset : array (n,)
        What each is multiplied by, and what the other parameters add.
    target : array (n,) of -1 and +1
    weight : array (n,)
        Summing to one.
    """

    names: tuple[str, str]
    u: Array
    v: Array
    offset: Array
    target: Array
    weight: Array

    def measure(self, loss: Loss, a: Array, b: Array) -> tuple[Array, Array]:
        """Loss and accuracy at parameters (k,) and (k,): two arrays (k,).

        A row on the boundary counts as wrong.
        """
        mean, accuracy = np.empty(len(a)), np.empty(len(a))
        step = max(1, AT_ONCE // len(self.u))
        for start in range(0, len(a), step):
            part = slice(start, start + step)
            z = a[part, None] * self.u + b[part, None] * self.v + self.offset
            mean[part] = loss.value(z[:, None, :], self.target) @ self.weight
            accuracy[part] = np.minimum((self.target * z > 0.0) @ self.weight, 1.0)
        return mean, accuracy


@dataclass(frozen=True)
class PlanePoint:
    """Two parameters, and the model's loss and accuracy there."""

    a: float
    b: float
    loss: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Curve:
    """Loss and accuracy along one parameter, the other held where the loss is least.

    Attributes
    ----------
    name : str
    value, loss, accuracy : array (k,)
    least : float
        The parameter where the loss is least.
    """

    name: str
    value: Array
    loss: Array
    accuracy: Array
    least: float


@dataclass(frozen=True, eq=False)
class Grid:
    """Loss and accuracy at every pair of two parameters.

    Attributes
    ----------
    a, b : array (GRID,)
    loss, accuracy : array (GRID, GRID)
        Rows by a, columns by b.
    """

    a: Array
    b: Array
    loss: Array
    accuracy: Array


@dataclass(frozen=True, eq=False)
class Surface:
    """Loss and accuracy over a grid of two parameters, and where each is best.

    Attributes
    ----------
    names : (str, str)
    grid : Grid
    surrogate : PlanePoint
        Where the loss is least.
    exact : PlanePoint
        Where the 0-1 loss is least; of all scalings that predict the same, the one of least loss.
    lower_bound : float
        Proven: no point of the plane has a lower 0-1 loss.
    curves : (Curve, Curve)
    whole : ZeroOne
        The best linear classifier with every parameter free; with one feature it has all the best
        cuts.
    any_rule : Least
        What no rule whatever could undercut on these rows.
    n : int
        Rows.
    rows : float
        Rows of equal weight that would tell as much (Kish).
    weighted : bool
        Whether rows weigh differently.
    classes : (str, str)
        The second is the one predicted where the raw score is positive.
    loss_name, loss_label : str
    alpha : float
        Strength of the surrogate's penalty.
    loss_gap : float
        Certified distance of the surrogate's objective to its minimum.
    """

    names: tuple[str, str]
    grid: Grid
    surrogate: PlanePoint
    exact: PlanePoint
    lower_bound: float
    curves: tuple[Curve, Curve]
    whole: ZeroOne
    any_rule: Least
    n: int
    rows: float
    weighted: bool
    classes: tuple[str, str]
    loss_name: str
    loss_label: str
    alpha: float
    loss_gap: float

    @property
    def proven(self) -> bool:
        """Whether no point of the plane has fewer errors than ``exact``."""
        return self.lower_bound >= 1.0 - self.exact.accuracy - EQUAL

    @property
    def standard_error(self) -> float:
        """Standard error of an accuracy as good as the surrogate's on so many rows."""
        return math.sqrt(self.surrogate.accuracy * (1.0 - self.surrogate.accuracy) / self.rows)

    @property
    def distance(self) -> float:
        """From the surrogate's minimiser to the exact one, in the plane."""
        return float(np.hypot(self.surrogate.a - self.exact.a, self.surrogate.b - self.exact.b))


def point_at(plane: Plane, loss: Loss, a: float, b: float) -> PlanePoint:
    """A point of the plane with what it scores."""
    mean, accuracy = plane.measure(loss, np.array([a]), np.array([b]))
    return PlanePoint(a, b, float(mean[0]), float(accuracy[0]))


def exact_point(
    plane: Plane, loss: Loss, surrogate: PlanePoint, time_limit: float
) -> tuple[PlanePoint, float]:
    """Where in the plane the 0-1 loss is least, and a proven lower bound for it.

    That is the surrogate's minimiser, if nothing is more accurate. Without an offset all points of
    a ray predict the same: the one of least loss is taken.
    """
    axes = np.stack([plane.u, plane.v], axis=1)
    # What of the offset the two parameters could do themselves only shifts them.
    shift = np.asarray(np.linalg.lstsq(axes, plane.offset, rcond=None)[0], dtype=np.float64)
    rest = plane.offset - axes @ shift
    if np.abs(rest).max() <= ROUNDING * np.abs(plane.offset).max(initial=0.0):
        found = least_zero_one(axes, plane.target, plane.weight, time_limit)
        found_at = found.w * _best_length(plane, loss, found.w, shift) - shift
    else:
        columns = np.column_stack([axes, plane.offset])
        found = least_zero_one(columns, plane.target, plane.weight, time_limit, positive=2)
        # A search without time may not even have come to a positive weight of the offset.
        found_at = found.w[:2] / found.w[2] if found.w[2] > 0.0 else np.zeros(2)
    best = point_at(plane, loss, float(found_at[0]), float(found_at[1]))
    equal = best.accuracy <= surrogate.accuracy + EQUAL
    return surrogate if equal else best, found.lower_bound


def _best_length(plane: Plane, loss: Loss, w: Array, shift: Array) -> float:
    """Factor of w with the least loss."""

    def loss_at(log_factor: float) -> float:
        a, b = np.exp(log_factor) * w - shift
        return point_at(plane, loss, float(a), float(b)).loss

    unit = float(np.abs(plane.u * w[0] + plane.v * w[1]) @ plane.weight) or 1.0
    ends = (math.log(FACTORS[0] / unit), math.log(FACTORS[1] / unit))
    found = minimize_scalar(loss_at, bounds=ends, method="bounded")
    return float(np.exp(found.x))


def survey(
    plane: Plane, loss: Loss, surrogate: PlanePoint, exact: PlanePoint
) -> tuple[Grid, Curve, Curve]:
    """Loss and accuracy on a grid around both minimisers, and along both axes of it."""
    z = plane.target * (surrogate.a * plane.u + surrogate.b * plane.v + plane.offset)
    typical = float(np.abs(z) @ plane.weight) or 1.0
    ends = [
        _around(here, there, 0.5 * typical / (float(np.abs(axis) @ plane.weight) or 1.0))
        for here, there, axis in (
            (surrogate.a, exact.a, plane.u),
            (surrogate.b, exact.b, plane.v),
        )
    ]
    a, b = (np.linspace(*end, GRID) for end in ends)
    mean, accuracy = plane.measure(loss, np.repeat(a, GRID), np.tile(b, GRID))
    grid = Grid(a, b, mean.reshape(GRID, GRID), accuracy.reshape(GRID, GRID))
    fine_a, fine_b = (
        np.sort(np.append(np.linspace(*end, CURVE), at))
        for end, at in zip(ends, (surrogate.a, surrogate.b), strict=True)
    )
    first = plane.measure(loss, fine_a, np.full(len(fine_a), surrogate.b))
    second = plane.measure(loss, np.full(len(fine_b), surrogate.a), fine_b)
    return (
        grid,
        Curve(plane.names[0], fine_a, *first, surrogate.a),
        Curve(plane.names[1], fine_b, *second, surrogate.b),
    )


def _around(here: float, there: float, span: float) -> tuple[float, float]:
    """Ends of a range around two points, with room to both sides."""
    low, high = min(here, there), max(here, there)
    margin = max(span, 0.6 * (high - low))
    return low - margin, high + margin
