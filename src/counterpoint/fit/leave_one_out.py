"""Approximate leave-one-out: each row's raw scores without it, from the fit on all rows.

Leaving row i out takes its weight w_i away, and the other weights are made to sum to 1 again. So
a refit minimises, up to a factor, F - w_i loss_i - w_i alpha |W|²/2 with F the objective of the
fit on all rows. One Newton step on that, taken from the fit, ends at the raw scores

    z_i + (I - w_i B D)⁻¹ (w_i B g + X_i A⁻¹ (w_i alpha W - ∇F)),   B = X_i A⁻¹ X_iᵀ.

Here g and D are the loss's gradient and Hessian in row i's raw scores, X_i maps the weights to
these, and A is F's Hessian with the ridge (1 - w_i) alpha: one factor of A serves every row (Rad
and Maleki 2020, arXiv 1801.10243). A quadratic loss has its exact leave-one-out scores. ∇F is
what is left of the gradient where the fit stopped.

Standardised columns would have other deviations without the row. With x̃ the row's scaled cells,
the ridge becomes (1 - x̃² w_i / (1 - w_i)) alpha, column by column. The right-hand side above has
it so; A has its mean over rows. Cells that are missing keep the mean of all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from counterpoint.errors import InputError
from counterpoint.fit.design import Design
from counterpoint.fit.preconditioner import joint_hessian
from counterpoint.fit.threads import in_threads, shared_threads
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Operations that a path may take: some ten minutes of two cores.
OPERATIONS_LIMIT = 2e13
#: Weights that a Hessian may tie together: each array of its size takes 200 MB.
WEIGHTS_LIMIT = 5000
#: Cells of the rows as dense columns: 2 GB.
CELLS_LIMIT = 250_000_000
#: Products of rows with the Hessian's factor that are held at once.
CELLS_AT_ONCE = 1_000_000
#: Operations below which a second thread costs more in waiting than it saves in work.
SMALL = 1e8


def check_leave_one_out(
    design: Design, loss: Loss, penalty: Penalty, n_classes: int, n_alphas: int
) -> None:
    """Refuse what `leave_one_out_scores` can't do, or not in minutes.

    Raises
    ------
    InputError
        For a penalty with an L1 part, and where the work or the memory exceeds the limits.
    """
    if penalty.l1_ratio:
        raise InputError(
            f"cv is 'alo', and approximate leave-one-out needs the L2 penalty (here it is "
            f"{penalty.label}); use that, or folds such as cv=5."
        )
    outputs = loss.n_outputs(n_classes)
    n, features = len(design.train_weight[0]), design.width - 1
    tied = _tied(design, loss, outputs)
    work = _operations(design, loss, outputs, n_alphas)
    if tied > WEIGHTS_LIMIT or n * features > CELLS_LIMIT or work > OPERATIONS_LIMIT:
        raise InputError(
            f"cv is 'alo', which for {n:,} rows, {features:,} features and {n_alphas} alphas takes "
            f"about {work:.0e} operations and matrices of {tied:,} by {tied:,}, more than the "
            f"{OPERATIONS_LIMIT:.0e} and {WEIGHTS_LIMIT:,} it is for; use folds such as cv=5."
        )


def leave_one_out_scores(
    design: Design,
    loss: Loss,
    alphas: Array,
    targets: Array,
    v: Array,
    raw: Array,
    standardised: bool,
) -> Array:
    """Approximate raw scores of each training row by the fit without it.

    Parameters
    ----------
    design
        Its fold 0 is the fit on all rows.
    alphas : array (m,)
    targets : array (outputs, n)
    v : array (m, outputs, width)
        Fold 0's fits under the L2 penalty.
    raw : array (m, outputs, n)
        Their raw scores.
    standardised
        Whether columns are divided by their deviation, which a row then has a part in.

    Returns
    -------
    array (m, outputs, n), with the raw scores of rows without weight as they are.
    """
    rows = _rows(design, standardised)
    gradient = design.adjoint(
        loss.gradient(raw, targets) * design.train_weight[0], np.zeros(len(v), dtype=np.intp)
    )
    gradient[..., :-1] += alphas[:, None, None] * v[..., :-1]
    floors = np.minimum(design.intercept_ridge(alphas, 0), 1e-3 * loss.greatest_curvature)
    groups = [slice(None)] if loss.joint else [slice(k, k + 1) for k in range(len(targets))]
    places = list(product(range(len(v)), groups))

    def step(place: tuple[int, slice]) -> Array:
        a, outputs = place
        fit = _Fit(
            loss,
            targets[outputs, rows.counted],
            raw[a, outputs][:, rows.counted],
            v[a, outputs],
            gradient[a, outputs],
            float(alphas[a]),
            float(floors[a]),
        )
        return _steps(rows, fit)

    out = raw.copy()
    small = _operations(design, loss, len(targets), len(v)) < SMALL
    with shared_threads(1 if small else None):
        for (a, outputs), move in zip(places, in_threads(step, places), strict=True):
            out[a, outputs][:, rows.counted] += move
    return out


def _tied(design: Design, loss: Loss, outputs: int) -> int:
    """Weights that a Hessian ties together."""
    return min(design.width, len(design.train_weight[0]) + 1) * (outputs if loss.joint else 1)


def _operations(design: Design, loss: Loss, outputs: int, n_alphas: int) -> float:
    tied, n = float(_tied(design, loss, outputs)), len(design.train_weight[0])
    return n_alphas * (1 if loss.joint else outputs) * (2.0 * n * tied**2 + tied**3)


@dataclass(frozen=True)
class _Rows:
    """The rows that train.

    Attributes
    ----------
    counted : bool array (n,)
        Which rows these are, N of them.
    x : array (N, r + 1)
        Scaled columns, or their coordinates in the rows' own space where that is smaller; then 1.
    basis : array (r, features)
        From those coordinates to scaled columns.
    weight : array (N,)
    shed : array (N, features or 1)
        Share of the ridge that each column loses without the row.
    """

    counted: Mask
    x: Array
    basis: Array | None
    weight: Array
    shed: Array

    def mapped(self, u: Array) -> Array:
        """Rows of coordinates to scaled columns."""
        return u if self.basis is None else u @ self.basis

    def coordinates(self, u: Array) -> Array:
        """Rows of scaled columns to coordinates."""
        return u if self.basis is None else u @ self.basis.T


@dataclass(frozen=True)
class _Fit:
    """One alpha's fit of outputs that are tied together, over the rows that train.

    Attributes
    ----------
    target, z : array (outputs, N)
    v, gradient : array (outputs, width)
        Weights, and the objective's gradient there.
    floor
        Curvature that a step gives an intercept that has less.
    """

    loss: Loss
    target: Array
    z: Array
    v: Array
    gradient: Array
    alpha: float
    floor: float


def _rows(design: Design, standardised: bool) -> _Rows:
    counted = design.train_weight[0] > 0
    weight = design.train_weight[0][counted]
    x = design.scaled(0)[counted]
    shed = weight[:, None]
    if standardised:
        shed = x**2 * (shed / (1.0 - shed))
        # A column that is constant without the row keeps scale 1, and its ridge.
        shed = np.where(shed < 1.0 - 1e-9, shed, weight[:, None])
    basis = None
    if x.shape[1] > len(x):
        # Under L2 the weights are combinations of rows: n coordinates say all there is to say.
        basis = np.linalg.qr(x.T)[0].T
        x = x @ basis.T
    return _Rows(counted, np.concatenate([x, np.ones((len(x), 1))], axis=1), basis, weight, shed)


def _steps(rows: _Rows, fit: _Fit) -> Array:
    """Each row's Newton step in its own raw scores, (outputs, N)."""
    outputs, width = len(fit.z), rows.x.shape[1]
    curvature = fit.loss.curvature(fit.z, fit.target)
    residual = fit.loss.gradient(fit.z, fit.target)
    own = fit.loss.own_curvature(curvature)
    usual = float(rows.weight @ rows.weight)
    factor, share = _inverse_factor(_hessian(rows, fit, curvature, usual), width, rows.weight)
    factor = factor.reshape(-1, outputs, width)
    steep = np.sum([rows.mapped(factor[:, k, :-1]) * fit.v[k, :-1] for k in range(outputs)], axis=0)
    if rows.shed.shape[1] == 1:
        steep = steep.sum(axis=1, keepdims=True)
    left = np.append(rows.coordinates(fit.gradient[:, :-1]), fit.gradient[:, -1:], axis=1)
    still = np.tensordot(factor, left, 2)
    least = _least_remaining(rows, fit, own[0]) if outputs == 1 else np.zeros(len(rows.x))
    out = np.empty_like(fit.z)
    at_once = max(CELLS_AT_ONCE * width // factor.size, 1)
    for start in range(0, len(rows.x), at_once):
        part = slice(start, start + at_once)
        weight = rows.weight[part, None, None]
        u = np.stack([rows.x[part] @ factor[:, k].T for k in range(outputs)], axis=1)
        if fit.loss.joint:
            u -= u.mean(axis=1, keepdims=True)  # softmax does not see a shift of all outputs
        toward = fit.alpha * (rows.shed[part] @ steep.T) - still
        # (A + e P)⁻¹ = Tᵀ (1 + e share)⁻¹ T for any row's own ridge.
        root = 1.0 / np.sqrt(1.0 + fit.alpha * (usual - rows.weight[part, None]) * share)
        u *= root[:, None]
        toward *= root
        influence = u @ np.swapaxes(u, 1, 2)
        push = weight * (influence @ residual[:, part].T[..., None]) + u @ toward[..., None]
        bend = _row_hessians(curvature[:, part].T, own[:, part].T)
        remaining = np.eye(outputs) - weight * (influence @ bend)
        if outputs == 1:
            remaining = np.maximum(remaining, least[part, None, None])
        out[:, part] = np.linalg.solve(remaining, push)[..., 0].T
    return out


def _hessian(rows: _Rows, fit: _Fit, curvature: Array, usual: float) -> Array:
    """The objective's Hessian with the ridge that it has without a row of the usual weight."""
    outputs, width = len(curvature), rows.x.shape[1]
    if fit.loss.joint:
        pairs = zip(*np.triu_indices(outputs, k=1), strict=True)
        blocks = [_gram(rows, curvature[k] * curvature[c]) for k, c in pairs]
        square = joint_hessian(np.stack(blocks), outputs)
    else:
        square = _gram(rows, curvature[0])
    apart = square.reshape(outputs, width, outputs, width)
    k = np.arange(outputs)
    features = np.arange(width - 1)
    apart[k[:, None], features, k[:, None], features] += fit.alpha * (1.0 - usual)
    intercepts = apart[k, -1, k, -1]
    if fit.loss.joint:
        # Any curvature along the shift of all outputs will do; this one suits the others.
        apart[:, -1, :, -1] += max(float(intercepts.mean()), fit.floor)
    else:
        apart[k, -1, k, -1] = np.maximum(intercepts, fit.floor)
    return square


def _gram(rows: _Rows, curvature: Array) -> Array:
    root = rows.x * np.sqrt(rows.weight * curvature)[:, None]
    return root.T @ root


def _inverse_factor(hessian: Array, width: int, weight: Array) -> tuple[Array, Array]:
    """T with Tᵀ T = A⁻¹, and the diagonal of T P Tᵀ, with P the projection on penalised weights.

    T P Tᵀ is made diagonal, so that a row whose weight is not the usual one has its own ridge in
    (A + e P)⁻¹ = Tᵀ diag(1 + e share)⁻¹ T. Where all rows weigh the same none needs that, and the
    shares are left at zero, which saves an eigenvalue problem.
    """
    size = len(hessian)
    factor, _ = lapack.dtrtri(_cholesky(hessian), lower=1)
    if np.ptp(weight) <= 1e-12 * weight.max():
        return factor, np.zeros(size)
    penalised = factor.reshape(size, -1, width)[..., :-1].reshape(size, -1)
    share, rotation = np.linalg.eigh(penalised @ penalised.T)
    return rotation.T @ factor, share


def _cholesky(square: Array) -> Array:
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
    """The loss's Hessian in each row's raw scores, (rows, outputs, outputs)."""
    out = -curvature[:, :, None] * curvature[:, None, :]
    k = np.arange(curvature.shape[1])
    out[:, k, k] = own
    return out


def _least_remaining(rows: _Rows, fit: _Fit, curvature: Array) -> Array:
    """The least that 1 - w_i B D can be, row by row: what rounding must not take it below.

    It is 1 / (1 + w_i D b) with b the same as B without the row: at most the squared distance of
    the row from the others' centre over the ridge, plus the inverse of their curvature.
    """
    mine = rows.weight * curvature
    total = max(float(mine.sum()), fit.floor)
    others = np.maximum(total - mine, fit.floor)
    distance = ((rows.x - mine @ rows.x / total) ** 2).sum(axis=1) * (total / others) ** 2
    most = distance / (fit.alpha * (1.0 - rows.weight)) + 1.0 / others
    return np.asarray(1.0 / (1.0 + mine * most))
