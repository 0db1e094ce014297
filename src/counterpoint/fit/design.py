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

from counterpoint.fit.memory import UNLIMITED, Plan
from counterpoint.fit.rows import Block, Rows, array_rows, copied, sparse_rows
from counterpoint.fit.threads import in_threads, sums_in_threads

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]
#: From a block's rows and their raw scores (problems, outputs, rows) to residuals of that shape.
Middle = Callable[[slice, Real], Real]

#: Tasks that the sums of Gram matrices are cut in, at least, and rows of each product.
GRAM_TASKS = 8
GRAM_ROWS = 4096


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

    def scores(self, v: Array, fold: Index, rows: Rows | None = None) -> Real:
        """Raw scores x̃ v for weights (problems, outputs, width): (problems, outputs, n).

        In double precision, or in that of ``rows``.
        """
        rows = self.double if rows is None else rows
        maps = _Maps.of(self, v, fold, rows)
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
        maps = _Maps.of(self, np.zeros((*shape, self.width)), fold, rows)

        def block(at: int) -> tuple[Real, ...]:
            return maps.sums(at, residuals(rows.parts[at]).astype(rows.dtype, copy=False))

        return maps.collect(block)

    def through(self, v: Array, fold: Index, middle: Middle, rows: Rows | None = None) -> Array:
        """`adjoint` of what ``middle`` makes of the `scores`, in one pass over the data.

        A block's scores stay in the cache from the product that makes them to the one that
        takes them: work row by row between the two costs a twentieth of the pass.
        """
        rows = self.double if rows is None else rows
        maps = _Maps.of(self, v, fold, rows)
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
        out = self._raw_moments(row_weight, fold, columns, rows)
        shift, scale = (a[fold][:, columns].astype(out.dtype) for a in self.stored_maps(rows))

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
        shift = (self.shift - (rows.offset - self.double.offset)) / rows.unit
        return shift, self.scale / rows.unit

    def _raw_moments(self, row_weight: Real, fold: Index, columns: Index, rows: Rows) -> Real:
        """Sums of row_weight [x, 1][x, 1]ᵀ over rows, for some columns of x and the ones.

        Missing cells stand at the fold's mean, its shift, which the caller takes off again.
        """
        places = np.append(columns, self.width - 1)
        # All pairs of columns in one product pay unless few of them are wanted.
        if self._row_products is not None and 3 * len(places) > self.width:
            packed = row_weight @ self._row_products
            return np.asarray(packed[:, _unpacking(self.width)[np.ix_(places, places)]])
        shift = self.stored_maps(rows)[0][fold][:, columns]
        # Cut in as many tasks as there may be threads, and by data alone: sums stay the same.
        shares = min(len(rows.parts), -(-GRAM_TASKS // len(row_weight)))
        tasks = [(m, s) for m in range(len(row_weight)) for s in range(shares)]

        def share(task: tuple[int, int]) -> Real:
            m, s = task
            moments = _SparseMoments if self.sparse else _DenseMoments
            sums = moments(len(places), rows.dtype)
            for at in range(s, len(rows.parts), shares):
                weight = row_weight[m, rows.parts[at]]
                chosen = np.flatnonzero(weight)
                if len(chosen):
                    x = self._filled(rows.block(at), chosen, at, columns, shift[m])
                    sums.add(x, weight[chosen].astype(rows.dtype, copy=False))
            return sums.total()

        out = np.zeros((len(row_weight), len(places), len(places)), dtype=rows.dtype)
        for (m, _), part in zip(tasks, in_threads(share, tasks), strict=True):
            out[m] += part
        return out

    def _filled(self, block: Block, chosen: Index, at: int, columns: Index, shift: Array) -> Block:
        """Some rows and columns of a block, with missing cells at the fold's mean."""
        x = block if len(chosen) == block.shape[0] else block[chosen]
        x = x if len(columns) == x.shape[1] else x[:, columns]
        if self.missing is not None:
            gaps = sparse.csr_array(self.missing.block(at))[chosen][:, columns].multiply(shift)
            x = sparse.csr_array(x + gaps) if sparse.issparse(x) else x + gaps.toarray()
        return x

    @cached_property
    def _row_products(self) -> Array | None:
        """Upper triangles of each row's [x, 1][x, 1]ᵀ, where they fit: (n, width (width+1)/2).

        With them the Gram matrices of all problems are one matrix product, at half the
        operations of forming each: what makes a batch of exact Hessians affordable.
        """
        size = self.width * (self.width + 1) // 2
        if self.missing is not None or self.sparse or 8 * size * self.n > self.plan.row_products:
            return None
        x = np.concatenate([self.double.block(at) for at in range(len(self.parts))])
        augmented = np.concatenate([x, np.ones((len(x), 1))], axis=1)
        out = np.empty((len(augmented), size))
        start = 0
        for column in range(self.width):
            end = start + self.width - column
            np.multiply(augmented[:, column, None], augmented[:, column:], out=out[:, start:end])
            start = end
        return out

    def diagonal(self, row_weight: Array, fold: Index) -> Array:
        """Diagonals of the Gram matrices for row weights (problems, outputs, n)."""
        flat = row_weight.reshape(-1, row_weight.shape[-1])

        def block(at: int) -> tuple[Array, Array]:
            x, weight = self.double.block(at), flat[:, self.parts[at]]
            squares = x.power(2) if sparse.issparse(x) else x**2
            return _rows_times(weight, squares), _rows_times(weight, x)

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


@dataclass(frozen=True)
class _Maps:
    """The affine maps of some problems' folds, and the weights as the stored columns take them.

    Attributes
    ----------
    weights, shifted : array (problems outputs, features)
        For stored columns; and times the shift, for missing cells.
    constant : array (problems outputs,)
    factor, shift : array (problems, 1, features)
    """

    rows: Rows
    missing: Rows | None
    weights: Real
    shifted: Real
    constant: Real
    factor: Array
    shift: Array
    shape: tuple[int, ...]

    @staticmethod
    def of(design: Design, v: Array, fold: Index, rows: Rows) -> _Maps:
        shift, scale = (a[fold][:, None, :] for a in design.stored_maps(rows))
        factor = 1.0 / scale
        weights = v[..., :-1] * factor
        shifted = weights * shift
        constant = (v[..., -1] - shifted.sum(axis=-1)).reshape(-1)
        flat = (constant.size, v.shape[-1] - 1)
        return _Maps(
            rows,
            design.missing,
            np.ascontiguousarray(weights.reshape(flat), dtype=rows.dtype),
            shifted.reshape(flat).astype(rows.dtype),
            constant.astype(rows.dtype),
            factor,
            shift,
            v.shape[:-1],
        )

    def scores(self, at: int) -> Real:
        """Raw scores of one block's rows: (problems, outputs, rows)."""
        z = _times_transposed(self.rows.block(at), self.weights)
        z += self.constant[:, None]
        if self.missing is not None:
            z += _times_transposed(self.missing.block(at), self.shifted)
        return np.asarray(z.reshape(*self.shape, -1))

    def sums(self, at: int, r: Real) -> tuple[Real, ...]:
        """What one block's rows add: sums of r x, of r, and of r over missing cells."""
        flat = r.reshape(-1, r.shape[-1])
        out = (_rows_times(flat, self.rows.block(at)), flat.sum(axis=-1))
        if self.missing is None:
            return out
        return *out, _rows_times(flat, self.missing.block(at))

    def collect(self, block: Callable[[int], tuple[Real, ...]]) -> Array:
        """Add the blocks' sums up, and map them to the folds' columns."""
        sums = sums_in_threads(block, range(len(self.rows.parts)))
        g = sums[0].reshape(*self.shape, -1)
        total = sums[1].reshape(self.shape)
        g -= self.shift * total[..., None]
        if self.missing is not None:
            g += self.shift * sums[2].reshape(g.shape)
        g *= self.factor
        return np.concatenate([g, total[..., None]], axis=-1)


class _DenseMoments:
    """Sum over rows of weight [x, 1][x, 1]ᵀ, by products of many rows at a time."""

    def __init__(self, size: int, dtype: npt.DTypeLike) -> None:
        self._sum = np.zeros((size, size), dtype=dtype)
        self._rows = np.empty((GRAM_ROWS, size), dtype=dtype)
        self._filled = 0

    def add(self, x: Any, weight: Real) -> None:
        root = np.sqrt(weight)
        for start in range(0, len(root), GRAM_ROWS):
            end = min(start + GRAM_ROWS, len(root))
            if self._filled + end - start > GRAM_ROWS:
                self._flush()
            rows = self._rows[self._filled : self._filled + end - start]
            np.multiply(x[start:end], root[start:end, None], out=rows[:, :-1])
            rows[:, -1] = root[start:end]
            self._filled += end - start

    def _flush(self) -> None:
        rows = self._rows[: self._filled]
        self._sum += rows.T @ rows  # one operand twice: BLAS does half the work
        self._filled = 0

    def total(self) -> Real:
        self._flush()
        return self._sum


class _SparseMoments:
    """The same of sparse rows."""

    def __init__(self, size: int, dtype: npt.DTypeLike) -> None:
        self._sum = np.zeros((size, size), dtype=dtype)

    def add(self, x: Any, weight: Real) -> None:
        weighted = sparse.csr_array(x.multiply(weight[:, None]))
        self._sum[:-1, :-1] += (x.T @ weighted).toarray()
        self._sum[:-1, -1] += np.asarray(weighted.sum(axis=0)).ravel()
        self._sum[-1, -1] += weight.sum()

    def total(self) -> Real:
        self._sum[-1, :-1] = self._sum[:-1, -1]
        return self._sum


def _unpacking(width: int) -> Index:
    """Where each entry of a symmetric matrix stands in its packed upper triangle."""
    index = np.empty((width, width), dtype=np.intp)
    i, j = np.triu_indices(width)
    index[i, j] = index[j, i] = np.arange(len(i))
    return index


def _times_transposed(x: Block, rows: Real) -> Real:
    """(rows) xᵀ: the scores of each row of weights over all rows of x."""
    if sparse.issparse(x):
        return np.ascontiguousarray((x @ np.ascontiguousarray(rows.T)).T)
    return rows @ x.T


def _rows_times(rows: Real, x: Block) -> Real:
    """(rows) x, for row vectors over the rows of x."""
    if sparse.issparse(x):
        return np.ascontiguousarray((x.T @ np.ascontiguousarray(rows.T)).T)
    return rows @ x
