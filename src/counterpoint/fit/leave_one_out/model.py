"""What the steps of all rows share: the factor of one Hessian.

The formula is in `counterpoint.fit.leave_one_out.scores`; the letters here are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from counterpoint.fit.preconditioner import joint_hessian
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]


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
    shed : array (n, features) or None
        Share of the ridge that each column loses without the row, where not all lose w_i.
    """

    x: Array
    basis: Array | None
    weight: Array
    shed: Array | None

    @property
    def usual(self) -> float:
        """The weight of a row, in the mean."""
        return float(self.weight @ self.weight)

    def coordinates(self, u: Array) -> Array:
        """Scaled columns to coordinates, on the last axis."""
        return u if self.basis is None else u @ self.basis.T

    def columns(self, u: Array) -> Array:
        """Coordinates to scaled columns, on the last axis."""
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
class Model:
    """What all rows share: t contrasts of outputs, m = t width weights.

    Attributes
    ----------
    contrasts : array (outputs, t)
    factor : array (m, t, width)
        T with Tᵀ T = A⁻¹.
    share : array (m,) or None
        Where rows differ in weight: the diagonal of alpha T P Tᵀ, P the projection on penalised
        weights. It is a diagonal matrix, so that (A + e alpha P)⁻¹ = Tᵀ (I + e share)⁻¹ T.
    v : array (t, features)
        Weights on scaled columns.
    pull, rest : array (m,)
        T alpha W and T ∇F.
    """

    contrasts: Array
    factor: Array
    share: Array | None
    v: Array
    pull: Array
    rest: Array


def model_of(rows: Rows, fit: Fit, curvature: Array) -> Model:
    """The model of one fit, given `Loss.curvature` at its raw scores."""
    contrasts = _contrasts(fit.loss, len(fit.z))
    width = rows.x.shape[1]
    flat, share = _inverse_factor(_hessian(rows, fit, curvature, contrasts), width, rows.weight)
    factor = flat.reshape(len(flat), -1, width)
    v, gradient = contrasts.T @ fit.v[:, :-1], contrasts.T @ fit.gradient
    pull = fit.alpha * np.tensordot(factor[..., :-1], rows.coordinates(v), 2)
    rest = np.tensordot(factor[..., :-1], rows.coordinates(gradient[:, :-1]), 2)
    rest += factor[..., -1] @ gradient[:, -1]
    share = None if share is None else fit.alpha * share
    return Model(contrasts, factor, share, v, pull, rest)


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
