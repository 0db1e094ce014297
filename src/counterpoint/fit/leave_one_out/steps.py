"""The Newton step from a fit to the fit without a row, for every row at once.

The formula is in `counterpoint.fit.leave_one_out.scores`; the letters here are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.leave_one_out.model import Fit, Model, Rows, model_of

Array = npt.NDArray[np.float64]

#: Products of rows with the Hessian's factor that are held at once.
CELLS_AT_ONCE = 1_000_000
#: Rounds of the fixed point that gives a row its own change of the ridge.
ROUNDS = 2


@dataclass(frozen=True)
class _Part:
    """What some rows, b of them, make of the model.

    Attributes
    ----------
    weight : array (b, 1, 1)
    root : array (b, m) or None
        Times T: the row's own factor, where it has one.
    u : array (b, t, m)
        X_i Tᵀ.
    influence, remaining, bend : array (b, t, t)
        B, I - w_i B D, and D.
    residual : array (b, t, 1)
        g.
    """

    weight: Array
    root: Array | None
    u: Array
    influence: Array
    remaining: Array
    bend: Array
    residual: Array

    def rooted(self, pulled: Array) -> Array:
        """T times something, (b, m), with the rows' own factors for T."""
        return pulled if self.root is None else self.root * pulled

    def steps(self, pulled: Array) -> Array:
        """In raw scores, (b, t, 1), where all but the loss pulls by ``pulled`` under T."""
        push = self.weight * (self.influence @ self.residual) + self.u @ pulled[..., None]
        return np.asarray(np.linalg.solve(self.remaining, push))

    def in_weights(self, pulled: Array, steps: Array) -> Array:
        """The same steps in the weights, (b, m) times T."""
        loss = self.weight * (self.residual + self.bend @ steps)
        return self.rooted((np.swapaxes(self.u, 1, 2) @ loss)[..., 0] + pulled)


def newton_steps(rows: Rows, fit: Fit) -> Array:
    """Each row's Newton step in its own raw scores, (outputs, n)."""
    curvature = fit.loss.curvature(fit.z, fit.target)
    own = fit.loss.own_curvature(curvature)
    model = model_of(rows, fit, curvature)
    residual = model.contrasts.T @ fit.loss.gradient(fit.z, fit.target)
    m, tied, _ = model.factor.shape
    least = _least_remaining(rows, fit, own[0]) if tied == 1 else None
    found = np.empty((tied, len(rows.x)))
    at_once = min(max(CELLS_AT_ONCE // (tied * max(m, model.v.shape[1])), 1), len(rows.x))
    products = np.zeros((at_once, tied, m))
    for start in range(0, len(rows.x), at_once):
        at = slice(start, min(start + at_once, len(rows.x)))
        weight = rows.weight[at, None, None]
        u, root = _through_factor(rows, model, at, products)
        influence = u @ np.swapaxes(u, 1, 2)
        bend = _row_hessians(curvature[:, at].T, own[:, at].T)
        bend = model.contrasts.T @ bend @ model.contrasts
        remaining = np.eye(tied) - weight * (influence @ bend)
        if least is not None:
            remaining = np.maximum(remaining, least[at, None, None])
        part = _Part(weight, root, u, influence, remaining, bend, residual[:, at].T[..., None])
        pulled = part.rooted(weight[..., 0] * model.pull - model.rest)
        steps = part.steps(pulled)
        if rows.shed is not None:
            excess = fit.alpha * (rows.shed[at] - rows.weight[at, None])
            steps = _with_own_ridge(rows, model, part, excess, pulled, steps)
        found[:, at] = steps[..., 0].T
    return np.asarray(model.contrasts @ found)


def _through_factor(
    rows: Rows, model: Model, at: slice, products: Array
) -> tuple[Array, Array | None]:
    """``u`` of some rows, in the place of ``products``, and ``root``."""
    x, width = rows.x[at], rows.x.shape[1]
    u = products[: len(x)]
    for k in range(u.shape[1]):
        # Half the work, as long as the factor is a triangle; products begin as zeros.
        first = k * width if model.share is None else 0
        np.matmul(x, model.factor[first:, k].T, out=u[:, k, first:])
    if model.share is None:
        return u, None
    root = 1.0 / np.sqrt(1.0 + (rows.usual - rows.weight[at, None]) * model.share)
    u *= root[:, None]
    return u, root


def _with_own_ridge(
    rows: Rows, model: Model, part: _Part, excess: Array, pulled: Array, steps: Array
) -> Array:
    """The steps where a row's ridge is less by ``excess``, (b, features), than was made up for.

    With S the step in the weights, (A - excess) S = pull is S = A⁻¹ (pull + excess S): a fixed
    point, the first rounds of which are most of it.
    """
    m, tied, width = model.factor.shape
    features = model.factor[..., :-1].reshape(m, -1)
    total = pulled
    for _ in range(ROUNDS):
        u = part.in_weights(total, steps) @ features
        v = model.v + rows.columns(u.reshape(len(u), tied, width - 1))
        force = rows.coordinates(excess[:, None] * v).reshape(len(u), -1)
        total = pulled + part.rooted(force @ features.T)
        steps = part.steps(total)
    return steps


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
