"""The Newton step from a fit to the fit without a row, for every row at once.

The formula is in `counterpoint.fit.leave_one_out`; the letters here are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from counterpoint.fit.preconditioner import joint_hessian
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]

#: Products of rows with the Hessian's factor that are held at once.
CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Rows:
    """The rows that train.

    Attributes
    ----------
    x : array (n, width)
        Scaled columns, or coordinates in the rows' own space where these are fewer; then 1.
    basis : array (width - 1, features) or None
        From coordinates to scaled columns.
    weight : array (n,)
        Sums to 1.
    shed : array (n, features or 1)
        Share of the ridge that each column loses without the row.
    """

    x: Array
    basis: Array | None
    weight: Array
    shed: Array

    @property
    def usual(self) -> float:
        """The weight of a row, in the mean."""
        return float(self.weight @ self.weight)

    def coordinates(self, u: Array) -> Array:
        """Scaled columns to coordinates, row by row."""
        return u if self.basis is None else u @ self.basis.T

    def columns(self, u: Array) -> Array:
        """Coordinates to scaled columns, row by row."""
        return u if self.basis is None else u @ self.basis


@dataclass(frozen=True)
class Fit:
    """One alpha's fit of outputs that are tied together.

    Attributes
    ----------
    target, z : array (outputs, n)
    v, gradient : array (outputs, features + 1)
        Weights on scaled columns, and the objective's gradient there.
    floor
        Curvature that is given to an intercept that has less.
    """

    loss: Loss
    target: Array
    z: Array
    v: Array
    gradient: Array
    alpha: float
    floor: float


@dataclass(frozen=True)
class _Model:
    """What all rows share: t outputs' contrasts, m = t width weights.

    Attributes
    ----------
    contrasts : array (outputs, t)
    factor : array (m, t, width)
        T with Tᵀ T = A⁻¹.
    share : array (m,) or None
        Where rows differ in weight: the diagonal of T P Tᵀ, P the projection on penalised weights.
        It is a diagonal matrix, so that (A + e P)⁻¹ = Tᵀ (I + e share)⁻¹ T.
    pull : array (m, features or 1)
        T alpha W, to be weighed by what a row sheds.
    rest : array (m,)
        T ∇F.
    """

    contrasts: Array
    factor: Array
    share: Array | None
    pull: Array
    rest: Array


def newton_steps(rows: Rows, fit: Fit) -> Array:
    """Each row's Newton step in its own raw scores, (outputs, n)."""
    curvature = fit.loss.curvature(fit.z, fit.target)
    own = fit.loss.own_curvature(curvature)
    model = _model(rows, fit, curvature)
    residual = (model.contrasts.T @ fit.loss.gradient(fit.z, fit.target)).T[..., None]
    m, tied, _ = model.factor.shape
    least = _least_remaining(rows, fit, own[0]) if tied == 1 else np.zeros(len(rows.x))
    step = np.empty((len(rows.x), tied, 1))
    at_once = min(max(CELLS_AT_ONCE // (tied * m), 1), len(rows.x))
    products = np.zeros((at_once, tied, m))
    for start in range(0, len(rows.x), at_once):
        part = slice(start, min(start + at_once, len(rows.x)))
        weight = rows.weight[part, None, None]
        u, pulled = _through_factor(rows, fit.alpha, model, part, products)
        influence = u @ np.swapaxes(u, 1, 2)
        push = weight * (influence @ residual[part]) + u @ pulled[..., None]
        bend = _row_hessians(curvature[:, part].T, own[:, part].T)
        bend = model.contrasts.T @ bend @ model.contrasts
        remaining = np.eye(tied) - weight * (influence @ bend)
        if tied == 1:
            remaining = np.maximum(remaining, least[part, None, None])
        step[part] = np.linalg.solve(remaining, push)
    return np.asarray(model.contrasts @ step[..., 0].T)


def _through_factor(
    rows: Rows, alpha: float, model: _Model, part: slice, products: Array
) -> tuple[Array, Array]:
    """T X_iᵀ as rows (rows, t, m), in the place of ``products``; and T (alpha shed W - ∇F)."""
    x, width = rows.x[part], rows.x.shape[1]
    u = products[: len(x)]
    for k in range(u.shape[1]):
        # Half the work, as long as the factor is a triangle; products begin as zeros.
        first = k * width if model.share is None else 0
        np.matmul(x, model.factor[first:, k].T, out=u[:, k, first:])
    pulled = rows.shed[part] @ model.pull.T - model.rest
    if model.share is not None:
        ridge = alpha * (rows.usual - rows.weight[part, None])
        root = 1.0 / np.sqrt(1.0 + ridge * model.share)
        u *= root[:, None]
        pulled *= root
    return u, pulled


def _model(rows: Rows, fit: Fit, curvature: Array) -> _Model:
    contrasts = _contrasts(fit.loss, len(fit.z))
    width = rows.x.shape[1]
    flat, share = _inverse_factor(_hessian(rows, fit, curvature, contrasts), width, rows.weight)
    factor = flat.reshape(len(flat), -1, width)
    v, gradient = contrasts.T @ fit.v[:, :-1], contrasts.T @ fit.gradient
    rest = factor[..., -1] @ gradient[:, -1]
    rest += np.tensordot(factor[..., :-1], rows.coordinates(gradient[:, :-1]), 2)
    if rows.shed.shape[1] == 1:
        pull = np.tensordot(factor[..., :-1], rows.coordinates(v), 2)[:, None]
    else:
        pull = np.zeros((len(factor), v.shape[1]))
        for k, weights in enumerate(v):
            pull += rows.columns(factor[:, k, :-1]) * weights
    return _Model(contrasts, factor, share, fit.alpha * pull, rest)


def _contrasts(loss: Loss, outputs: int) -> Array:
    """Orthonormal combinations of the outputs that the loss sees, (outputs, t).

    Softmax does not see a shift of all outputs: without it the Hessian has an inverse.
    """
    if not loss.joint:
        return np.eye(outputs)
    return np.asarray(np.linalg.qr(np.eye(outputs)[:, 1:] - 1.0 / outputs)[0])


def _hessian(rows: Rows, fit: Fit, curvature: Array, contrasts: Array) -> Array:
    """A in the contrasts, with the ridge that is left without a row of the usual weight: (m, m)."""
    outputs, width = len(curvature), rows.x.shape[1]
    if fit.loss.joint:
        pairs = zip(*np.triu_indices(outputs, k=1), strict=True)
        blocks = np.stack([_gram(rows, curvature[k] * curvature[c]) for k, c in pairs])
        whole = joint_hessian(blocks, outputs).reshape(outputs, width, outputs, width)
        half = np.tensordot(whole, contrasts, (2, 0))
        both = np.tensordot(contrasts, half, (0, 0)).transpose(0, 1, 3, 2)
        square = both.reshape(both.shape[0] * width, -1)
    else:
        square = _gram(rows, curvature[0])
        square[-1, -1] = max(square[-1, -1], fit.floor)
    index = np.arange(len(square))
    penalised = index[index % width < width - 1]
    square[penalised, penalised] += fit.alpha * (1.0 - rows.usual)
    return square


def _gram(rows: Rows, curvature: Array) -> Array:
    root = rows.x * np.sqrt(rows.weight * curvature)[:, None]
    return root.T @ root


def _inverse_factor(hessian: Array, width: int, weight: Array) -> tuple[Array, Array | None]:
    """``factor`` of the model, flat, and its ``share``.

    Where all rows weigh the same no row needs a ridge of its own, and the factor is the inverse
    of a Cholesky factor, lower triangular: that saves an eigenvalue problem.
    """
    factor, _ = lapack.dtrtri(_cholesky(hessian), lower=1)
    if np.ptp(weight) <= 1e-12 * weight.max():
        return factor, None
    size = len(factor)
    penalised = factor.reshape(size, -1, width)[..., :-1].reshape(size, -1)
    share, rotation = np.linalg.eigh(penalised @ penalised.T)
    return rotation.T @ factor, share


def _cholesky(square: Array) -> Array:
    """Lower triangle; with as much more on the diagonal as rounding asks for."""
    index = np.arange(len(square))
    diagonal = square[index, index].copy()
    more = len(square) * float(np.finfo(np.float64).eps)
    while True:
        square[index, index] = diagonal * (1.0 + more)
        try:
            return np.asarray(np.linalg.cholesky(square))
        except np.linalg.LinAlgError:
            if more > 1.0:
                raise
            more *= 10.0


def _row_hessians(curvature: Array, own: Array) -> Array:
    """D of each row, (rows, outputs, outputs): softmax's, and that of a single output."""
    out = -curvature[:, :, None] * curvature[:, None, :]
    k = np.arange(curvature.shape[1])
    out[:, k, k] = own
    return out


def _least_remaining(rows: Rows, fit: Fit, curvature: Array) -> Array:
    """The least that 1 - w_i B D can be for a single output: rounding must not take it below.

    It is 1 / (1 + w_i D b), with b what B is without the row: at most its squared distance from
    the other rows' centre over the ridge, plus the inverse of their curvature. Shape (n,).
    """
    mine = rows.weight * curvature
    total = max(float(mine.sum()), fit.floor)
    others = np.maximum(total - mine, fit.floor)
    squares = ((rows.x - mine @ rows.x / total) ** 2).sum(axis=1) * (total / others) ** 2
    most = squares / (fit.alpha * (1.0 - rows.weight)) + 1.0 / others
    return np.asarray(1.0 / (1.0 + mine * most))
