"""All strengths and folds of an objective with an L1 part, as one batch that flows along alpha.

A problem enters as soon as its neighbour of next greater alpha is near its optimum, and leaves
once its certificate meets the tolerance: as in `counterpoint.fit.path`, every product with X serves
several strengths and all folds. A step minimises the second-order model of the data loss plus the
penalty over a working set (Johnson and Guestrin 2015; glmnet's scheme).
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import certify
from counterpoint.fit.design import Design
from counterpoint.fit.newton import CUT_SHORT, held_curvature
from counterpoint.fit.path import FAILURE_LIMIT
from counterpoint.fit.proximal.batch import Batch
from counterpoint.fit.proximal.chunks import data_losses, residuals, searched
from counterpoint.fit.proximal.model import SLOW, Look, directions, working_sets
from counterpoint.fit.proximal.work import State, Work, batch_of, fresh_state, no_work
from counterpoint.fit.rows import Rows
from counterpoint.fit.task import Path, PathTask, Watch

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Relative distance to the optimum from which a fit may start its weaker neighbour.
#: The second is for outputs that are tied: their moments are formed problem by problem, and cost
#: most.
NEAR, NEAR_TIED = 1e-2, 1e-3
#: Share of the tolerance that an estimated gap has to meet before it is certified.
PROMISING = 0.5
#: Share of the threshold that a column's slope has to reach to be looked at, at the least.
PULL = 0.6
#: Relative error of a sum over rows in single precision, with a wide margin.
ROUNDING = 1e-6
#: Tolerance down to which steps may be worked out in single precision.
SINGLE_TOL = 1e-7
#: Violation, in units of the threshold, from which wrong rows count with their mean curvature.
FAR = 0.5
#: Steps a problem may take.
STEP_LIMIT = 100


def flow(task: PathTask, watch: Watch) -> Path:
    """Fit what is not known, in a batch that flows along alpha; interrupted, what is finished."""
    state = fresh_state(task)
    work = no_work(task, state.screen)
    with suppress(KeyboardInterrupt):
        while not state.finished.all():
            before = int(state.finished.sum())
            work = _advance(state, task, _admit(state, task, work))
            if state.finished.sum() > before:
                watch(state.shown)
    return state.shown


def _admit(state: State, task: PathTask, work: Work) -> Work:
    """Add the problems whose stronger neighbour is near its optimum."""
    may_enter = ~state.entered
    may_enter[1:] &= state.near[:-1]
    a, g = (places[: max(0, task.window - len(work.a))] for places in np.nonzero(may_enter))
    if not len(a):
        return work
    state.entered[a, g] = True
    first = a == 0
    if first.any():
        work = _look_around(state, task, work, g[first])
    v, z, data_loss = _start(state, task, a, g)
    batch = batch_of(task, state.screen.design, a, g)
    residual = residuals(batch, z)
    slope = batch.design.adjoint(residual, batch.fold)
    return work.joined(Work(a, g, v, z, residual, slope, data_loss))


def _look_around(state: State, task: PathTask, work: Work, g: Index) -> Work:
    """The slopes on all columns where the paths of some groups start."""
    a = np.zeros_like(g)
    batch = batch_of(task, task.design, a, g)
    residual = residuals(batch, batch.design.scores(state.path.v[a, g], batch.fold))
    slope = batch.design.adjoint(residual, batch.fold)
    state.steepest[g] = np.abs(slope).max(axis=(1, 2), initial=0.0)
    return _look_wider(state, task, work, slope[..., :-1], batch.threshold)


def _start(state: State, task: PathTask, a: Index, g: Index) -> tuple[Array, Array, Array]:
    """Each neighbour's weights, or those extrapolated in log alpha where they are better.

    Returns them, their scores and data loss.
    """
    batch = batch_of(task, state.screen.design, a, g)
    v = state.weights(np.maximum(a - 1, 0), g)
    z = batch.design.scores(v, batch.fold)
    data_loss = data_losses(batch, z)
    later = np.flatnonzero(a > 1)
    if len(later):
        part, here, there = batch.subset(later), a[later] - 1, a[later] - 2
        log = np.log(task.alphas)
        ratio = (log[here + 1] - log[here]) / (log[here] - log[there])
        move = v[later] - state.weights(there, g[later])
        # Weights at zero stay there: the support grows by the optimality conditions alone.
        move[v[later] == 0] = 0.0
        beyond = v[later] + np.minimum(ratio, 4.0)[:, None, None] * move
        scores = part.design.scores(beyond, part.fold)
        loss = data_losses(part, scores)
        better = loss + part.cost(beyond) < data_loss[later] + part.cost(v[later])
        chosen = later[better]
        v[chosen], z[chosen], data_loss[chosen] = beyond[better], scores[better], loss[better]
    state.keep(a, g, v)
    return v, z, data_loss


def _look_wider(state: State, task: PathTask, work: Work, slope: Array, threshold: Array) -> Work:
    """Let columns join whose slopes, (problems, outputs, features), come near a threshold."""
    greatest = (np.abs(slope).max(axis=1) / threshold[:, None]).max(axis=0)
    before = state.screen.features
    if state.screen.extend(greatest, greatest >= _pull(task.alphas)):
        state.references.renumber(before, state.screen.features)
        state.borrowed.clear()
        work.v = state.weights(work.a, work.g)
        work.slope = np.zeros_like(work.v)
        if len(work.a):
            fold = task.group_fold[work.g]
            work.slope = state.screen.design.adjoint(work.residual, fold)
    return work


def _pull(alphas: Array) -> float:
    """Pull from which a column may join at the next alpha: the strong rule's 2 - before / next."""
    widest = float((alphas[:-1] / alphas[1:]).max(initial=1.0)) if len(alphas) > 1 else np.inf
    return max(PULL, 2.0 - widest)


