"""All strengths and folds of an objective with an L1 part, as one batch that flows along alpha.

A problem enters as soon as its neighbour of next greater alpha is near its optimum, and leaves
once its certificate meets the tolerance: as in `counterpoint.fit.path`, every product with X serves
several strengths and all folds. A step minimises the second-order model of the data loss plus the
penalty over a working set (Johnson and Guestrin 2015; glmnet's scheme).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import Certificate, certify
from counterpoint.fit.design import Design
from counterpoint.fit.newton import CUT_SHORT, held_curvature
from counterpoint.fit.path import FAILURE_LIMIT, SCORES_AT_ONCE, Path, Progress
from counterpoint.fit.proximal.batch import Batch, Moved, line_search
from counterpoint.fit.proximal.model import (
    SLOW,
    Look,
    Reference,
    References,
    directions,
    working_set,
)
from counterpoint.fit.proximal.screen import Screen
from counterpoint.fit.proximal.single import ROUNDING
from counterpoint.fit.start import start_of_path
from counterpoint.fit.task import PathTask
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Relative distance to the optimum from which a fit may start its weaker neighbour.
NEAR = 1e-2
#: Share of the tolerance that an estimated gap has to meet before it is certified.
PROMISING = 0.5
#: Share of the threshold that a column's slope has to reach to be looked at.
PULL = 0.6
#: Steps a problem may take.
STEP_LIMIT = 100
#: Raw scores that a thread takes at a time.
CHUNK = 100_000


@dataclass
class _Work:
    """The problems at work, on the columns of the screen; rows of every array match.

    Attributes
    ----------
    residual, slope
        Gradients of the data loss in the scores and in v.
    """

    a: Index
    g: Index
    v: Array
    z: Array
    residual: Array
    slope: Array
    data_loss: Array

    def subset(self, keep: Index) -> _Work:
        return _Work(*(part[keep] for part in self.parts()))

    def joined(self, other: _Work) -> _Work:
        pairs = zip(self.parts(), other.parts(), strict=True)
        return _Work(*(np.concatenate(pair) for pair in pairs))

    def parts(self) -> tuple[Array, ...]:
        return self.a, self.g, self.v, self.z, self.residual, self.slope, self.data_loss

    @property
    def keys(self) -> list[tuple[int, int]]:
        return list(zip(self.a.tolist(), self.g.tolist(), strict=True))


@dataclass
class _State:
    """What is known of every problem; rows run from strong to weak alpha."""

    path: Path
    entered: npt.NDArray[np.bool_]
    finished: npt.NDArray[np.bool_]
    near: npt.NDArray[np.bool_]
    steps: Index
    failures: Index
    violation: Array
    steepest: Array
    screen: Screen
    references: References = field(default_factory=References)
    held: dict[tuple[int, int], Array] = field(default_factory=dict)
    borrowed: dict[tuple[int, int], Reference | None] = field(default_factory=dict)


def sparse_path(task: PathTask, progress: Progress) -> Path:
    """Fit every alpha and fold of a loss under a penalty with an L1 part.

    Parameters and result as in `counterpoint.fit.path.smooth_path`.
    """
    shape = task.shape
    v = np.zeros((*shape, task.outputs, task.design.width))
    data_loss, cost, gap = (np.zeros(shape) for _ in range(3))
    flags = [np.zeros(shape, dtype=bool) for _ in range(3)]
    counts = [np.zeros(shape, dtype=np.intp) for _ in range(2)]
    path = Path(v, data_loss, cost, gap)
    unknown, steepest = np.full(shape, np.inf), np.full(shape[1], np.inf)
    state = _State(path, *flags, *counts, unknown, steepest, Screen(task.design))
    v[0] = start_of_path(task)
    work = _nothing(task, state.screen)
    while not state.finished.all():
        work = _admit(state, task, work)
        work, done = _advance(state, task, work)
        progress(done)
    return path


def _nothing(task: PathTask, screen: Screen) -> _Work:
    empty = np.zeros(0, dtype=np.intp)
    shape = (0, task.outputs)
    v = np.zeros((*shape, screen.design.width))
    z = np.zeros((*shape, task.targets.shape[1]))
    return _Work(empty, empty, v, z, z, v, np.zeros(0))


def _batch(task: PathTask, design: Design, a: Index, g: Index) -> Batch:
    target = task.group_targets if task.loss.joint else task.group_targets[g]
    return Batch(design, task.loss, task.penalty, task.alphas[a], task.group_fold[g], target)


def _admit(state: _State, task: PathTask, work: _Work) -> _Work:
    """Add the problems whose stronger neighbour is near its optimum."""
    may_enter = ~state.entered
    may_enter[1:] &= state.near[:-1]
    window = max(task.shape[1], SCORES_AT_ONCE // (task.outputs * task.targets.shape[1]))
    a, g = (places[: max(0, window - len(work.a))] for places in np.nonzero(may_enter))
    if not len(a):
        return work
    state.entered[a, g] = True
    v, z, data_loss = _start(state, task, a, g)
    full = _batch(task, task.design, a, g)
    residual = _residuals(full, z)
    slope = full.design.adjoint(residual, full.fold)
    first = a == 0
    state.steepest[g[first]] = np.abs(slope[first]).max(axis=(1, 2), initial=0.0)
    work = _look_wider(state, task, work, full, slope)
    narrow = state.screen.narrow
    return work.joined(_Work(a, g, narrow(v), z, residual, narrow(slope), data_loss))


def _start(state: _State, task: PathTask, a: Index, g: Index) -> tuple[Array, Array, Array]:
    """Each neighbour's weights, or those extrapolated in log alpha where they are better."""
    batch = _batch(task, task.design, a, g)
    before = np.maximum(a - 1, 0)
    v = state.path.v[before, g]
    z = batch.design.scores(v, batch.fold)
    data_loss = _data_loss(batch, z)
    later = np.flatnonzero(a > 1)
    if len(later):
        part, here, there = batch.subset(later), a[later] - 1, a[later] - 2
        log = np.log(task.alphas)
        ratio = (log[here + 1] - log[here]) / (log[here] - log[there])
        move = v[later] - state.path.v[there, g[later]]
        # Weights at zero stay there: the support grows by the optimality conditions alone.
        move[v[later] == 0] = 0.0
        beyond = v[later] + np.minimum(ratio, 4.0)[:, None, None] * move
        scores = part.design.scores(beyond, part.fold)
        loss = _data_loss(part, scores)
        better = loss + part.cost(beyond) < data_loss[later] + part.cost(v[later])
        chosen = later[better]
        v[chosen], z[chosen], data_loss[chosen] = beyond[better], scores[better], loss[better]
    state.path.v[a, g] = v
    return v, z, data_loss


