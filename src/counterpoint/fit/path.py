"""All strengths and folds of a smooth objective, fitted as one batch that flows along alpha.

A problem enters the batch as soon as its neighbour of next greater alpha is near enough to its
optimum to start it off, and leaves once its certificate meets the tolerance. So every product
with X serves several strengths and all folds, and none starts from nothing at weak alpha.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import Certificate, certify, relative_gap
from counterpoint.fit.newton import (
    CUT_SHORT,
    Batch,
    held_curvature,
    line_search,
    newton_direction,
)
from counterpoint.fit.preconditioner import Preconditioner, preconditioners
from counterpoint.fit.start import start_of_path
from counterpoint.fit.task import PathTask

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Progress = Callable[[int], None]
#: Rows and columns of problems in a path's arrays.
Places = tuple[Index, Index]

#: Relative distance to the optimum from which a fit may start its weaker neighbour.
NEAR = 1e-3
#: Raw scores held at once: bounds the batch's memory (8 bytes each, some ten arrays).
SCORES_AT_ONCE = 16_000_000
#: Conjugate-gradient steps that cost more than a new factor would.
STALE = 12
#: Newton steps a problem may take, and how many of them may fail in a row.
STEP_LIMIT = 200
FAILURE_LIMIT = 6


@dataclass(frozen=True)
class Path:
    """Fits over alphas (rows) and groups: a fold, or a fold and output where outputs are apart.

    Attributes
    ----------
    v : array (alphas, groups, outputs, width)
        Weights on the folds' scaled columns, intercept last.
    data_loss, penalty, gap : array (alphas, groups)
    """

    v: Array
    data_loss: Array
    penalty: Array
    gap: Array


@dataclass
class _State:
    """What is known of every problem while the batch flows; rows run from strong to weak alpha."""

    v: Array
    data_loss: Array
    penalty: Array
    gap: Array
    entered: npt.NDArray[np.bool_]
    finished: npt.NDArray[np.bool_]
    steps: Index
    failures: Index
    held: dict[tuple[int, int], Array]
    preconditioners: dict[tuple[int, int], Preconditioner]

    @property
    def relative(self) -> Array:
        return relative_gap(self.gap, self.data_loss + self.penalty)


def smooth_path(task: PathTask, progress: Progress) -> Path:
    """Fit every alpha and fold of a loss under an L2 penalty.

    Parameters
    ----------
    task
        What to fit.
    progress
        Called with the number of problems that have just finished.
    """
    shape = task.shape
    state = _State(
        v=np.zeros((*shape, task.outputs, task.design.width)),
        data_loss=np.full(shape, np.inf),
        penalty=np.zeros(shape),
        gap=np.full(shape, np.inf),
        entered=np.zeros(shape, dtype=bool),
        finished=np.zeros(shape, dtype=bool),
        steps=np.zeros(shape, dtype=np.intp),
        failures=np.zeros(shape, dtype=np.intp),
        held={},
        preconditioners={},
    )
    window = max(shape[1], SCORES_AT_ONCE // (task.outputs * task.targets.shape[1]))
    group_fold, group_targets = task.group_fold, task.group_targets
    state.v[0] = start_of_path(task)
    while not state.finished.all():
        a, g = _admit(state, task.alphas, window)
        target = group_targets if task.loss.joint else group_targets[g]
        ridge = task.alphas[a] * task.penalty.l2_ratio
        batch = Batch(task.design, task.loss, ridge, group_fold[g], target)
        progress(_advance(state, batch, task, (a, g)))
    return Path(state.v, state.data_loss, state.penalty, state.gap)


def _admit(state: _State, alphas: Array, window: int) -> Places:
    """The problems of the next step: those at work, and those whose neighbour is near."""
    near = state.finished | (state.relative <= NEAR)
    may_enter = ~state.entered
    may_enter[1:] &= near[:-1]
    for a, g in zip(*np.nonzero(may_enter), strict=True):
        _start(state, alphas, int(a), int(g))
    at_work = np.argwhere(state.entered & ~state.finished)[:window]
    return at_work[:, 0], at_work[:, 1]


def _start(state: _State, alphas: Array, a: int, g: int) -> None:
    state.entered[a, g] = True
    if a > 0:
        state.v[a, g] = state.v[a - 1, g]
    if a > 1:
        # Weights of separable data grow linearly in log alpha; elsewhere they hardly change.
        # The line search of the first step undoes a bad guess.
        ratio = np.log(alphas[a] / alphas[a - 1]) / np.log(alphas[a - 1] / alphas[a - 2])
        state.v[a, g] += min(ratio, 4.0) * (state.v[a - 1, g] - state.v[a - 2, g])


def _advance(state: _State, batch: Batch, task: PathTask, at: Places) -> int:
    """Certify what looks finished, step the rest; returns how many finished."""
    v = _better_start(state, batch, task.alphas, at)
    z, gradient = _look(state, batch, at, v)
    # The gradient bound counts once intercepts are at rest: certify the promising.
    promising = np.flatnonzero(
        (state.gap[at] <= 0.5 * task.tol * (state.data_loss[at] + state.penalty[at]))
        | (state.failures[at] > 0)
        | (state.steps[at] >= STEP_LIMIT)
    )
    done = _certify(state, batch, task, at, promising)
    again = promising[~state.finished[at][promising]]
    if len(again):  # certifying has moved their intercepts
        there = _part(at, again)
        v[again] = state.v[there]
        z[again], gradient[again] = _look(state, batch.subset(again), there, v[again])
    rest = np.flatnonzero(~state.finished[at])
    if len(rest):
        _step(state, batch.subset(rest), _part(at, rest), v[rest], z[rest], gradient[rest])
    return done


def _step(state: _State, batch: Batch, at: Places, v: Array, z: Array, gradient: Array) -> None:
    """Move each problem along its Newton direction."""
    curvature = batch.loss.curvature(z, batch.target)
    keys = _keys(at)
    for i, key in enumerate(keys):
        if key in state.held:
            curvature[i] = np.maximum(curvature[i], state.held[key])
    factors = _preconditioners(state, batch, keys, curvature)
    accuracy = np.clip(np.sqrt(state.relative[at]), 1e-4, 0.1)
    direction, cg_steps = newton_direction(batch, curvature, gradient, factors, accuracy)
    state.v[at], length, dz = line_search(batch, z, v, gradient, direction)
    state.steps[at] += 1
    state.failures[at] = np.where(length > 0, 0, state.failures[at] + 1)
    for i, key in enumerate(keys):
        if cg_steps[i] > STALE:
            state.preconditioners.pop(key, None)
        if not batch.loss.joint and (length[i] < CUT_SHORT or key in state.held):
            one, before = batch.subset(np.array([i])), state.held.pop(key, 0.0)
            held = held_curvature(batch.loss, z[i], dz[i], one.target[0], length[i], before)
            if held.any():
                state.held[key] = held


def _better_start(state: _State, batch: Batch, alphas: Array, at: Places) -> Array:
    """Go back from an extrapolated start to the neighbour's weights where those are better."""
    a, g = at
    v = state.v[at]
    fresh = np.flatnonzero((state.steps[at] == 0) & (a > 1))
    if len(fresh):
        part, before = batch.subset(fresh), (a[fresh] - 1, g[fresh])
        z = batch.design.scores(v[fresh], part.fold)
        share = alphas[a[fresh]] / alphas[before[0]]
        neighbour = state.data_loss[before] + share * state.penalty[before]
        worse = fresh[~(part.objective(z, v[fresh]) <= neighbour)]
        v[worse] = state.v[a[worse] - 1, g[worse]]
    return v


