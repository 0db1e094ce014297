"""Newton's step on the support of a model that is known by its columns.

With the signs of the weights held the model is a quadratic, which preconditioned conjugate
gradients minimise: an iteration reads the support's columns twice. Coordinate descent takes
hundreds of sweeps to the same where columns are correlated.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import linalg

from counterpoint.fit.proximal.column_model import ColumnModel
from counterpoint.fit.quadratic import least_on_the_way
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Weights of an output whose Hessian the preconditioner factors as one block.
BLOCK = 500
#: Steps on a support that loses weights at each.
STEPS = 4
#: Iterations that a step may take.
ITERATIONS = 200
#: Curvature, as a share of what the weights have one by one, from which a direction counts as flat.
FLAT = 1e-9


def newton_steps(model: ColumnModel, x: Array, slope: Array, goal: float) -> tuple[Array, Array]:
    """Go to about the minimum on the support of x with its signs; returns it and its slope.

    Weights that would change their sign are set to zero, and the others follow: were the step cut
    short where the first of them comes to zero, the support would lose one a step.

    Parameters
    ----------
    slope : array (places,)
        Gradient of the smooth part at x.
    goal
        Slope that may be left on the support.
    """
    support = model.support(x)
    first = _move_on(model, support, x, slope, goal)
    move, there, slope_there = first, x, slope
    for count in range(STEPS):
        if count:
            move = _move_on(model, support, there, slope_there, goal)
        reached = there[support] + move
        crossing = (reached * there[support] < 0) & (model.threshold[support] > 0)
        reached[crossing] = 0.0
        there = there.copy()
        there[support] = reached
        slope_there = model.slope_at(there)
        if not crossing.any():
            break
        support = support[~crossing]
    if model.value(there, slope_there) < model.value(x, slope):
        return there, slope_there
    support = model.support(x)
    fall = float(-(slope + model.threshold * np.sign(x))[support] @ first)
    length, at_zero = least_on_the_way(x[support], first, fall, model.threshold[support])
    there = x.copy()
    there[support] += length * first
    if at_zero >= 0:
        there[support[at_zero]] = 0.0
    return there, model.slope_at(there)


def _move_on(model: ColumnModel, support: Index, x: Array, slope: Array, goal: float) -> Array:
    """From x to the minimum on the support with the signs of x, by conjugate gradients.

    Preconditioned with each output's own part of the Hessian: what ties the outputs together is
    left to the iterations, a third of those that the diagonal alone would take.
    """
    solve = _solver(model, support)
    left = -(slope + model.threshold * np.sign(x))[support]
    move, ahead = np.zeros_like(left), solve(left)
    along, fall = ahead, float(left @ ahead)
    for _ in range(ITERATIONS):
        if not np.abs(left).max(initial=0.0) > goal:
            break
        curved = model.product(support, along)
        bend = float(along @ curved)
        # Softmax does not see a shift of a column in all outputs: signs decide how far it goes.
        if not bend > FLAT * float(model.curvature[support] @ along**2):
            break
        move += (fall / bend) * along
        left -= (fall / bend) * curved
        ahead = solve(left)
        before, fall = fall, float(left @ ahead)
        along = ahead + (fall / before) * along
    return move


def _solver(model: ColumnModel, support: Index) -> Callable[[Array], Array]:
    """Solve with blocks of bounded size along the Hessian's diagonal, each of one output."""
    ends = np.searchsorted(model.output[support], np.arange(len(model.own) + 1))
    blocks = [
        part
        for low, high in pairwise(ends)
        if high > low
        for part in np.array_split(support[low:high], -(-(high - low) // BLOCK))
    ]
    factors = list(in_threads(model.block_factor, blocks))
    cuts = np.cumsum([len(block) for block in blocks])[:-1]

    def solve(r: Array) -> Array:
        pairs = zip(factors, np.split(r, cuts), strict=True)
        parts = [linalg.cho_solve((f, True), part, check_finite=False) for f, part in pairs]
        return np.concatenate(parts)

    return solve
