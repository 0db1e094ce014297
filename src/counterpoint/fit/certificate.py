"""How far a fit is from its optimum, proven by a dual point.

For an objective  sum_i w_i loss(z_i) + alpha penalty(W),  z = X̃ W + b,  any residuals r that
sum to zero over rows (the intercept is free) bound the optimum from below, and the gap is

    sum_i w_i [loss(z_i) + loss*(r_i) - <r_i, z_i>]
      + alpha penalty(W) + (alpha penalty)*(-X̃ᵀr) + <W, X̃ᵀr>

(Fenchel-Rockafellar; e.g. Fercoq, Gramfort, Salmon 2015, arXiv 1505.03410). Both brackets are
sums of terms that are never negative; for the log losses and the penalties they are computed
without cancellation. The residuals
are the loss's gradient, scaled down by class so that they balance, and for an L1 part once more
so that they are feasible. For L2 alone the gap is then the gradient bound |gradient|^2 / (2 alpha).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.rowwise import Rowwise
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Certificate:
    """A fit's objective in its two parts, and the proven distance to the optimum.

    Attributes
    ----------
    data_loss, penalty : array (problems,)
        The objective is their sum; the penalty has alpha in it.
    gap : array (problems,)
        Objective minus a lower bound of the least objective. Infinite where none was found.
    dual : array (problems, outputs, features)
        Minus the slopes of the data loss in the weights, about.
    """

    data_loss: Array
    penalty: Array
    gap: Array
    dual: Array

    @property
    def objective(self) -> Array:
        """Data loss plus penalty."""
        return self.data_loss + self.penalty

    @property
    def relative(self) -> Array:
        """Gap as a share of the objective."""
        return relative_gap(self.gap, self.objective)


def relative_gap(gap: Array, objective: Array) -> Array:
    """Gap as a share of the objective; infinite where either is not known."""
    tiny = np.finfo(np.float64).tiny
    known = np.isfinite(gap) & np.isfinite(objective)
    share = np.where(known, gap, 0.0) / np.where(known, np.maximum(objective, tiny), 1.0)
    return np.where(known, share, np.inf)


def certify(
    design: Design,
    loss: Loss,
    penalty: Penalty,
    target: Array,
    alpha: Array,
    fold: Index,
    v: Array,
    z: Array | None = None,
) -> tuple[Array, Certificate]:
    """Move the intercepts to their optimum, then bound the distance to the optimum.

    Parameters
    ----------
    target : array (problems or 1, outputs, n)
    alpha, fold : arrays (problems,)
    v : array (problems, outputs, width)
    z : array (problems, outputs, n)
        Their raw scores, where they are known.

    Returns
    -------
    v with its intercepts moved, and the certificate.
    """
    z = design.scores(v, fold) if z is None else z
    move = best_intercept(Rowwise(loss, z, target, design.train_weight, fold))
    v = v.copy()
    v[..., -1] += move
    rows = Rowwise(loss, z + move[..., None], target, design.train_weight, fold)
    balanced = balance(rows)
    dual = -design.adjoint_of(balanced.residual, v.shape[:-1], fold)[..., :-1]
    weights, strength, slopes = v[..., :-1], alpha[:, None, None], dual
    scales = []
    if penalty.l2_ratio:
        scales.append(np.ones(len(v)))
    if penalty.l1_ratio:
        steepest = np.abs(dual).max(axis=(1, 2), initial=0.0)
        limit = alpha * penalty.l1_ratio
        # One rounding below the limit, so that scale * dual never exceeds it.
        scales.append(np.minimum(1.0, limit / np.maximum(steepest, limit) * (1 - 4e-16)))
    if penalty.l1_ratio:
        # Weights at rest whose slopes are within the limit add nothing.
        limit = alpha[:, None, None] * penalty.l1_ratio
        used = ((weights != 0) | (np.abs(dual) > limit)).any(axis=(0, 1))
        weights, dual = weights[..., used], dual[..., used]

    def gap_at(scale: Array) -> Array:
        scale = scale[:, None, None]
        slack = rows.sum(lambda part: (balanced.slack(part, scale),))[0]
        return np.asarray(slack + penalty.fenchel_gap(weights, scale * dual, strength, axes=(1, 2)))

    gap = np.fmin.reduce([gap_at(scale) for scale in scales])
    gap = np.where(np.isfinite(gap), gap, np.inf)
    cost = alpha * penalty.value(weights, axes=(1, 2))
    return v, Certificate(rows.loss_sum(), cost, gap, slopes)


@dataclass(frozen=True)
class Balance:
    """Factors in [0, 1] that make the scaled residuals sum to zero over rows, output by output.

    A scaled residual stays a valid dual point for every loss of the registry.

    Attributes
    ----------
    above, below : array (problems, outputs, 1)
        Factors of positive and negative residuals; for a joint loss ``above`` holds one factor
        for the rows of each class.
    """

    rows: Rowwise
    above: Array
    below: Array

    def factors(self, part: slice, residual: Array) -> Array:
        """The factor of each residual, (problems, outputs or 1, rows)."""
        if self.rows.loss.joint:
            return np.asarray(np.einsum("pko,pkn->pon", self.above, self.rows.target_of(part)))
        return np.where(residual > 0, self.above, self.below)

    def residual(self, part: slice) -> Array:
        """Balanced residuals, (problems, outputs, rows)."""
        residual = self.rows.residual(part)
        return np.asarray(residual * self.factors(part, residual))

    def slack(self, part: slice, scale: Array) -> Array:
        """Weighted sum over rows of the loss's part of the gap, (problems,)."""
        factors = self.factors(part, self.rows.residual(part))
        slack = self.rows.loss.fenchel_gap(
            self.rows.z[..., part], self.rows.target_of(part), scale * factors
        )
        weight = self.rows.weight_of(part)
        # Rows without weight may have infinite slack: they do not count.
        return np.asarray((np.where(weight > 0, slack, 0.0) * weight).sum(axis=-1))