def _look(state: _State, batch: Batch, at: Places, v: Array) -> tuple[Array, Array]:
    """Scores and gradient at v; the parts of the objective are recorded."""
    z = batch.design.scores(v, batch.fold)
    gradient = batch.gradient(z, v)
    state.v[at] = v
    state.penalty[at] = 0.5 * batch.ridge * (v[..., :-1] ** 2).sum(axis=(1, 2))
    state.data_loss[at] = (batch.loss.value(z, batch.target) * batch.row_weight).sum(axis=-1)
    # An estimate until certified: |gradient|^2 / (2 alpha), intercepts counted as weights.
    state.gap[at] = (gradient[..., :-1] ** 2).sum(axis=(1, 2)) / (2 * batch.ridge)
    return z, gradient


def _certify(state: _State, batch: Batch, task: PathTask, at: Places, which: Index) -> int:
    """Certify some of the batch, and keep those that are done; returns how many."""
    if not len(which):
        return 0
    part, at = batch.subset(which), _part(at, which)
    v, certificate = certify(
        part.design,
        part.loss,
        task.penalty,
        part.target,
        task.alphas[at[0]],
        part.fold,
        state.v[at],
    )
    # A step that failed is tried again with the intercepts at rest, which certifying saw to.
    state.v[at] = v
    spent = (state.steps[at] >= STEP_LIMIT) | (state.failures[at] >= FAILURE_LIMIT)
    ended = (certificate.relative <= task.tol) | spent
    _keep(state, at, np.flatnonzero(ended), v, certificate)
    return int(ended.sum())


def _keep(state: _State, at: Places, ended: Index, v: Array, certificate: Certificate) -> None:
    at = _part(at, ended)
    state.v[at] = v[ended]
    state.data_loss[at] = certificate.data_loss[ended]
    state.penalty[at] = certificate.penalty[ended]
    state.gap[at] = certificate.gap[ended]
    state.finished[at] = True
    for a, g in _keys(at):
        state.preconditioners.pop((a - 1, g), None)
        state.held.pop((a, g), None)


def _preconditioners(
    state: _State, batch: Batch, keys: list[tuple[int, int]], curvature: Array
) -> list[Preconditioner]:
    """Each problem's factor: its neighbour's at first, its own once that serves no more."""
    known = state.preconditioners
    for a, g in keys:
        if (a, g) not in known and state.steps[a, g] == 0 and (a - 1, g) in known:
            known[a, g] = known[a - 1, g]
    lacking = np.array([i for i, key in enumerate(keys) if key not in known], dtype=np.intp)
    if len(lacking):
        part = batch.subset(lacking)
        fresh = preconditioners(batch.design, batch.loss, curvature[lacking], part.ridge, part.fold)
        known.update(zip([keys[i] for i in lacking.tolist()], fresh, strict=True))
    return [known[key] for key in keys]


def _part(at: Places, which: Index) -> Places:
    return at[0][which], at[1][which]


def _keys(at: Places) -> list[tuple[int, int]]:
    return list(zip(at[0].tolist(), at[1].tolist(), strict=True))
