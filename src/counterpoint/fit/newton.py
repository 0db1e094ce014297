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
from counterpoint.fit.line_search import exact_steps
from counterpoint.fit.preconditioner import Preconditioner
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: A step shorter than this was cut short.
CUT_SHORT = 0.5
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
        out = self.design.adjoint(zu, self.fold) + self._ridge_times(u)
        out[..., -1] += self.design.intercept_ridge(self.ridge, self.fold)[:, None] * u[..., -1]
        return out

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
        z = _apply([preconditioners[i] for i in live.tolist()], residual[live])
        fresh = _dot(residual[live], z)
        search[live] = z + (fresh / power[live])[:, None, None] * u
        power[live] = fresh
        steps[live] += 1
        live = live[(fresh > goal[live]) & (bend > 0)]
    return direction, steps


def held_curvature(
    loss: Loss, z: Array, dz: Array, target: Array, length: float, before: Array | float
) -> Array:
    """Curvature that the next Newton step must reckon with, after one that may be cut short.

    A piecewise loss shows a Newton step no curvature on rows that are flat where it starts, but
    not where it leads: the line search cuts it short, and so it goes on. The mean curvature along
    the whole step, (gradient(z + dz) - gradient(z)) / dz, tells the next step of those rows. With
    that curvature a full step would end at the optimum, if it were the same step.

    Parameters
    ----------
    z, dz : array (outputs, n)
        Scores, and the whole step in them.
    target : array (outputs, n)
    length
        How much of the step was taken.
    before : array (outputs, n), or 0
        What was held before: it fades.

    Returns
    -------
    array (outputs, n)
    """
    if length >= CUT_SHORT:
        faded = 0.1 * np.asarray(before)
        return np.where(faded > 1e-7, faded, 0.0)
    change = loss.gradient(z + dz, target) - loss.gradient(z, target)
    mean = np.divide(change, dz, out=np.zeros_like(dz), where=dz != 0)
    return np.maximum(mean, 0.5 * before)


def line_search(
    batch: Batch, z: Array, v: Array, gradient: Array, direction: Array
) -> tuple[Array, Array, Array]:
    """Go along each problem's direction to about its least objective.

    Returns
    -------
    the moved v, the length of each problem's step (zero where its objective did not fall), and
    the direction in scores.
    """
    dz = batch.design.scores(direction, batch.fold)
    start = batch.objective(z, v)
    linear = batch.ridge * (v * direction)[..., :-1].sum(axis=(1, 2))
    square = batch.ridge * (direction[..., :-1] ** 2).sum(axis=(1, 2))

    def slope(which: Index, length: Array) -> Array:
        part = batch.subset(which)
        at = z[which] + length[:, None, None] * dz[which]
        rates = (part.loss.gradient(at, part.target) * dz[which]).sum(axis=1)
        data = (rates * part.row_weight).sum(axis=-1)
        return np.asarray(data + linear[which] + length * square[which])

    def rise(which: Index, length: Array) -> Array:
        t = length[:, None, None]
        part = batch.subset(which)
        there = part.objective(z[which] + t * dz[which], v[which] + t * direction[which])
        # Close to the optimum the decrease drowns in rounding: allow for that much.
        return np.asarray(there - start[which] * (1 + 4 * np.finfo(np.float64).eps))

    length = exact_steps(slope, rise, _dot(gradient, direction))
    return v + length[:, None, None] * direction, length, dz


def _apply(preconditioners: Sequence[Preconditioner], residual: Array) -> Array:
    return np.stack([p(r) for p, r in zip(preconditioners, residual, strict=True)])


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("pow,pow->p", a, b))
