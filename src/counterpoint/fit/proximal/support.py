"""Newton's step on the support of a model that is known by its columns.

With the signs of the weights held the model is a quadratic, which preconditioned conjugate
gradients minimise: each iteration reads the support's columns twice. Coordinate descent takes
hundreds of sweeps to the same where columns are correlated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from counterpoint.fit.quadratic import least_on_the_way
from counterpoint.fit.rows import Columns

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]

#: Weights of an output whose Hessian the preconditioner factors as one block.
BLOCK = 500
#: Steps on a support that loses weights at each.
STEPS = 4
#: Iterations that a step may take.
ITERATIONS = 200
#: Curvature, as a share of what the weights have one by one, from which a direction counts as flat.
FLAT = 1e-9


@dataclass(frozen=True)
class ColumnModel:
    """slope·d + dᵀ H d / 2 + Σ threshold |start + d| over some places, H known by its columns.

    Attributes
    ----------
    columns
        From `Design.columns`.
    column, output, factor : arrays (places,)
        A place's column, its output (ascending), and what the column is multiplied by.
    own, share : arrays (outputs, n)
        `RowWeights`, in the precision of the columns.
    slope, start, threshold, ridge : arrays (places,)
    """

    columns: Columns
    column: Index
    output: Index
    factor: Array
    own: Real
    share: Real
    slope: Array
    start: Array
    threshold: Array
    ridge: Array
    _factors: dict[bytes, Array] = field(default_factory=dict)

    @cached_property
    def curvature(self) -> Array:
        """Diagonal of H, above zero: (places,)."""
        square = _squares(*self.columns, self.column, self.output, self.own)
        return (self.ridge + self.factor**2 * square) * (1.0 + 1e-12) + 1e-300

    @cached_property
    def _everywhere(self) -> Index:
        return np.arange(len(self.column))

    def scores(self, places: Index, move: Array) -> Real:
        """Change of the scores that a move of some places makes, (outputs, n)."""
        u = np.zeros_like(self.own)
        by = move * self.factor[places]
        _scores(*self.columns, self.column[places], self.output[places], by, u)
        return u

    def product(self, u: Real, places: Index) -> Array:
        """Slopes that a change u of the scores gives some places; u is overwritten."""
        _curve(self.own, self.share, u)
        sums = _sums(*self.columns, self.column[places], self.output[places], u)
        return np.asarray(self.factor[places] * sums)

    def scores_at(self, x: Array) -> Real:
        """Change of the scores from the start to x, (outputs, n)."""
        moved = np.flatnonzero(x != self.start)
        return self.scores(moved, (x - self.start)[moved])

    def slope_at(self, x: Array, u: Real) -> Array:
        """Gradient of the smooth part at x, whose change of the scores is u (overwritten)."""
        return self.slope + self.ridge * (x - self.start) + self.product(u, self._everywhere)

    def violation(self, slope: Array, x: Array) -> Array:
        """How far each place is from optimal, (places,)."""
        at_zero = np.maximum(np.abs(slope) - self.threshold, 0.0)
        return np.where(x == 0, at_zero, np.abs(slope + self.threshold * np.sign(x)))

    def support(self, x: Array) -> Index:
        """What is not zero, and intercepts."""
        return np.flatnonzero((x != 0) | (self.threshold == 0))

    def value(self, x: Array, slope: Array) -> float:
        """The model at x, where the smooth part's gradient is ``slope``; zero at the start."""
        cost = self.threshold @ (np.abs(x) - np.abs(self.start))
        return float((self.slope + slope) @ (x - self.start) / 2 + cost)

    def factor_of(self, places: Index) -> Array:
        """Cholesky factor of H among some places of one output, kept for those that ask again."""
        key = places.tobytes()
        if key not in self._factors:
            self._factors[key] = linalg.cholesky(_block(self, places), lower=True)
        return self._factors[key]


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
        slope_there = model.slope_at(there, model.scores_at(there))
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
    return there, model.slope_at(there, model.scores_at(there))