def _advance(state: State, task: PathTask, work: Work) -> Work:
    """Certify what looks finished, step the rest."""
    batch = batch_of(task, state.screen.design, work.a, work.g)
    objective = work.data_loss + batch.cost(work.v)
    gap = batch.estimated_gap(work.v, work.slope, work.residual)
    at = work.a, work.g
    near = NEAR_TIED if batch.loss.joint else NEAR
    state.near[at] |= gap <= near * objective
    promising = np.flatnonzero(
        (gap <= PROMISING * task.tol * objective)
        | (state.failures[at] > 0)
        | (state.steps[at] >= STEP_LIMIT)
    )
    if len(promising):
        work = _certify(state, task, work, promising)
        work = work.subset(np.flatnonzero(~state.finished[work.a, work.g]))
    if len(work.a):
        work = _step(state, task, work)
    return work


def _certify(state: State, task: PathTask, work: Work, which: Index) -> Work:
    """Certify some problems and keep those that are done.

    The slopes on all columns show which the others, and weaker neighbours, have to look at.
    """
    part = work.subset(which)
    batch = batch_of(task, task.design, part.a, part.g)
    at = part.a, part.g
    # Afresh: steps may have been worked out in single precision.
    z = state.screen.design.scores(part.v, batch.fold)
    v, certificate = certify(
        batch.design,
        batch.loss,
        batch.penalty,
        batch.target,
        batch.alpha,
        batch.fold,
        state.path.v[at],
        z,
    )
    spent = (state.steps[at] >= STEP_LIMIT) | (state.failures[at] >= FAILURE_LIMIT)
    ended = (certificate.relative <= task.tol) | spent
    state.path.v[*at, :, -1] = v[..., -1]
    state.path.data_loss[at] = certificate.data_loss
    state.path.penalty[at] = certificate.penalty
    state.path.gap[at] = certificate.gap
    state.finished[at] = ended
    state.near[at] |= ended
    for key in part.subset(np.flatnonzero(ended)).keys:
        state.held.pop(key, None)
        state.borrowed.pop(key, None)
    again = np.flatnonzero(~ended)
    if len(again):
        here, moved = which[again], v[again][..., -1] - part.v[again][..., -1]
        work.v[here, :, -1] += moved
        work.z[here] = z[again] + moved[..., None]
        work.residual[here] = residuals(batch.subset(again), work.z[here])
        work.slope[here] = state.screen.design.adjoint(work.residual[here], batch.fold[again])
        work.data_loss[here] = certificate.data_loss[again]
    following = task.alphas[np.minimum(part.a + ended, len(task.alphas) - 1)]
    threshold = following * task.penalty.l1_ratio
    return _look_wider(state, task, work, certificate.dual, threshold)


