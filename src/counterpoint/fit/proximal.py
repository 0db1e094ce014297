"""Fits with an L1 part: proximal Newton steps on a working set of weights, along alpha.

Each problem starts from its neighbour of next greater alpha. A step minimises the second-order
model of the data loss plus the penalty over a working set: the weights that are not zero and
those whose optimality condition is violated (Johnson and Guestrin 2015; glmnet's scheme).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import Certificate, certify
from counterpoint.fit.design import Design
from counterpoint.fit.line_search import exact_steps
from counterpoint.fit.newton import held_curvature
from counterpoint.fit.path import FAILURE_LIMIT
from counterpoint.fit.preconditioner import joint_hessian
from counterpoint.fit.quadratic import minimise
from counterpoint.fit.start import start_of_path
from counterpoint.fit.task import Path, PathTask, Watch
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Steps a problem may take.
STEP_LIMIT = 100
#: Weights of a working set beyond which outputs are stepped as if they were apart.
JOINT_LIMIT = 3000


@dataclass(frozen=True)
class _Problem:
    """One fold (and output, where outputs are apart) at one alpha."""

    design: Design
    loss: Loss
    penalty: Penalty
    target: Array
    fold: int
    alpha: float

    @property
    def threshold(self) -> float:
        return self.alpha * self.penalty.l1_ratio

    @property
    def ridge(self) -> float:
        return self.alpha * self.penalty.l2_ratio

    def scores(self, v: Array) -> Array:
        return np.asarray(self.design.scores(v[None], np.array([self.fold]))[0])

    def data_loss(self, z: Array) -> float:
        return float(self.loss.value(z, self.target) @ self.design.train_weight[self.fold])

    def cost(self, v: Array) -> float:
        return float(self.alpha * self.penalty.value(v[:, :-1]))

    def smooth_gradient(self, z: Array, v: Array) -> Array:
        """Gradient of all but the L1 part, shaped like v."""
        residual = self.loss.gradient(z, self.target) * self.design.train_weight[self.fold]
        gradient = self.design.adjoint(residual[None], np.array([self.fold]))[0]
        gradient[:, :-1] += self.ridge * v[:, :-1]
        return np.asarray(gradient)

    def certify(self, v: Array) -> tuple[Array, Certificate]:
        moved, certificate = certify(
            self.design,
            self.loss,
            self.penalty,
            self.target[None],
            np.array([self.alpha]),
            np.array([self.fold]),
            v[None],
        )
        return moved[0], certificate


def sparse_path(task: PathTask, watch: Watch) -> Path:
    """Fit every alpha and fold of a loss under a penalty with an L1 part.

    Parameters and result as in `counterpoint.fit.path.smooth_path`.
    """
    v = np.zeros((*task.shape, task.outputs, task.design.width))
    data_loss, cost, gap = (np.zeros(task.shape) for _ in range(3))
    targets, first = task.group_targets, start_of_path(task)
    for g, fold in enumerate(task.group_fold.tolist()):
        target = targets[0 if task.loss.joint else g]
        for a, alpha in enumerate(task.alphas.tolist()):
            problem = _Problem(task.design, task.loss, task.penalty, target, fold, alpha)
            start = first[g] if a == 0 else _start(problem, v[:, g], task.alphas, a)
            v[a, g], certificate = _solve(problem, start, task.tol)
            data_loss[a, g] = certificate.data_loss[0]
            cost[a, g] = certificate.penalty[0]
            gap[a, g] = certificate.gap[0]
            watch(Path(v, data_loss, cost, gap))
    return Path(v, data_loss, cost, gap)


def _start(problem: _Problem, v: Array, alphas: Array, a: int) -> Array:
    """The neighbour's weights, or those extrapolated in log alpha where they are better."""
    if a == 1:
        return np.asarray(v[0].copy())
    ratio = np.log(alphas[a] / alphas[a - 1]) / np.log(alphas[a - 1] / alphas[a - 2])
    step = min(ratio, 4.0) * (v[a - 1] - v[a - 2])
    # Weights at zero stay there: the support grows by the optimality conditions alone.
    beyond = np.where(v[a - 1] != 0, v[a - 1] + step, 0.0)
    candidates = [v[a - 1].copy(), beyond]
    costs = [problem.data_loss(problem.scores(c)) + problem.cost(c) for c in candidates]
    return np.asarray(candidates[1] if costs[1] < costs[0] else candidates[0])


def _solve(problem: _Problem, v: Array, tol: float) -> tuple[Array, Certificate]:
    z = problem.scores(v)
    promise = np.inf
    certificate: Certificate | None = None
    stuck = 0
    held = np.zeros_like(z)
    for _ in range(STEP_LIMIT):
        objective = problem.data_loss(z) + problem.cost(v)
        if promise <= 0.3 * tol * objective or stuck:
            v, certificate = problem.certify(v)
            if certificate.relative[0] <= tol or stuck >= FAILURE_LIMIT:
                return v, certificate
            z = problem.scores(v)
        gradient = problem.smooth_gradient(z, v)
        working = _working_set(problem, gradient, v)
        direction = _direction(problem, z, gradient, v, working, held)
        dz = problem.scores(direction)
        length, promise = _step_length(problem, v, z, gradient, direction, dz)
        stuck = 0 if length > 0 else stuck + 1
        if not problem.loss.joint:
            held = held_curvature(problem.loss, z, dz, problem.target, length, held)
        v, z = v + length * direction, z + length * dz
    return problem.certify(v)


