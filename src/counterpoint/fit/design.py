"""The data as the solvers see it: products with X, fold by fold scaled and imputed.

Scaling and imputation are never applied to a copy of X. Each fold has an affine map on the
weights instead: a standardised column (x - shift) / scale times v is x times v / scale, less a
constant. So all folds share each product with X.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.fold_maps import FoldMaps
from counterpoint.fit.memory import UNLIMITED, Plan
from counterpoint.fit.raw_moments import raw_moments, row_products, unpacked
from counterpoint.fit.rows import (
    Columns,
    Rows,
    array_rows,
    by_column,
    copied,
    rows_times,
    sparse_rows,
)
from counterpoint.fit.threads import in_threads, sums_in_threads

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]
#: From a block's rows and their raw scores (problems, outputs, rows) to residuals of that shape.
Middle = Callable[[slice, Real], Real]


@dataclass(frozen=True)
class Design:
    """X with its folds' affine maps.

    In fold f a row is x̃ = (x - shift_f) / scale_f, and a missing cell is x̃ = 0: the mean of
    the fold's training rows. Weights carry their intercept as the last of ``width`` columns.

    Attributes
    ----------
    double : Rows
        X in double precision.
    single : Rows
        X for work that single precision serves; the same as ``double`` where that gains nothing.
    missing : Rows of 0/1, or None
        CSR, in the same blocks.
    shift : array (folds, features)
        Less ``double.offset``.
    scale : array (folds, features)
    train_weight : array (folds, n)
    plan
        What may be held in memory.
    """

    double: Rows
    single: Rows
    missing: Rows | None
    shift: Array
    scale: Array
    train_weight: Array
    plan: Plan = UNLIMITED

    @property
    def width(self) -> int:
        """Weights per output: features and the intercept."""
        return int(self.shift.shape[1]) + 1

    @property
    def n(self) -> int:
        """Rows."""
        return int(self.train_weight.shape[1])

    @property
    def parts(self) -> tuple[slice, ...]:
        """The rows of each block."""
        return self.double.parts

    @property
    def sparse(self) -> bool:
        """Whether X is held as a sparse matrix."""
        return sparse.issparse(self.double.block(0))

    @cached_property
    def density(self) -> float:
        """Share of the cells that are stored."""
        if not self.sparse:
            return 1.0
        stored = sum(sparse.csr_array(self.double.block(at)).nnz for at in range(len(self.parts)))
        return float(stored / max(1, self.n * (self.width - 1)))

    @cached_property
    def columns(self) -> Columns:
        """The columns as stored in ``single``, and one of ones."""
        return by_column(self.single)

    def scores(self, v: Array, fold: Index, rows: Rows | None = None) -> Real:
        """Raw scores x̃ v for weights (problems, outputs, width): (problems, outputs, n).

        In double precision, or in that of ``rows``.
        """
        rows = self.double if rows is None else rows
        maps = FoldMaps(v, fold, rows, self.missing, self.stored_maps(rows))
        out = np.empty((*v.shape[:-1], self.n), dtype=rows.dtype)

        def block(at: int) -> None:
            out[..., rows.parts[at]] = maps.scores(at)

        for _ in in_threads(block, range(len(rows.parts))):
            pass
        return out

    def adjoint(self, r: Real, fold: Index, rows: Rows | None = None) -> Array:
        """Sums of r x̃ over rows, for r (problems, outputs, n): (problems, outputs, width).

        In double precision, or in that of ``rows``.
        """
        return self.adjoint_of(lambda part: r[..., part], r.shape[:-1], fold, rows)

    def adjoint_of(
        self,
        residuals: Callable[[slice], Real],
        shape: tuple[int, ...],
        fold: Index,
        rows: Rows | None = None,
    ) -> Array:
        """`adjoint` of residuals that are made block by block, of shape (*shape, rows)."""
        rows = self.double if rows is None else rows
        none = np.broadcast_to(0.0, (*shape, self.width))
        maps = FoldMaps(none, fold, rows, self.missing, self.stored_maps(rows))

        def block(at: int) -> tuple[Real, ...]:
            return maps.sums(at, residuals(rows.parts[at]).astype(rows.dtype, copy=False))

        return maps.collect(block)

    def through(self, v: Array, fold: Index, middle: Middle, rows: Rows | None = None) -> Array:
        """`adjoint` of what ``middle`` makes of the `scores`, in one pass over the data.

        A block's scores stay in the cache from the product that makes them to the one that
        takes them: work row by row between the two costs a twentieth of the pass.
        """
        rows = self.double if rows is None else rows
        maps = FoldMaps(v, fold, rows, self.missing, self.stored_maps(rows))
        return maps.collect(lambda at: maps.sums(at, middle(rows.parts[at], maps.scores(at))))

    def grams(
        self,
        row_weight: Real,
        fold: Index,
        columns: Index | None = None,
        rows: Rows | None = None,
    ) -> Real:
        """Sums over rows of row_weight x̃ x̃ᵀ, intercept last: (m, width, width), dense.

        Parameters
        ----------
        row_weight : array (m, n), never negative
        fold : array (m,)
        columns
            Features to keep (and the intercept); all by default.
        rows
            The precision to work in, double by default.
        """
        rows = self.double if rows is None else rows
        if columns is None:
            columns = np.arange(self.width - 1)
        shift, scale = (a[fold][:, columns].astype(rows.dtype) for a in self.stored_maps(rows))
        # All pairs of columns in one product pay unless few of them are wanted.
        if self._row_products is not None and 3 * len(columns) + 3 > self.width:
            out = unpacked(row_weight @ self._row_products, self.width, columns)
        else:
            out = raw_moments(rows, self.missing, row_weight, columns, shift)

        def to_fold(m: int) -> None:
            gram, first, total = out[m, :-1, :-1], out[m, :-1, -1], out[m, -1, -1]
            # gram - shift firstᵀ - first shiftᵀ + total shift shiftᵀ, as a symmetric pair.
            half = first - 0.5 * total * shift[m]
            gram -= shift[m][:, None] * half
            gram -= half[:, None] * shift[m]
            gram /= scale[m]
            gram /= scale[m][:, None]
            out[m, :-1, -1] = out[m, -1, :-1] = (first - total * shift[m]) / scale[m]

        for _ in in_threads(to_fold, range(len(out))):
            pass
        return out

    def stored_maps(self, rows: Rows) -> tuple[Array, Array]:
        """Each fold's shift and scale of the columns as the blocks of ``rows`` hold them."""
        return self._double_maps if rows is self.double else self._single_maps

    # Asked for at every step of every problem.
    @cached_property
    def _double_maps(self) -> tuple[Array, Array]:
        return self._maps_of(self.double)

    @cached_property
    def _single_maps(self) -> tuple[Array, Array]:
        return self._maps_of(self.single)

    def _maps_of(self, rows: Rows) -> tuple[Array, Array]:
        shift = (self.shift - (rows.offset - self.double.offset)) / rows.unit
        return shift, self.scale / rows.unit

    @cached_property
    def _row_products(self) -> Array | None:
        """`row_products` of the whole of X, where they fit the plan."""
        size = self.width * (self.width + 1) // 2
        if self.missing is not None or self.sparse or 8 * size * self.n > self.plan.row_products:
            return None
        return row_products(self.double)

    def diagonal(self, row_weight: Array, fold: Index) -> Array:
        """Diagonals of the Gram matrices for row weights (problems, outputs, n)."""
        flat = row_weight.reshape(-1, row_weight.shape[-1])

        def block(at: int) -> tuple[Array, Array]:
            x, weight = self.double.block(at), flat[:, self.parts[at]]
            squares = x.power(2) if sparse.issparse(x) else x**2
            return rows_times(weight, squares), rows_times(weight, x)

        second, first = (
            sum_.reshape(*row_weight.shape[:-1], -1)
            for sum_ in sums_in_threads(block, range(len(self.parts)))
        )
        total = row_weight.sum(axis=-1)
        shift = self.shift[fold][:, None, :]
        out = second - 2.0 * shift * first + total[..., None] * shift**2
        out = np.maximum(out, 0.0) / self.scale[fold][:, None, :] ** 2
        return np.concatenate([out, total[..., None]], axis=-1)

    @cached_property
    def second_moments(self) -> Array:
        """Mean squares of each fold's scaled training columns, intercept last: (folds, width)."""
        weight = self.train_weight[:, None, :]
        return np.asarray(self.diagonal(weight, np.arange(len(weight)))[:, 0])

    def intercept_ridge(self, ridge: Array | float, fold: Index | int) -> Array:
        """Curvature that steps (never objectives) give an intercept: a thousandth of the ridge.

        A piecewise loss may leave an intercept no curvature at all. In units of a typical column,
        so that it means the same whatever the data's unit.
        """
        typical = self.second_moments[fold, :-1].mean(axis=-1)
        return np.asarray(1e-3 * ridge / np.where(typical > 0, typical, 1.0))

    def of_rows(self, rows: Index) -> Design:
        """Some rows, indices ascending, as all folds see them: copied."""
        x = self.double.take(rows)
        kept = (
            sparse_rows(sparse.csr_array(x))
            if sparse.issparse(x)
            else array_rows(np.asarray(x), self.double.offset, self.double.unit)
        )
        missing = None
        if self.missing is not None:
            missing = sparse_rows(sparse.csr_array(self.missing.take(rows)), kept.parts)
        train_weight = self.train_weight[:, rows]
        return Design(kept, kept, missing, self.shift, self.scale, train_weight, self.plan)

    def of_columns(self, features: Index) -> Design:
        """Some features, indices ascending; of large dense data at most ``single`` is copied."""
        if len(features) == self.width - 1:
            return self
        double, single = self.double.of_columns(features), self.single.of_columns(features)
        if not self.sparse and (self.plan.single_copy or self.single is self.double):
            # The one that most passes read is gathered once, where there is room.
            single = copied(single, np.ones(len(features)), single.dtype)
        if self.single is self.double:
            double = single
        missing = None if self.missing is None else self.missing.of_columns(features)
        shift, scale = self.shift[:, features], self.scale[:, features]
        return Design(double, single, missing, shift, scale, self.train_weight, self.plan)

    def scaled(self, fold: int) -> Array:
        """All rows as one fold sees them, dense: (n, features)."""
        unit = self.double.unit / self.scale[fold]
        out = np.empty((self.n, self.width - 1))
        for at, part in enumerate(self.parts):
            block = (self.double.block(at) - self.shift[fold]) * unit
            if self.missing is not None:
                block[self.missing.block(at).nonzero()] = 0.0
            out[part] = block
        return out

    def original(self, v: Array, fold: Index) -> tuple[Array, Array]:
        """Weights and intercepts on the scale of the data as it came.

        Shapes (problems, outputs, features) and (problems, outputs).
        """
        coef = v[..., :-1] / self.scale[fold][:, None, :]
        mean = self.double.offset + self.shift[fold][:, None, :]
        return coef, v[..., -1] - (mean * coef).sum(axis=-1)

    def fill(self, fold: int) -> Array:
        """What a missing cell of each column counts as in a fold: (features,)."""
        return np.asarray(self.double.offset + self.shift[fold])