def balance(rows: Rowwise) -> Balance:
    """Find the factors for residuals at given raw scores."""
    if not rows.loss.joint:

        def signs(part: slice) -> tuple[Array, Array]:
            residual = rows.residual(part)
            return np.maximum(residual, 0.0).sum(axis=-1), -np.minimum(residual, 0.0).sum(axis=-1)

        above, below = (side[..., None] for side in rows.sum(signs))
        least = np.minimum(above, below)
        positive = np.divide(least, above, out=np.zeros_like(least), where=above > 0)
        negative = np.divide(least, below, out=np.zeros_like(least), where=below > 0)
        return Balance(rows, positive, negative)

    # flow[a, c]: probability that rows of class a give to class c. One factor s_a for the rows
    # of each class balances in- and outflow where s solves  s_a out_a = sum_c s_c flow[c, a].
    def flows(part: slice) -> tuple[Array]:
        residual, target = rows.residual(part), rows.target_of(part)
        return (
            np.broadcast_to(target, residual.shape)
            @ np.swapaxes(residual * (1.0 - target), -1, -2),
        )

    flow = rows.sum(flows)[0]
    outflow = flow.sum(axis=-1)
    factors = np.stack([_stationary(f, o) for f, o in zip(flow, outflow, strict=True)])[..., None]
    return Balance(rows, factors, factors)


def _stationary(flow: Array, outflow: Array) -> Array:
    """Solve s_a outflow_a = sum_c s_c flow[c, a], greatest entry 1; zeros where it can't be."""
    live = outflow > 0
    scale = np.ones_like(outflow)
    if not live.any():
        return scale
    # In the unknowns s_a outflow_a this is the stationary law of a Markov chain.
    chain = flow[np.ix_(live, live)] / outflow[live][:, None]
    size = len(chain)
    system = np.concatenate([(np.eye(size) - chain.T), np.ones((1, size))])
    solution = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
    s = solution / outflow[live]
    if not np.isfinite(s).all() or s.min() <= 0:
        return np.zeros_like(outflow)
    scale[live] = s / s.max()
    return scale


def best_intercept(rows: Rowwise, rounds: int = 50) -> Array:
    """Shifts of the raw scores, one an output, with the least mean loss: (problems, outputs).

    Newton steps on stored scores; a loss with one output a problem is bracketed as well, since
    its curvature may vanish.
    """
    loss, z = rows.loss, rows.z
    shift = np.zeros(z.shape[:-1])
    low = np.full(shift.shape, -np.inf)
    high = np.full(shift.shape, np.inf)
    moving = np.arange(len(z))
    for _ in range(rounds):
        before = shift[moving]
        slope, size, curvature = rows.subset(moving).intercept_moments(before)
        settled = np.abs(slope).max(axis=-1) <= 1e-13 * size
        step = _joint_step(slope, curvature) if loss.joint else _single_step(slope, curvature)
        if not loss.joint:
            step = _bracketed(shift, low, high, moving, slope, step)
        step = np.where(settled[:, None], 0.0, step)
        shift[moving] = before + step
        still = ~settled & (np.abs(step) > 1e-15 * np.maximum(np.abs(before), 1e-3)).any(axis=-1)
        moving = moving[still]
        if not len(moving):
            break
    return shift


def _single_step(slope: Array, second: Array) -> Array:
    return np.asarray(-np.divide(slope, second, out=np.sign(slope), where=second > 0))


def _joint_step(slope: Array, products: Array) -> Array:
    """Newton step from sums over rows of p_c p_k, (problems, outputs, outputs)."""
    hessian = -products
    index = np.arange(slope.shape[-1])
    # Row sums of the exact matrix are zero; setting the diagonal so keeps tiny curvatures.
    hessian[:, index, index] = 0.0
    hessian[:, index, index] = -hessian.sum(axis=-1)
    # Softmax does not see a shift of all outputs: a multiple of the ones matrix fixes it.
    size = np.maximum(hessian[:, index, index].max(axis=-1), 1e-300)[:, None]
    hessian += size[..., None] / len(index)
    hessian[:, index, index] += 1e-14 * size
    move = -np.linalg.solve(hessian, slope[..., None])[..., 0]
    longest = np.abs(move).max(axis=-1, keepdims=True)
    return np.asarray(move * np.minimum(1.0, 1.0 / np.maximum(longest, 1e-300)))


def _bracketed(
    shift: Array, low: Array, high: Array, moving: Index, slope: Array, step: Array
) -> Array:
    """Keep a Newton step inside the bracket of the root, or halve the bracket instead."""
    here = shift[moving]
    low[moving] = np.where(slope < 0, np.maximum(low[moving], here), low[moving])
    high[moving] = np.where(slope > 0, np.minimum(high[moving], here), high[moving])
    there = here + step
    outside = (there <= low[moving]) | (there >= high[moving])
    bounded = np.isfinite(low[moving]) & np.isfinite(high[moving])
    with np.errstate(invalid="ignore"):
        middle = (low[moving] + high[moving]) / 2
    return np.asarray(np.where(outside & bounded, middle - here, step))