def _step(state: State, task: PathTask, work: Work) -> Work:
    """Move each problem along the direction that its model gives."""
    batch = batch_of(task, state.screen.design, work.a, work.g)
    violation = batch.violation(work.v, work.slope)
    greatest = violation.max(axis=(1, 2), initial=0.0)
    looks = _looks(state, task, batch, work, violation)
    slow = greatest > SLOW * state.violation[work.a, work.g]
    last = [state.borrowed.get(key) for key in work.keys]
    state.violation[work.a, work.g] = greatest
    direction, chosen = directions(looks, state.references, last, slow)
    state.borrowed.update(zip(work.keys, chosen, strict=True))
    if task.loss.joint:
        # Softmax does not see a shift of all intercepts: left in, it would take up the digits.
        direction[..., -1] -= direction[..., -1].mean(axis=1, keepdims=True)
    rows = _rows_for_steps(batch.design, task.tol)
    dz = batch.design.scores(direction, batch.fold, rows).astype(np.float64)
    moved = searched(batch, work, direction, dz)
    at = work.a, work.g
    state.steps[at] += 1
    state.failures[at] = np.where(moved.length > 0, 0, state.failures[at] + 1)
    _hold(state, batch, work, dz, moved.length)
    state.keep(*at, moved.v)
    slope = _slopes(state, batch, work, rows, greatest, moved.residual)
    return Work(work.a, work.g, moved.v, moved.z, moved.residual, slope, moved.data_loss)


def _looks(state: State, task: PathTask, batch: Batch, work: Work, violation: Array) -> list[Look]:
    curvature = batch.loss.curvature(work.z, batch.target)
    working = working_sets(work.v, violation)
    looks = []
    for i, key in enumerate(work.keys):
        factor: Array | float = 1.0
        if batch.loss.joint and violation[i].max() > FAR:
            curvature[i], factor = mean_curvature(batch, work.z[i])
        elif key in state.held:
            curvature[i] = np.maximum(curvature[i], state.held[key])
        output = key[1] % task.groups_per_fold
        looks.append(
            Look(batch, i, output, work.v[i], work.slope[i], curvature[i], factor, working[i])
        )
    return looks


def _rows_for_steps(design: Design, tol: float) -> Rows:
    """The precision that steps are worked out in: single leaves an error of about 1e-8."""
    return design.single if tol > SINGLE_TOL else design.double


def _slopes(
    state: State, batch: Batch, work: Work, rows: Rows, violation: Array, residual: Array
) -> Array:
    """Gradients in v: in single precision as long as its rounding drowns in what is left to do."""
    design = batch.design
    if rows is design.double:
        return design.adjoint(residual, batch.fold)
    noise = ROUNDING * state.steepest[work.g] / batch.threshold
    # A step leaves about a tenth of the violation.
    rough = 0.01 * violation > noise
    slope = np.empty_like(work.v)
    for chosen, kept in ((rough, rows), (~rough, design.double)):
        if chosen.any():
            slope[chosen] = design.adjoint(residual[chosen], batch.fold[chosen], kept)
    return slope


def _hold(state: State, batch: Batch, work: Work, dz: Array, length: Array) -> None:
    """Keep the curvature that a step which was cut short ran into."""
    if batch.loss.joint:
        return
    for i, key in enumerate(work.keys):
        if length[i] < CUT_SHORT or key in state.held:
            before = state.held.pop(key, 0.0)
            target = batch.subset(np.array([i])).target[0]
            held = held_curvature(batch.loss, work.z[i], dz[i], target, length[i], before)
            if held.any():
                state.held[key] = held


def mean_curvature(batch: Batch, z: Array) -> tuple[Array, Array]:
    """Tied outputs' curvature from z to where no row is wrong, (outputs, n), and rows' factors.

    A row that is far on the wrong side has a slope but no curvature where it is, and a step would
    go far too far. The mean of the probabilities on its way has no less curvature than the way
    itself, by the law of total variance: the factor makes the two agree.
    """
    loss, target = batch.loss, batch.target[0]
    behind = np.maximum(z.max(axis=0) - (z * target).sum(axis=0), 0.0)
    dz = target * np.where(behind > 0, behind + 1.0, 0.0)
    mean = np.mean([loss.curvature(z + t * dz, target) for t in np.linspace(0, 1, 5)], axis=0)
    along = ((loss.gradient(z + dz, target) - loss.gradient(z, target)) * dz).sum(axis=-2)
    model = (loss.hessian_product(mean, dz) * dz).sum(axis=-2)
    return mean, np.clip(np.divide(along, model, out=np.ones_like(model), where=model > 0), 0, 1)