def _look_wider(state: _State, task: PathTask, work: _Work, full: Batch, slope: Array) -> _Work:
    """Let columns join whose slope, on all columns, comes near a problem's threshold."""
    pull = np.abs(slope[..., :-1]).max(axis=1) / full.threshold[:, None]
    greatest = pull.max(axis=0)
    before = state.screen.features
    wide = state.screen.widen(work.v)
    if state.screen.extend(greatest, greatest >= PULL):
        state.references.renumber(before, state.screen.features)
        work.v = state.screen.narrow(wide)
        work.slope = np.zeros_like(work.v)
        if len(work.a):
            fold = task.group_fold[work.g]
            work.slope = state.screen.design.adjoint(work.residual, fold)
    return work


def _advance(state: _State, task: PathTask, work: _Work) -> tuple[_Work, int]:
    """Certify what looks finished, step the rest; returns how many finished."""
    batch = _batch(task, state.screen.design, work.a, work.g)
    objective = work.data_loss + batch.cost(work.v)
    gap = batch.estimated_gap(work.v, work.slope, work.residual)
    at = work.a, work.g
    state.near[at] |= gap <= NEAR * objective
    promising = np.flatnonzero(
        (gap <= PROMISING * task.tol * objective)
        | (state.failures[at] > 0)
        | (state.steps[at] >= STEP_LIMIT)
    )
    done = 0
    if len(promising):
        work, done = _certify(state, task, work, promising)
        work = work.subset(np.flatnonzero(~state.finished[work.a, work.g]))
    if len(work.a):
        work = _step(state, task, work)
    return work, done


def _certify(state: _State, task: PathTask, work: _Work, which: Index) -> tuple[_Work, int]:
    """Certify some problems, keep those that are done, and look wider for the others."""
    part = work.subset(which)
    batch = _batch(task, task.design, part.a, part.g)
    v, certificate = _certified(batch, state.screen.widen(part.v))
    at = part.a, part.g
    spent = (state.steps[at] >= STEP_LIMIT) | (state.failures[at] >= FAILURE_LIMIT)
    ended = (certificate.relative <= task.tol) | spent
    state.path.v[at] = v
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
        here = which[again]
        full = batch.subset(again)
        z = full.design.scores(v[again], full.fold)
        residual = _residuals(full, z)
        slope = full.design.adjoint(residual, full.fold)
        work.v[here], work.z[here] = state.screen.narrow(v[again]), z
        work.residual[here], work.data_loss[here] = residual, certificate.data_loss[again]
        work = _look_wider(state, task, work, full, slope)
        work.slope[here] = state.screen.narrow(slope)
    return work, int(ended.sum())


