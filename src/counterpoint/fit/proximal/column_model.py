"""The second-order model of a problem, its Hessian known by the columns of X alone.

What ties the outputs together is kept exactly, row by row: with u the change of the scores and
s = Σ share u over outputs, the model's slope in a weight is the sum over its column of
x (total u - share s).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from counterpoint.fit.rows import Columns
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]

#: Tasks that the outputs are shared out in.
TASKS = 2


@dataclass(frozen=True)
class ColumnModel:
    """slope·d + dᵀ H d / 2 + Σ threshold |start + d| over some places, H with the ridge in it.

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
    def everywhere(self) -> Index:
        """All places."""
        return np.arange(len(self.column))

    @cached_property
    def curvature(self) -> Array:
        """Diagonal of H, above zero: (places,)."""
        square = _squares(*self.columns, self.column, self.output, self.own)
        return np.asarray((self.ridge + self.factor**2 * square) * (1.0 + 1e-12) + 1e-300)

    def support(self, x: Array) -> Index:
        """What is not zero, and intercepts."""
        return np.flatnonzero((x != 0) | (self.threshold == 0))

    def scores(self, x: Array) -> tuple[Real, Real]:
        """How scores change from the start to x, (outputs, n), and their sums over outputs, (n,).

        The sums are of share u.
        """
        moved = np.flatnonzero(x != self.start)
        return self._scores(moved, (x - self.start)[moved])

    def slope_at(self, x: Array) -> Array:
        """Gradient of the smooth part at x, (places,)."""
        through_rows = self._sums(self.everywhere, *self.scores(x))
        return self.slope + self.ridge * (x - self.start) + through_rows

    def product(self, places: Index, move: Array) -> Array:
        """H among some places times a move of theirs, (places,)."""
        return self.ridge[places] * move + self._sums(places, *self._scores(places, move))

    def value(self, x: Array, slope: Array) -> float:
        """The model at x, where the smooth part's gradient is ``slope``; zero at the start."""
        cost = self.threshold @ (np.abs(x) - np.abs(self.start))
        return float((self.slope + slope) @ (x - self.start) / 2 + cost)

    def violation(self, slope: Array, x: Array) -> float:
        """The greatest distance of a slope from what is optimal."""
        at_zero = np.maximum(np.abs(slope) - self.threshold, 0.0)
        off = np.where(x == 0, at_zero, np.abs(slope + self.threshold * np.sign(x)))
        return float(off.max(initial=0.0))

    def block(self, places: Index) -> Array:
        """H among some places of one output, its diagonal a trace greater: (places, places)."""
        data, indices, indptr = self.columns
        column, root = self.column[places], np.sqrt(self.own[self.output[places[0]]])
        if data.ndim == 2:
            x = data[column] * root
            gram = np.asarray(x @ x.T, dtype=np.float64)
        else:
            shape = (len(root), len(indptr) - 1)
            x = sparse.csc_array((data, indices, indptr), shape=shape)[:, column]
            x.data *= root[x.indices]
            gram = (x.T @ x).toarray()
        gram *= self.factor[places][:, None] * self.factor[places]
        gram[np.diag_indices_from(gram)] = self.curvature[places] * (1 + 1e-6)
        return np.asarray(gram)

    def block_factor(self, places: Index) -> Array:
        """Lower Cholesky factor of `block`, kept: supports differ but in a few outputs.

        Of its diagonal where rounding leaves the block indefinite.
        """
        key = places.tobytes()
        if key not in self._factors:
            try:
                factor = linalg.cholesky(self.block(places), lower=True)
            except linalg.LinAlgError:
                factor = np.diag(np.sqrt(self.curvature[places]))
            self._factors[key] = factor
        return self._factors[key]

    # Outputs are shared out to the threads. What ties them is summed up between the two halves.

    def _scores(self, places: Index, move: Array) -> tuple[Real, Real]:
        u, s = np.empty_like(self.own), np.empty((TASKS, self.own.shape[1]), self.own.dtype)
        column, output, by = self.column[places], self.output[places], move * self.factor[places]

        def share(task: int) -> None:
            outputs, part = self._share(task, output)
            _add_scores(
                *self.columns,
                column[part],
                output[part],
                by[part],
                self.share,
                *outputs,
                u,
                s[task],
            )

        for _ in in_threads(share, range(TASKS)):
            pass
        return u, s.sum(axis=0)

    def _sums(self, places: Index, u: Real, s: Real) -> Array:
        """What the rows add to the slopes of some places; u is overwritten."""
        column, output = self.column[places], self.output[places]

        def share(task: int) -> Array:
            outputs, part = self._share(task, output)
            _curve(self.own, self.share, s, *outputs, u)
            return np.asarray(_add_up(*self.columns, column[part], output[part], u))

        sums = np.concatenate(list(in_threads(share, range(TASKS))))
        return np.asarray(self.factor[places] * sums)

    def _share(self, task: int, output: Index) -> tuple[tuple[int, int], slice]:
        """A task's outputs, and where they are among some places."""
        ends = [len(self.own) * t // TASKS for t in (task, task + 1)]
        low, high = np.searchsorted(output, ends)
        return (ends[0], ends[1]), slice(low, high)


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def column_product(
    data: Real, indices: npt.NDArray[Any], indptr: npt.NDArray[Any], j: int, r: Real
) -> Any:
    """Column j times r."""
    total = r.dtype.type(0)
    if data.ndim == 2:
        x = data[j]
        for i in range(len(r)):
            total += x[i] * r[i]
    else:
        for at in range(indptr[j], indptr[j + 1]):
            total += data[at] * r[indices[at]]
    return total


@numba.njit(cache=True, nogil=True)
def _add_up(
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
        out[p] = column_product(data, indices, indptr, column[p], r[output[p]])
    return out


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _add_scores(
    data: Real,
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
    column: Index,
    output: Index,
    by: Array,
    share: Real,
    low: int,
    high: int,
    u: Real,
    s: Real,
) -> None:
    """Set the u of some outputs to the sums of their columns times ``by``, and s to Σ share u."""
    u[low:high] = 0
    for p in range(len(column)):
        j, u_c, step = column[p], u[output[p]], u.dtype.type(by[p])
        if data.ndim == 2:
            x = data[j]
            for i in range(len(x)):
                u_c[i] += step * x[i]
        else:
            for at in range(indptr[j], indptr[j + 1]):
                u_c[indices[at]] += step * data[at]
    s[:] = 0
    for c in range(low, high):
        for i in range(len(s)):
            s[i] += share[c, i] * u[c, i]


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _curve(own: Real, share: Real, s: Real, low: int, high: int, u: Real) -> None:
    """Turn the change u of some outputs' scores into that of their residuals."""
    for c in range(low, high):
        for i in range(len(s)):
            p = share[c, i]
            u[c, i] = (own[c, i] + p * p) * u[c, i] - p * s[i]


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
