"""Newton's method for many smooth problems at once.

All problems in a batch share each product with X. A direction comes from conjugate gradients on
the Newton system, problem by problem to its own accuracy; the line search works on stored scores
and reads no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.line_search import exact_steps
from counterpoint.fit.preconditioner import Preconditioner
from counterpoint.fit.rows import Rows
from counterpoint.fit.rowwise import Rowwise
from counterpoint.fit.threads import in_threads
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Curvature = npt.NDArray[Any]  # in the precision of the batch's products
Index = npt.NDArray[np.intp]

#: Share of the Hessian's greatest possible trace from which a ridge outlasts single precision.
SINGLE_RIDGE = 2e-8
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
        """The same for some of the problems, indices ascending."""
        if len(keep) == len(self.fold):
            return self
        target = self.target if len(self.target) == 1 else self.target[keep]
        return Batch(self.design, self.loss, self.ridge[keep], self.fold[keep], target)

    def rowwise(self, z: Array) -> Rowwise:
        """The loss at raw scores."""
        return Rowwise(self.loss, z, self.target, self.design.train_weight, self.fold)

    def penalty(self, v: Array) -> Array:
        """(problems,)."""
        return np.asarray(0.5 * self.ridge * (v[..., :-1] ** 2).sum(axis=(1, 2)))

    def objective(self, z: Array, v: Array) -> Array:
        """Data loss plus penalty, (problems,)."""
        return self.rowwise(z).loss_sum() + self.penalty(v)

    def look(self, v: Array) -> Look:
        """The objective and its first derivatives at v, in double precision, in one pass."""
        shape = (*v.shape[:-1], self.design.n)
        z, value = np.empty(shape), np.empty((len(v), self.design.n))
        curvature = np.empty(shape, dtype=self.design.single.dtype)
        rows = self.rowwise(z)

        def residual(part: slice, scores: Array) -> Array:
            target = rows.target_of(part)
            z[..., part] = scores
            value[:, part] = self.loss.value(scores, target) * rows.weight_of(part)
            curvature[..., part] = self.loss.curvature(scores, target)
            return rows.residual(part)

        gradient = self.design.through(v, self.fold, residual)
        gradient[..., :-1] += self.ridge[:, None, None] * v[..., :-1]
        return Look(v, z, curvature, value.sum(axis=-1), gradient)

    def _rows(self, live: Index) -> Rows:
        """The precision of products: single, unless its rounding would drown a ridge."""
        moments = self.design.second_moments[self.fold[live], :-1].sum(axis=-1)
        greatest = self.loss.greatest_curvature * moments
        fine = (self.ridge[live] > SINGLE_RIDGE * greatest).all()
        return self.design.single if fine else self.design.double

    def hessian_product(self, curvature: Curvature, live: Index, u: Array) -> Array:
        """Second derivative of the objective times u, for the problems ``live``."""
        rows = self._rows(live)
        whole = len(live) == len(self.fold)
        fold, ridge = self.fold[live], self.ridge[live]

        def middle(part: slice, zu: Array) -> Array:
            here = curvature[..., part] if whole else curvature[live, :, part]
            weight = self.design.train_weight[:, part][fold].astype(rows.dtype)
            return np.asarray(self.loss.hessian_product(here, zu) * weight[:, None])

        out = self.design.through(u, fold, middle, rows)
        out[..., :-1] += ridge[:, None, None] * u[..., :-1]
        out[..., -1] += self.design.intercept_ridge(ridge, fold)[:, None] * u[..., -1]
        return out


@dataclass(frozen=True)
class Look:
    """What a pass over the data says of a batch at weights v.

    Attributes
    ----------
    v : array (problems, outputs, width)
    z : array (problems, outputs, n)
    curvature : array (problems, outputs, n)
        From `Loss.curvature`, in the precision of the batch's products.
    data_loss : array (problems,)
    gradient : array (problems, outputs, width)
        Of the objective.
    """

    v: Array
    z: Array
    curvature: Curvature
    data_loss: Array
    gradient: Array

    def subset(self, keep: Index) -> Look:
        """The same for some of the problems, indices ascending."""
        if len(keep) == len(self.v):
            return self
        return Look(
            self.v[keep],
            self.z[keep],
            self.curvature[keep],
            self.data_loss[keep],
            self.gradient[keep],
        )


def newton_direction(
    batch: Batch,
    curvature: Curvature,
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
        u = search[live]
        product = batch.hessian_product(curvature, live, u)
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


def line_search(batch: Batch, look: Look, direction: Array) -> tuple[Array, Array, Curvature]:
    """Go along each problem's direction to about its least objective.

    Returns
    -------
    the moved v, the length of each problem's step (zero where its objective did not fall), and
    the direction in scores.
    """
    v = look.v
    dz = batch.design.scores(direction, batch.fold, batch.design.single)
    start = look.data_loss + batch.penalty(v)
    linear = batch.ridge * (v * direction)[..., :-1].sum(axis=(1, 2))
    square = batch.ridge * (direction[..., :-1] ** 2).sum(axis=(1, 2))
    everything = batch.rowwise(look.z)

    def slope(which: Index, length: Array) -> Array:
        rows, t = everything.subset(which), length[:, None, None]

        def block(part: slice) -> tuple[Array]:
            step = rows.part(dz, part)
            rates = batch.loss.gradient(rows.z_of(part) + t * step, rows.target_of(part)) * step
            return ((rates.sum(axis=1) * rows.weight_of(part)).sum(axis=-1),)

        return np.asarray(rows.sum(block)[0] + linear[which] + length * square[which])

    def rise(which: Index, length: Array) -> Array:
        rows, t = everything.subset(which), length[:, None, None]

        def block(part: slice) -> tuple[Array]:
            there = rows.z_of(part) + t * rows.part(dz, part)
            value = batch.loss.value(there, rows.target_of(part))
            return ((value * rows.weight_of(part)).sum(axis=-1),)

        moved = batch.subset(which).penalty(v[which] + t * direction[which])
        # Close to the optimum the decrease drowns in rounding: allow for that much.
        return np.asarray(
            rows.sum(block)[0] + moved - start[which] * (1 + 4 * np.finfo(np.float64).eps)
        )

    length = exact_steps(slope, rise, _dot(look.gradient, direction))
    return v + length[:, None, None] * direction, length, dz


def _apply(preconditioners: Sequence[Preconditioner], residual: Array) -> Array:
    """Each problem's preconditioner; those that share one in a single product."""
    out = np.empty_like(residual)

    def one(preconditioner: Preconditioner) -> None:
        sharing = [i for i, p in enumerate(preconditioners) if p is preconditioner]
        out[sharing] = preconditioner(residual[sharing])

    for _ in in_threads(one, dict.fromkeys(preconditioners)):
        pass
    return out


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("pow,pow->p", a, b))
