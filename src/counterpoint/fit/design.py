"""The data as the solvers see it: products with X, fold by fold scaled and imputed.

Scaling and imputation are never applied to a copy of X. Each fold has an affine map on the
weights instead: a standardised column (x - shift) / scale times v is x times v / scale, less a
constant. So all folds share each product with X.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.folds import Folds

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Bytes that the products of each row's columns may take.
ROW_PRODUCTS_LIMIT = 256 * 2**20


@dataclass(frozen=True)
class Design:
    """X with its folds' affine maps.

    In fold f a row is x̃ = (x - shift_f) / scale_f, and a missing cell is x̃ = 0: the mean of
    the fold's training rows. Weights carry their intercept as the last of ``width`` columns.

    Attributes
    ----------
    x : array or CSR (n, features)
        Dense: less ``centre``, with 0 in missing cells. Sparse: as it came.
    missing : CSR of 0/1 (n, features) or None
    centre : array (features,)
        What was taken off every row of x (zeros for sparse data).
    shift, scale : array (folds, features)
    train_weight : array (folds, n)
    """

    x: Array | sparse.csr_array
    missing: sparse.csr_array | None
    centre: Array
    shift: Array
    scale: Array
    train_weight: Array

    @property
    def width(self) -> int:
        """Weights per output: features and the intercept."""
        return int(self.x.shape[1]) + 1

    def scores(self, v: Array, fold: Index) -> Array:
        """Raw scores x̃ v for weights (problems, outputs, width): (problems, outputs, n)."""
        u = v[..., :-1] / self.scale[fold][:, None, :]
        shifted = self.shift[fold][:, None, :] * u
        offset = v[..., -1] - shifted.sum(axis=-1)
        flat = u.reshape(-1, u.shape[-1])
        z = _times_transposed(self.x, flat).reshape(*v.shape[:-1], -1)
        z += offset[..., None]
        if self.missing is not None:
            z += _times_transposed(self.missing, shifted.reshape(flat.shape)).reshape(z.shape)
        return z

    def adjoint(self, r: Array, fold: Index) -> Array:
        """Sums of r x̃ over rows, for r (problems, outputs, n): (problems, outputs, width)."""
        flat = r.reshape(-1, r.shape[-1])
        total = r.sum(axis=-1)
        g = _rows_times(flat, self.x).reshape(*r.shape[:-1], -1)
        shift = self.shift[fold][:, None, :]
        g -= shift * total[..., None]
        if self.missing is not None:
            g += shift * _rows_times(flat, self.missing).reshape(g.shape)
        g /= self.scale[fold][:, None, :]
        return np.concatenate([g, total[..., None]], axis=-1)

    def grams(self, row_weight: Array, fold: Index, columns: Index | None = None) -> Array:
        """Sums over rows of row_weight x̃ x̃ᵀ, intercept last: (m, width, width), dense.

        Parameters
        ----------
        row_weight : array (m, n)
        fold : array (m,)
        columns
            Features to keep (and the intercept); all by default.
        """
        if columns is None:
            columns = np.arange(self.width - 1)
        out = self._raw_moments(row_weight, fold, columns)
        shift, scale = self.shift[fold][:, columns], self.scale[fold][:, columns]
        total = out[:, -1, -1].copy()
        first = out[:, :-1, -1].copy()
        cross = shift[:, :, None] * first[:, None, :]
        out[:, :-1, :-1] -= cross + np.swapaxes(cross, 1, 2)
        out[:, :-1, :-1] += (total[:, None] * shift)[:, :, None] * shift[:, None, :]
        out[:, :-1, :-1] /= scale[:, :, None] * scale[:, None, :]
        out[:, :-1, -1] = out[:, -1, :-1] = (first - total[:, None] * shift) / scale
        return out

    def _raw_moments(self, row_weight: Array, fold: Index, columns: Index) -> Array:
        """Sums of row_weight [x, 1][x, 1]ᵀ over rows, for some columns of x and the ones.

        Missing cells stand at the fold's mean, its shift, which the caller takes off again.
        """
        places = np.append(columns, self.width - 1)
        # All pairs of columns in one product pay unless few of them are wanted.
        if self._row_products is not None and 3 * len(places) > self.width:
            packed = row_weight @ self._row_products
            return packed[:, _unpacking(self.width)[np.ix_(places, places)]]
        out = np.empty((len(row_weight), len(places), len(places)))
        chosen = self.x if len(places) == self.width else self.x[:, columns]
        for m, weight in enumerate(row_weight):
            rows = np.flatnonzero(weight)
            x, weight = chosen[rows], weight[rows]
            if self.missing is not None:
                gaps = self.missing[rows][:, columns].multiply(self.shift[fold[m], columns])
                x = sparse.csr_array(x + gaps) if sparse.issparse(x) else x + gaps.toarray()
            if sparse.issparse(x):
                weighted = sparse.csr_array(x.multiply(weight[:, None]))
                out[m, :-1, :-1] = (x.T @ weighted).toarray()
            else:
                weighted = x * weight[:, None]
                out[m, :-1, :-1] = x.T @ weighted
            out[m, :-1, -1] = out[m, -1, :-1] = np.asarray(weighted.sum(axis=0)).ravel()
            out[m, -1, -1] = weight.sum()
        return out

    @cached_property
    def _row_products(self) -> Array | None:
        """Upper triangles of each row's [x, 1][x, 1]ᵀ, where they fit: (n, width (width+1)/2).

        With them the Gram matrices of all problems are one matrix product, at half the
        operations of forming each: what makes a batch of exact Hessians affordable.
        """
        size = self.width * (self.width + 1) // 2
        if (
            self.missing is not None
            or sparse.issparse(self.x)
            or 8 * size * self.x.shape[0] > ROW_PRODUCTS_LIMIT
        ):
            return None
        augmented = np.concatenate([self.x, np.ones((self.x.shape[0], 1))], axis=1)
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
        total = row_weight.sum(axis=-1)
        squares = self.x.power(2) if sparse.issparse(self.x) else self.x**2
        second = _rows_times(flat, squares).reshape(*row_weight.shape[:-1], -1)
        first = _rows_times(flat, self.x).reshape(second.shape)
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

    def original(self, v: Array, fold: Index) -> tuple[Array, Array]:
        """Weights and intercepts on the scale of the data as it came.

        Shapes (problems, outputs, features) and (problems, outputs).
        """
        coef = v[..., :-1] / self.scale[fold][:, None, :]
        mean = self.centre + self.shift[fold][:, None, :]
        return coef, v[..., -1] - (mean * coef).sum(axis=-1)

    def fill(self, fold: int) -> Array:
        """What a missing cell of each column counts as in a fold: (features,)."""
        return np.asarray(self.centre + self.shift[fold])


def _unpacking(width: int) -> Index:
    """Where each entry of a symmetric matrix stands in its packed upper triangle."""
    index = np.empty((width, width), dtype=np.intp)
    i, j = np.triu_indices(width)
    index[i, j] = index[j, i] = np.arange(len(i))
    return index


def _times_transposed(x: Array | sparse.csr_array, rows: Array) -> Array:
    """(rows) xᵀ: the scores of each row of weights over all rows of x."""
    if sparse.issparse(x):
        return np.ascontiguousarray((x @ np.ascontiguousarray(rows.T)).T)
    return rows @ x.T


def _rows_times(rows: Array, x: Array | sparse.csr_array) -> Array:
    """(rows) x, for row vectors over the rows of x."""
    if sparse.issparse(x):
        return np.ascontiguousarray((x.T @ np.ascontiguousarray(rows.T)).T)
    return rows @ x


def make_design(x: Array | sparse.csr_array, folds: Folds, standardise: bool) -> Design:
    """Centre X once and find each fold's shift and scale from its training rows.

    Parameters
    ----------
    x : array (n, features) with NaN for missing cells, or CSR
    folds
        Training weights; means and deviations are weighted by them.
    standardise
        Whether columns are divided by their standard deviation. A column that is constant in a
        fold's training rows is left as it is.
    """
    if sparse.issparse(x):
        return _sparse_design(sparse.csr_array(x), folds, standardise)
    weight = folds.train_weight
    used = (weight > 0).any(axis=0)
    present = ~np.isnan(x)
    complete = bool(present.all())
    # The centre is a reference point for precision alone, but a row that trains nothing must not
    # set it: one huge value would take the digits of all others.
    counted = np.maximum(present[used].sum(axis=0), 1)
    centre = np.where(present[used], x[used], 0.0).sum(axis=0) / counted
    centred = x - centre
    # Nor may a row that neither trains nor judges take part in any product.
    centred[~used & ~folds.held_out.any(axis=0)] = 0.0
    missing = None
    if not complete:
        centred[~present] = 0.0
        missing = sparse.csr_array((~present).astype(np.float64))
    observed = weight @ present if not complete else np.ones((len(weight), x.shape[1]))
    shift = np.divide(weight @ centred, observed, out=np.zeros_like(observed), where=observed > 0)
    scale = np.ones_like(shift)
    if standardise:
        # Missing cells sit at the mean: they add nothing to the sum of squares.
        for f in range(len(weight)):
            rows = weight[f] > 0
            magnitude = np.abs(centre) + np.abs(centred[rows]).max(axis=0)
            deviation = (centred[rows] - shift[f]) * present[rows]
            scale[f] = _safe_scale(np.sqrt(weight[f, rows] @ deviation**2), magnitude)
    return Design(centred, missing, centre, shift, scale, weight)


def _sparse_design(x: sparse.csr_array, folds: Folds, standardise: bool) -> Design:
    gaps = np.isnan(x.data)
    missing = None
    weight = folds.train_weight
    observed = np.ones((len(weight), x.shape[1]))
    if gaps.any():
        cells = (gaps[gaps].astype(np.float64), _coordinates(x, gaps))
        missing = sparse.csr_array(cells, shape=x.shape)
        x = x.copy()
        x.data[gaps] = 0.0
        observed -= _rows_times(weight, missing)
    total = _rows_times(weight, x)
    mean = np.divide(total, observed, out=np.zeros_like(total), where=observed > 0)
    scale = np.ones_like(mean)
    if standardise:
        second = _rows_times(weight, sparse.csr_array(x.power(2)))
        variance = np.maximum(second - observed * mean**2, 0.0)
        for f in range(len(weight)):
            greatest = np.asarray(abs(x[weight[f] > 0]).max(axis=0).todense()).ravel()
            scale[f] = _safe_scale(np.sqrt(variance[f]), greatest)
    # Without a reason to centre, zeros stay zeros.
    shift = mean if standardise or missing is not None else np.zeros_like(mean)
    return Design(x, missing, np.zeros(x.shape[1]), shift, scale, weight)


def filled(x: Array | sparse.csr_array, fill: Array) -> Array | sparse.csr_array:
    """The same rows with each missing cell at its column's value in ``fill``, (features,)."""
    if not sparse.issparse(x):
        return np.where(np.isnan(x), fill, x)
    gaps = np.isnan(x.data)
    whole = x.copy()
    whole.data[gaps] = fill[x.indices[gaps]]
    return whole


def _coordinates(x: sparse.csr_array, chosen: npt.NDArray[np.bool_]) -> tuple[Index, Index]:
    """Rows and columns of some of the stored entries."""
    rows = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    return rows[chosen], x.indices[chosen].astype(np.intp)


def _safe_scale(deviation: Array, greatest: Array) -> Array:
    """The deviation, or 1 where it is zero up to rounding: a constant column."""
    return np.where(deviation > 1e-13 * np.maximum(greatest, np.finfo(float).tiny), deviation, 1.0)
