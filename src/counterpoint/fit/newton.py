"""Newton's method for many smooth problems at once.

All problems in a batch share each product with X. A direction comes from conjugate gradients on
the Newton system, problem by problem to its own accuracy; the line search works on stored scores
and reads no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.preconditioner import Preconditioner
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Conjugate-gradient steps a Newton step may take.
CG_LIMIT = 250


@dataclass(frozen=True)
class Batch:
    """Problems that are stepped together.

    Attributes
    ----------
    ridge : array (problems,)
        alpha times the penalty's l2_ratio.
    fold : array (problems,)
    target : array (problems or 1, outputs, n)
    """

    design: Design
    loss: Loss
    ridge: Array
    fold: Index
    target: Array

    def subset(self, keep: Index) -> Batch:
        """The same for some of the problems."""
        target = self.target if len(self.target) == 1 else self.target[keep]
        return Batch(self.design, self.loss, self.ridge[keep], self.fold[keep], target)

    @property
    def row_weight(self) -> Array:
        """Training weights, (problems, n)."""
        return self.design.train_weight[self.fold]

    def objective(self, z: Array, v: Array) -> Array:
        """Data loss plus penalty, (problems,)."""
        data_loss = (self.loss.value(z, self.target) * self.row_weight).sum(axis=-1)
        return np.asarray(data_loss + 0.5 * self.ridge * (v[..., :-1] ** 2).sum(axis=(1, 2)))

    def gradient(self, z: Array, v: Array) -> Array:
        """Gradient of the objective in v, shaped like v."""
        residual = self.loss.gradient(z, self.target) * self.row_weight[:, None, :]
        return self.design.adjoint(residual, self.fold) + self._ridge_times(v)

    def hessian_product(self, curvature: Array, u: Array) -> Array:
        """Second derivative of the objective times u, shaped like u."""
        zu = self.loss.hessian_product(curvature, self.design.scores(u, self.fold))
        zu *= self.row_weight[:, None, :]
        return self.design.adjoint(zu, self.fold) + self._ridge_times(u)

    def _ridge_times(self, v: Array) -> Array:
        out = self.ridge[:, None, None] * v
        out[..., -1] = 0.0
        return out


def newton_direction(
    batch: Batch,
    curvature: Array,
    gradient: Array,
    preconditioners: Sequence[Preconditioner],
    accuracy: Array,
) -> tuple[Array, Index]:
    """Solve the Newton systems by preconditioned conjugate gradients.

    Parameters
    ----------
    accuracy : array (problems,)
        Share of the residual, in the preconditioner's norm, at which a problem leaves.

    Returns
    -------
    directions, shaped like ``gradient``, and the number of steps each problem took.
    """
    direction = np.zeros_like(gradient)
    residual = -gradient
    z = _apply(preconditioners, residual)
    search = z.copy()
    power = _dot(residual, z)
    goal = accuracy**2 * power
    steps = np.zeros(len(gradient), dtype=np.intp)
    live = np.flatnonzero(power > 0)
    for _ in range(CG_LIMIT):
        if not len(live):
            break
        part = batch.subset(live)
        u = search[live]
        product = part.hessian_product(curvature[live], u)
        bend = _dot(u, product)
        step = np.divide(power[live], bend, out=np.zeros_like(bend), where=bend > 0)
        direction[live] += step[:, None, None] * u
        residual[live] -= step[:, None, None] * product
        z = _apply([preconditioners[i] for i in live], residual[live])
        fresh = _dot(residual[live], z)
        search[live] = z + (fresh / power[live])[:, None, None] * u
        power[live] = fresh
        steps[live] += 1
        live = live[(fresh > goal[live]) & (bend > 0)]
    return direction, steps


def line_search(
    batch: Batch, z: Array, v: Array, gradient: Array, direction: Array
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Halve each problem's step until its objective falls enough (Armijo's rule).

    Returns
    -------
    the moved v, and whether each problem's objective fell.
    """
    dz = batch.design.scores(direction, batch.fold)
    start = batch.objective(z, v)
    slope = _dot(gradient, direction)
    length = np.ones(len(v))
    open_ = np.arange(len(v))
    for _ in range(40):
        part = batch.subset(open_)
        t = length[open_][:, None, None]
        value = part.objective(z[open_] + t * dz[open_], v[open_] + t * direction[open_])
        # Close to the optimum the decrease drowns in rounding: allow for that much.
        slack = 4 * np.finfo(np.float64).eps * np.abs(start[open_])
        enough = value <= start[open_] + 1e-4 * length[open_] * slope[open_] + slack
        open_ = open_[~enough]
        if not len(open_):
            break
        length[open_] *= 0.5
    fell = np.ones(len(v), dtype=bool)
    fell[open_] = False
    length[open_] = 0.0
    return v + length[:, None, None] * direction, fell


def _apply(preconditioners: Sequence[Preconditioner], residual: Array) -> Array:
    return np.stack([p(r) for p, r in zip(preconditioners, residual, strict=True)])


def _dot(a: Array, b: Array) -> Array:
    return np.einsum("pow,pow->p", a, b)