def _move_on(model: ColumnModel, support: Index, x: Array, slope: Array, goal: float) -> Array:
    """From x to the minimum on the support with the signs of x, by conjugate gradients.

    Preconditioned with each output's own part of the Hessian: what ties the outputs together is
    left to the iterations, a third of those that the diagonal alone would take.
    """
    solve, ridge = _solver(model, support), model.ridge[support]
    left = -(slope + model.threshold * np.sign(x))[support]
    move, ahead = np.zeros_like(left), solve(left)
    along, fall = ahead, float(left @ ahead)
    for _ in range(ITERATIONS):
        if not np.abs(left).max(initial=0.0) > goal:
            break
        curved = ridge * along + model.product(model.scores(support, along), support)
        bend = float(along @ curved)
        # Softmax does not see a shift of a column in all outputs: signs decide how far it goes.
        if bend <= FLAT * float(model.curvature[support] @ along**2):
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
    factors = [model.factor_of(block) for block in blocks]
    cuts = np.cumsum([len(block) for block in blocks])[:-1]

    def solve(r: Array) -> Array:
        pairs = zip(factors, np.split(r, cuts), strict=True)
        parts = [linalg.cho_solve((f, True), part, check_finite=False) for f, part in pairs]
        return np.concatenate(parts)

    return solve


def _block(model: ColumnModel, places: Index) -> Array:
    """Hessian among some places of one output."""
    data, indices, indptr = model.columns
    column, root = model.column[places], np.sqrt(model.own[model.output[places[0]]])
    if data.ndim == 2:
        x = data[column] * root
        gram = np.asarray(x @ x.T, dtype=np.float64)
    else:
        shape = (len(root), len(indptr) - 1)
        x = sparse.csc_array((data, indices, indptr), shape=shape)[:, column]
        x.data *= root[x.indices]
        gram = (x.T @ x).toarray()
    factor = model.factor[places]
    gram *= factor[:, None] * factor
    gram[np.diag_indices_from(gram)] = model.curvature[places] * (1 + 1e-6)
    return np.asarray(gram)


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _scores(
    data: Real,
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
    column: Index,
    output: Index,
    by: Array,
    u: Real,
) -> None:
    """Add to u each column times ``by``."""
    for p in range(len(column)):
        j, u_c, step = column[p], u[output[p]], u.dtype.type(by[p])
        if data.ndim == 2:
            x = data[j]
            for i in range(len(x)):
                u_c[i] += step * x[i]
        else:
            for at in range(indptr[j], indptr[j + 1]):
                u_c[indices[at]] += step * data[at]


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _curve(own: Real, share: Real, u: Real) -> None:
    """Turn a change u of the scores into that of the residuals."""
    outputs, n = own.shape
    s = np.zeros_like(own[0])
    for c in range(outputs):
        for i in range(n):
            s[i] += share[c, i] * u[c, i]
    for c in range(outputs):
        for i in range(n):
            p = share[c, i]
            u[c, i] = (own[c, i] + p * p) * u[c, i] - p * s[i]


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _sums(
    data: Real,
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
    column: Index,
    output: Index,
    r: Real,
) -> Array:
    """Each column times the r of its output, (places,)."""
    out = np.empty(len(column))
    for p in range(len(column)):
        j, r_c = column[p], r[output[p]]
        total = r.dtype.type(0)
        if data.ndim == 2:
            x = data[j]
            for i in range(len(x)):
                total += x[i] * r_c[i]
        else:
            for at in range(indptr[j], indptr[j + 1]):
                total += data[at] * r_c[indices[at]]
        out[p] = total
    return out


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _squares(
    data: Real,
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
    column: Index,
    output: Index,
    own: Real,
) -> Array:
    """Each column's square, weighted by its output's rows: (places,)."""
    out = np.empty(len(column))
    for p in range(len(column)):
        j, weight = column[p], own[output[p]]
        total = own.dtype.type(0)
        if data.ndim == 2:
            x = data[j]
            for i in range(len(x)):
                total += weight[i] * x[i] * x[i]
        else:
            for at in range(indptr[j], indptr[j + 1]):
                total += weight[indices[at]] * data[at] * data[at]
        out[p] = total
    return out
