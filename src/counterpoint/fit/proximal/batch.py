"""Problems with an L1 part that are stepped together: objective, optimality and line search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.line_search import exact_steps
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Batch:
    """Several problems on the same columns.

    Attributes
    ----------
    alpha : array (problems,)
    fold : array (problems,)
    target : array (problems or 1, outputs, n)
    """

    design: Design
    loss: Loss
    penalty: Penalty
    alpha: Array
    fold: Index
    target: Array

    def subset(self, keep: Index) -> Batch:
        """The same for some of the problems."""
        target = self.target if len(self.target) == 1 else self.target[keep]
        return Batch(
            self.design, self.loss, self.penalty, self.alpha[keep], self.fold[keep], target
        )

    @property
    def threshold(self) -> Array:
        """Weight of each |w|, (problems,)."""
        return self.alpha * self.penalty.l1_ratio

    @property
    def ridge(self) -> Array:
        """Weight of each w^2 / 2, (problems,)."""
        return self.alpha * self.penalty.l2_ratio

    @property
    def row_weight(self) -> Array:
        """Training weights, (problems, n)."""
        return self.design.train_weight[self.fold]

    def data_loss(self, z: Array) -> Array:
        """Mean loss at raw scores (problems, outputs, n): (problems,)."""
        value = self.loss.value(z, self.target)
        return np.asarray(np.einsum("pn,pn->p", value, self.row_weight))

    def cost(self, v: Array) -> Array:
        """The penalty, alpha in it: (problems,)."""
        return np.asarray(self.alpha * self.penalty.value(v[..., :-1], axes=(1, 2)))

    def residual(self, z: Array) -> Array:
        """Gradient of the data loss in the scores, shaped like z."""
        return np.asarray(self.loss.gradient(z, self.target) * self.row_weight[:, None, :])

    def violation(self, v: Array, slope: Array) -> Array:
        """How far each weight is from optimal, in units of the threshold, shaped like v.

        ``slope`` is the gradient of the data loss in v. Intercepts count by their slope alone.
        """
        threshold = self.threshold[:, None, None]
        smooth = slope[..., :-1] + self.ridge[:, None, None] * v[..., :-1]
        at_zero = np.maximum(np.abs(smooth) - threshold, 0.0)
        elsewhere = np.abs(smooth + threshold * np.sign(v[..., :-1]))
        off = np.where(v[..., :-1] == 0, at_zero, elsewhere)
        return np.concatenate([off, np.abs(slope[..., -1:])], axis=-1) / threshold

    def estimated_gap(self, v: Array, slope: Array, residual: Array) -> Array:
        """About what `certify` will find, from the slopes at hand: (problems,).

        The residuals count as a dual point, scaled to be feasible; what the loss adds is of
        second order, and what it takes to balance the residuals is reckoned in full.
        """
        weights, dual = v[..., :-1], -slope[..., :-1]
        strength = self.alpha[:, None, None]
        steepest = np.abs(dual).max(axis=(1, 2), initial=0.0)
        scale = np.minimum(1.0, self.threshold / np.maximum(steepest, self.threshold))
        if not self.penalty.l2_ratio:
            # At a feasible point the others add nothing.
            used = (weights != 0).any(axis=(0, 1))
            weights, dual = weights[..., used], dual[..., used]
        scaled = (scale * (1 - 4e-16))[:, None, None] * dual
        gap = self.penalty.fenchel_gap(weights, scaled, strength, axes=(1, 2))
        if self.penalty.l2_ratio:
            gap = np.fmin(gap, self.penalty.fenchel_gap(weights, dual, strength, axes=(1, 2)))
        size = np.abs(residual).sum(axis=-1)
        share = np.abs(slope[..., -1]) / np.maximum(size, np.finfo(np.float64).tiny)
        return np.asarray(gap + share.max(axis=-1) * self.cost(v))


@dataclass(frozen=True)
class Moved:
    """What a line search found: lengths of the steps, and where they lead."""

    length: Array
    v: Array
    z: Array
    residual: Array
    data_loss: Array


def line_search(
    batch: Batch, v: Array, z: Array, data_loss: Array, slope: Array, direction: Array, dz: Array
) -> Moved:
    """Go along each direction to about its least objective; reads no data.

    Parameters
    ----------
    v, slope, direction : arrays (problems, outputs, width)
        ``slope`` is the gradient of the data loss.
    z, dz : arrays (problems, outputs, n)
    data_loss : array (problems,)
        At z.
    """
    # Most columns are at rest: the penalty's part of a slope needs those alone that are not.
    used = ((v[..., :-1] != 0) | (direction[..., :-1] != 0)).any(axis=(0, 1))
    weights, change = v[..., :-1][..., used], direction[..., :-1][..., used]
    threshold, ridge = batch.threshold, batch.ridge

    def at(which: Index, length: Array) -> tuple[Batch, Array, Array]:
        t = length[:, None, None]
        return batch.subset(which), z[which] + t * dz[which], t

    def steepness(which: Index, length: Array) -> Array:
        part, there, t = at(which, length)
        # Kept: the slope that ends the search is that of the point where it ends.
        residual[which], reached[which] = part.residual(there), length
        data = np.einsum("pkn,pkn->p", residual[which], dz[which])
        lean, kink = penalty_slope(which, weights[which] + t * change[which])
        return np.asarray(np.sign(data + lean) * np.maximum(np.abs(data + lean) - kink, 0.0))

    def penalty_slope(which: Index, there: Array) -> tuple[Array, Array]:
        """The middle of the slopes on either side, and how far they are from it."""
        along = change[which]
        leaning = (np.sign(there) * along).sum(axis=(1, 2))
        shrink = np.einsum("pkw,pkw->p", there, along)
        kink = np.abs(along * (there == 0)).sum(axis=(1, 2))
        return threshold[which] * leaning + ridge[which] * shrink, threshold[which] * kink

    def rise(which: Index, length: Array) -> Array:
        part, there, t = at(which, length)
        values[which] = part.data_loss(there)
        costs = part.alpha * part.penalty.value(weights[which] + t * change[which], axes=(1, 2))
        # Close to the optimum the decrease drowns in rounding: allow for that much.
        allowed = start[which] * (1 + 64 * np.finfo(np.float64).eps)
        return np.asarray(values[which] + costs - allowed)

    start = data_loss + batch.cost(v)
    values, residual, reached = data_loss.copy(), np.empty_like(z), np.full(len(v), -1.0)
    everything = np.arange(len(v))
    first = np.einsum("pkw,pkw->p", slope, direction) + sum(penalty_slope(everything, weights))
    length = exact_steps(steepness, rise, first)
    still = np.flatnonzero(length == 0)
    t = length[:, None, None]
    values[still] = data_loss[still]
    there = z + t * dz
    other = np.flatnonzero(reached != length)
    if len(other):
        residual[other] = batch.subset(other).residual(there[other])
    return Moved(length, v + t * direction, there, residual, values)