def _working_set(problem: _Problem, gradient: Array, v: Array) -> npt.NDArray[np.bool_]:
    """Weights that are not zero, intercepts, and the worst violators: as many again and ten."""
    violation = np.abs(gradient) - problem.threshold
    violation[v != 0] = -np.inf
    violation[:, -1] = -np.inf
    working = v != 0
    working[:, -1] = True
    most = max(10 * len(v), 2 * int(working.sum()))
    candidates = np.flatnonzero(violation.ravel() > 0)
    if len(candidates) > most:
        worst = np.argpartition(violation.ravel()[candidates], -most)[-most:]
        candidates = candidates[worst]
    working.ravel()[candidates] = True
    return np.asarray(working)


def _direction(
    problem: _Problem,
    z: Array,
    gradient: Array,
    v: Array,
    working: npt.NDArray[np.bool_],
    held: Array,
) -> Array:
    columns = np.flatnonzero(working[:, :-1].any(axis=0))
    inside = working[:, np.append(columns, v.shape[1] - 1)]
    curvature = problem.loss.curvature(z, problem.target)
    if not problem.loss.joint:
        curvature = np.maximum(curvature, held)
    direction = np.zeros_like(v)
    if problem.loss.joint and inside.sum() <= JOINT_LIMIT:
        hessian = _whole_hessian(problem, curvature, columns, inside)
        direction[working] = _step_within(problem, hessian, gradient, v, working)
        return direction
    if problem.loss.joint:
        # diag(p) - p pᵀ <= 2 diag(p (1 - p)), by Gershgorin: outputs may be stepped apart.
        curvature = 2.0 * problem.loss.own_curvature(curvature)
    for c in range(len(v)):
        block = _grams(problem, curvature[c : c + 1], columns)[0]
        hessian = np.ascontiguousarray(block[np.ix_(inside[c], inside[c])])
        mine = np.zeros_like(working)
        mine[c] = working[c]
        direction[mine] = _step_within(problem, hessian, gradient, v, mine)
    return direction


def _step_within(
    problem: _Problem,
    hessian: Array,
    gradient: Array,
    v: Array,
    working: npt.NDArray[np.bool_],
) -> Array:
    """The model's minimiser over a working set, less v: one entry for each weight in the set."""
    thresholds = np.full(v.shape, problem.threshold)
    ridge = np.full(v.shape, problem.ridge)
    thresholds[:, -1] = ridge[:, -1] = 0.0
    index = np.arange(len(hessian))
    hessian[index, index] += ridge[working]
    # Where the loss is linear there is no curvature: a trace of the column's own mean square makes
    # the model definite, whatever the column's unit.
    unit = np.broadcast_to(problem.design.second_moments[problem.fold], v.shape)
    hessian[index, index] += 1e-12 * np.maximum(unit[working], hessian[index, index]) + 1e-300
    start = v[working]
    return minimise(hessian, gradient[working], start, thresholds[working]) - start


def _whole_hessian(
    problem: _Problem, curvature: Array, columns: Index, inside: npt.NDArray[np.bool_]
) -> Array:
    """Hessian of the data loss over the working set, outputs tied together."""
    outputs = len(inside)
    first, second = np.triu_indices(outputs, k=1)
    pair_weight = curvature[first] * curvature[second]
    blocks = _grams(problem, pair_weight, columns)
    kept = inside.ravel()
    return np.ascontiguousarray(joint_hessian(blocks, outputs)[np.ix_(kept, kept)])


def _grams(problem: _Problem, curvature: Array, columns: Index) -> Array:
    weight = curvature * problem.design.train_weight[problem.fold]
    return problem.design.grams(weight, np.full(len(weight), problem.fold), columns)


def _step_length(
    problem: _Problem, v: Array, z: Array, gradient: Array, direction: Array, dz: Array
) -> tuple[float, float]:
    """How far to go for about the least objective, and the decrease that the model promised.

    The length is zero where the objective would not fall.
    """
    weights, change = v[:, :-1], direction[:, :-1]
    absolute = np.abs(weights + change).sum() - np.abs(weights).sum()
    promise = -float((gradient * direction).sum() + problem.threshold * absolute)
    row_weight = problem.design.train_weight[problem.fold]

    def slope(_: Index, length: Array) -> Array:
        t = float(length[0])
        rates = (problem.loss.gradient(z + t * dz, problem.target) * dz).sum(axis=0)
        there = weights + t * change
        # At zero the penalty rises whichever way the step leaves it.
        leaning = np.where(there == 0, np.abs(change), np.sign(there) * change)
        shrink = problem.threshold * leaning.sum() + problem.ridge * (there * change).sum()
        return np.array([float(rates @ row_weight) + shrink])

    start = problem.data_loss(z) + problem.cost(v)

    def rise(which: Index, length: Array) -> Array:
        values = [problem.data_loss(z + t * dz) + problem.cost(v + t * direction) for t in length]
        return np.array(values) - start * (1 + 4 * np.finfo(np.float64).eps)

    first = slope(np.zeros(1, dtype=np.intp), np.array([1e-300]))
    return float(exact_steps(slope, rise, first)[0]), promise