def _step(state: _State, task: PathTask, work: _Work) -> _Work:
    """Move each problem along the direction that its model gives."""
    batch = _batch(task, state.screen.design, work.a, work.g)
    violation = batch.violation(work.v, work.slope)
    greatest = violation.max(axis=(1, 2), initial=0.0)
    looks = _looks(state, task, batch, work, violation)
    slow = greatest > SLOW * state.violation[work.a, work.g]
    bad = [state.borrowed.get(key) if s else None for key, s in zip(work.keys, slow, strict=True)]
    state.violation[work.a, work.g] = greatest
    direction, chosen = directions(looks, state.references, bad)
    state.borrowed.update(zip(work.keys, chosen, strict=True))
    products = state.screen.design if state.screen.single is None else state.screen.single
    dz = products.scores(direction, batch.fold)
    moved = _searched(batch, work, direction, dz)
    at = work.a, work.g
    state.steps[at] += 1
    state.failures[at] = np.where(moved.length > 0, 0, state.failures[at] + 1)
    _hold(state, batch, work, dz, moved.length)
    places = np.append(state.screen.features, state.screen.full.width - 1)
    for i, (a, g) in enumerate(work.keys):
        state.path.v[a, g][:, places] = moved.v[i]
    slope = _slopes(state, batch, work, greatest, moved.residual)
    return _Work(work.a, work.g, moved.v, moved.z, moved.residual, slope, moved.data_loss)


def _looks(
    state: _State, task: PathTask, batch: Batch, work: _Work, violation: Array
) -> list[Look]:
    curvature = batch.loss.curvature(work.z, batch.target)
    single = None if state.screen.single is None else state.screen.single.x
    looks = []
    for i, key in enumerate(work.keys):
        if key in state.held:
            curvature[i] = np.maximum(curvature[i], state.held[key])
        working = working_set(work.v[i], work.slope[i], violation[i])
        one, output = batch.subset(np.array([i])), key[1] % task.groups_per_fold
        looks.append(Look(one, output, work.v[i], work.slope[i], curvature[i], working, single))
    return looks


def _slopes(state: _State, batch: Batch, work: _Work, violation: Array, residual: Array) -> Array:
    """Gradients in v: in single precision as long as its rounding drowns in what is left to do."""
    single = state.screen.single
    if single is None:
        return batch.design.adjoint(residual, batch.fold)
    noise = ROUNDING * state.steepest[work.g] / batch.threshold
    # A step leaves about a tenth of the violation.
    rough = 0.01 * violation > noise
    slope = np.empty_like(work.v)
    for chosen, products in ((rough, single), (~rough, batch.design)):
        if chosen.any():
            slope[chosen] = products.adjoint(residual[chosen], batch.fold[chosen])
    return slope


def _hold(state: _State, batch: Batch, work: _Work, dz: Array, length: Array) -> None:
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


def _chunks(batch: Batch) -> list[Index]:
    """Problems in runs that a thread takes at a time."""
    problems = len(batch.alpha)
    size = max(1, CHUNK // batch.target[0].size)
    return [np.arange(i, min(i + size, problems)) for i in range(0, problems, size)]


def _residuals(batch: Batch, z: Array) -> Array:
    chunks = _chunks(batch)
    return np.concatenate(list(in_threads(lambda i: batch.subset(i).residual(z[i]), chunks)))


def _data_loss(batch: Batch, z: Array) -> Array:
    chunks = _chunks(batch)
    return np.concatenate(list(in_threads(lambda i: batch.subset(i).data_loss(z[i]), chunks)))


def _searched(batch: Batch, work: _Work, direction: Array, dz: Array) -> Moved:
    def search(i: Index) -> Moved:
        start = (work.v[i], work.z[i], work.data_loss[i], work.slope[i])
        return line_search(batch.subset(i), *start, direction[i], dz[i])

    found = list(in_threads(search, _chunks(batch)))
    return Moved(*(np.concatenate([getattr(m, f.name) for m in found]) for f in fields(Moved)))


def _certified(batch: Batch, v: Array) -> tuple[Array, Certificate]:
    """`certify`, some problems a thread."""

    def one(i: Index) -> tuple[Array, Certificate]:
        part = batch.subset(i)
        return certify(
            part.design, part.loss, part.penalty, part.target, part.alpha, part.fold, v[i]
        )

    found = list(in_threads(one, _chunks(batch)))
    certificate = Certificate(
        *(np.concatenate([getattr(c, f.name) for _, c in found]) for f in fields(Certificate))
    )
    return np.concatenate([moved for moved, _ in found]), certificate
