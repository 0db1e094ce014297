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
    """

    data_loss: Array
    penalty: Array
    gap: Array

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
) -> tuple[Array, Certificate]:
    """Move the intercepts to their optimum, then bound the distance to the optimum.

    Parameters
    ----------
    target : array (problems or 1, outputs, n)
    alpha, fold : arrays (problems,)
    v : array (problems, outputs, width)

    Returns
    -------
    v with its intercepts moved, and the certificate.
    """
    weight = design.train_weight[fold][:, None, :]
    z = design.scores(v, fold)
    move = best_intercept(loss, z, target, weight)
    v = v.copy()
    v[..., -1] += move
    z += move[..., None]
    residual = loss.gradient(z, target) * weight
    balance = balancing_scale(loss, residual, target)
    dual = -design.adjoint(residual * balance, fold)[..., :-1]
    weights, strength = v[..., :-1], alpha[:, None, None]
    data_loss = (loss.value(z, target) * weight[:, 0]).sum(axis=-1)
    penalty_part = alpha * penalty.value(weights, axes=(1, 2))

    def gap_at(scale: Array) -> Array:
        scale = scale[:, None, None]
        slack = loss.fenchel_gap(z, target, scale * balance)
        # Rows without weight may have infinite slack: they do not count.
        slack = np.where(weight[:, 0] > 0, slack, 0.0)
        return np.asarray(
            (slack * weight[:, 0]).sum(axis=-1)
            + penalty.fenchel_gap(weights, scale * dual, strength, axes=(1, 2))
        )

    gap = gap_at(np.ones(len(v)))
    if penalty.l1_ratio:
        steepest = np.abs(dual).max(axis=(1, 2), initial=0.0)
        limit = alpha * penalty.l1_ratio
        # One rounding below the limit, so that scale * dual never exceeds it.
        feasible = np.minimum(1.0, limit / np.maximum(steepest, limit) * (1 - 4e-16))
        gap = np.fmin(gap, gap_at(feasible))
    gap = np.where(np.isfinite(gap), gap, np.inf)
    return v, Certificate(data_loss, penalty_part, gap)


def balancing_scale(loss: Loss, residual: Array, target: Array) -> Array:
    """Factors in [0, 1] that make the scaled residuals sum to zero over rows, output by output.

    A scaled residual stays a valid dual point for every loss of the registry. Shape
    (problems, outputs or 1, n).
    """
    if not loss.joint:
        above = np.maximum(residual, 0.0).sum(axis=-1, keepdims=True)
        below = -np.minimum(residual, 0.0).sum(axis=-1, keepdims=True)
        least = np.minimum(above, below)
        positive = np.divide(least, above, out=np.zeros_like(least), where=above > 0)
        negative = np.divide(least, below, out=np.zeros_like(least), where=below > 0)
        return np.asarray(np.where(residual > 0, positive, negative))
    # flow[a, c]: probability that rows of class a give to class c. One factor s_a for the rows
    # of each class balances in- and outflow where s solves  s_a out_a = sum_c s_c flow[c, a].
    target = np.broadcast_to(target, residual.shape)
    flow = target @ np.swapaxes(residual * (1.0 - target), -1, -2)
    outflow = flow.sum(axis=-1)
    balance = np.zeros_like(outflow)
    for p in range(len(flow)):
        balance[p] = _stationary(flow[p], outflow[p])
    return np.asarray(np.einsum("pk,pkn->pn", balance, target)[:, None, :])


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


def best_intercept(loss: Loss, z: Array, target: Array, weight: Array, rounds: int = 50) -> Array:
    """Shifts of the raw scores, one an output, with the least mean loss: (problems, outputs).

    Newton steps on stored scores; a loss with one output a problem is bracketed as well, since
    its curvature may vanish.
    """
    shift = np.zeros(z.shape[:-1])
    low = np.full(shift.shape, -np.inf)
    high = np.full(shift.shape, np.inf)
    moving = np.ones(len(z), dtype=bool)
    for _ in range(rounds):
        at = z[moving] + shift[moving][..., None]
        t = target if len(target) == 1 else target[moving]
        w = weight[moving]
        residual = loss.gradient(at, t) * w
        slope = residual.sum(axis=-1)
        settled = np.abs(slope).max(axis=-1) <= 1e-13 * np.abs(residual).sum(axis=(-2, -1))
        step = _intercept_step(loss, at, t, w, slope)
        if not loss.joint:
            step = _bracketed(shift, low, high, moving, slope, step)
        step = np.where(settled[:, None], 0.0, step)
        before = shift[moving]
        shift[moving] = before + step
        still = ~settled & (np.abs(step) > 1e-15 * np.maximum(np.abs(before), 1e-3)).any(axis=-1)
        moving[np.flatnonzero(moving)[~still]] = False
        if not moving.any():
            break
    return shift


def _intercept_step(loss: Loss, z: Array, target: Array, weight: Array, slope: Array) -> Array:
    curvature = loss.curvature(z, target)
    if not loss.joint:
        second = (curvature * weight).sum(axis=-1)
        return np.asarray(-np.divide(slope, second, out=np.sign(slope), where=second > 0))
    hessian = -((curvature * weight) @ np.swapaxes(curvature, -1, -2))
    index = np.arange(z.shape[-2])
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
    shift: Array, low: Array, high: Array, moving: npt.NDArray[np.bool_], slope: Array, step: Array
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
