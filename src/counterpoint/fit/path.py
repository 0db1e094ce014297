"""All strengths and folds of a smooth objective, fitted as one batch that flows along alpha.

A problem enters the batch as soon as stronger ones are near enough to their optimum to start it
off, and leaves once its certificate meets the tolerance. So every product with X serves several
strengths and all folds, and none starts from nothing at weak alpha. Strengths between others
that are fitted start on a cubic: most are there at once (`counterpoint.fit.schedule`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import Certificate, certify, relative_gap
from counterpoint.fit.newton import (
    CUT_SHORT,
    Batch,
    Curvature,
    Look,
    held_curvature,
    line_search,
    newton_direction,
)
from counterpoint.fit.preconditioner import Preconditioner, preconditioners, renewal_cost
from counterpoint.fit.schedule import Schedule, schedule_of
from counterpoint.fit.start import start_of_path
from counterpoint.fit.task import Path, PathTask, Watch

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
#: Rows and columns of problems in a path's arrays.
Places = tuple[Index, Index]

#: Relative distance to the optimum from which a fit may start its weaker neighbour; and the same
#: where large data have but one fit an alpha, and products of several problems cost hardly more.
NEAR = 1e-3
NEAR_ALONE = 1e-1
#: Conjugate-gradient steps that a fresh factor takes for each decade of accuracy.
FRESH = 3
#: A product with so many columns takes twice the time that its operations ask for: reading and
#: arranging X takes the other half.
NARROW = 100
#: Share of the tolerance that a Newton step aims at.
AIM = 0.02
#: Newton steps a problem may take, and how many of them may fail in a row.
STEP_LIMIT = 200
FAILURE_LIMIT = 6


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
    renewal_cost: float
    schedule: Schedule
    held: dict[tuple[int, int], Array]
    preconditioners: dict[tuple[int, int], Preconditioner]

    @staticmethod
    def of(task: PathTask) -> _State:
        """Nothing entered, but for what an earlier run has finished."""
        path = task.beginning()
        finished = path.finished
        state = _State(
            v=path.v,
            data_loss=np.where(finished, path.data_loss, np.inf),
            penalty=path.penalty,
            gap=np.where(finished, path.gap, np.inf),
            entered=finished.copy(),
            finished=finished,
            steps=np.zeros(task.shape, dtype=np.intp),
            failures=np.zeros(task.shape, dtype=np.intp),
            renewal_cost=renewal_cost(task.loss, task.outputs, task.design.width, task.design.n),
            schedule=schedule_of(task.alphas),
            held={},
            preconditioners={},
        )
        state.v[0] = np.where(finished[0, :, None, None], path.v[0], start_of_path(task))
        return state

    @property
    def path(self) -> Path:
        """What is finished so far."""
        return Path(self.v, self.data_loss, self.penalty, np.where(self.finished, self.gap, np.nan))

    @property
    def relative(self) -> Array:
        return relative_gap(self.gap, self.data_loss + self.penalty)


def smooth_path(task: PathTask, watch: Watch) -> Path:
    """Fit every alpha and fold of a loss under an L2 penalty.

    Parameters
    ----------
    task
        What to fit.
    watch
        Called with the path each time that problems have finished.

    Returns
    -------
    Path
        Unfinished in part where the work was interrupted.
    """
    state = _State.of(task)
    window, design = task.window, task.design
    alone = task.shape[1] == 1 and design.single is not design.double
    group_fold, group_targets = task.group_fold, task.group_targets
    with suppress(KeyboardInterrupt):
        while not state.finished.all():
            a, g = _admit(state, window, alone)
            target = group_targets if task.loss.joint else group_targets[g]
            ridge = task.alphas[a] * task.penalty.l2_ratio
            batch = Batch(design, task.loss, ridge, group_fold[g], target)
            if _advance(state, batch, task, (a, g)):
                watch(state.path)
    return state.path


def _admit(state: _State, window: int, alone: bool) -> Places:
    """The problems of the next step: those at work, and those whose sources are near."""
    near = state.finished | (state.relative <= (NEAR_ALONE if alone else NEAR))
    schedule = state.schedule
    for a, sources in enumerate(schedule.sources):
        # A line goes on from what is near; a cubic is no better than what it runs through.
        line = schedule.is_coarse[a]
        ready = near[schedule.parent[a]] if line else state.finished[sources].all(axis=0)
        for g in np.flatnonzero(~state.entered[a] & ready if a else ~state.entered[a]):
            state.entered[a, g] = True
            if a:
                state.v[a, g] = np.tensordot(schedule.shares(a), state.v[sources, g], 1)
    at_work = np.argwhere(state.entered & ~state.finished)[:window]
    return at_work[:, 0], at_work[:, 1]


def _advance(state: _State, batch: Batch, task: PathTask, at: Places) -> int:
    """Certify what looks finished, step the rest; returns how many finished."""
    look = _first_look(state, batch, task.alphas, at)
    # The gradient bound counts once intercepts are at rest: certify the promising.
    promising = np.flatnonzero(
        (state.gap[at] <= 0.5 * task.tol * (state.data_loss[at] + state.penalty[at]))
        | (state.failures[at] > 0)
        | (state.steps[at] >= STEP_LIMIT)
    )
    done = _certify(state, batch, task, at, promising, look)
    rest = np.flatnonzero(~state.finished[at])
    if not len(rest):
        return done
    remaining, there = batch.subset(rest), _part(at, rest)
    look = look.subset(rest)
    if np.isin(rest, promising).any():  # certifying has moved their intercepts
        look = _look(state, remaining, there, state.v[there])
    _step(state, remaining, there, look, task.tol)
    return done


def _step(state: _State, batch: Batch, at: Places, look: Look, tol: float) -> None:
    """Move each problem along its Newton direction."""
    curvature = look.curvature
    keys = _keys(at)
    for i, key in enumerate(keys):
        if key in state.held:
            curvature[i] = np.maximum(curvature[i], state.held[key])
    factors = _preconditioners(state, batch, at, curvature)
    relative = state.relative[at]
    if batch.design.single is not batch.design.double:
        # Of large data each product counts: no more of them than it takes to get there.
        relative = np.maximum(relative, AIM * tol / relative)
    accuracy = np.clip(np.sqrt(relative), 1e-4, 0.1)
    direction, cg_steps = newton_direction(batch, curvature, look.gradient, factors, accuracy)
    state.v[at], length, dz = line_search(batch, look, direction)
    state.steps[at] += 1
    state.failures[at] = np.where(length > 0, 0, state.failures[at] + 1)
    wasted = cg_steps + FRESH * np.log10(accuracy)
    columns = direction.shape[0] * direction.shape[1]
    renewal = state.renewal_cost * columns / (columns + NARROW)
    for i, (a, g) in enumerate(keys):
        if wasted[i] > renewal:
            # Its heirs' may be made of the same Gram matrices.
            for alpha in (a, *state.schedule.heirs[a]):
                state.preconditioners.pop((alpha, g), None)
    for i, key in enumerate(keys):
        if not batch.loss.joint and (length[i] < CUT_SHORT or key in state.held):
            one, before = batch.subset(np.array([i])), state.held.pop(key, 0.0)
            held = held_curvature(batch.loss, look.z[i], dz[i], one.target[0], length[i], before)
            if held.any():
                state.held[key] = held


def _first_look(state: _State, batch: Batch, alphas: Array, at: Places) -> Look:
    """Look at where each problem is; one whose start was a bad guess goes back to its parent."""
    a, g = at
    before = state.schedule.parent[a], g
    share = alphas[a] / alphas[before[0]]
    there = state.data_loss[before] + share * state.penalty[before]
    look = _look(state, batch, at, state.v[at])
    here = state.data_loss[at] + state.penalty[at]
    worse = np.flatnonzero((state.steps[at] == 0) & (a > 0) & ~(here <= there))
    if len(worse):
        v = look.v.copy()
        v[worse] = state.v[_part(before, worse)]
        look = _look(state, batch, at, v)
    return look


def _look(state: _State, batch: Batch, at: Places, v: Array) -> Look:
    """Look at v, and record it with the parts of its objective."""
    look = batch.look(v)
    state.v[at], state.data_loss[at], state.penalty[at] = v, look.data_loss, batch.penalty(v)
    # An estimate until certified: |gradient|^2 / (2 alpha), intercepts counted as weights.
    state.gap[at] = (look.gradient[..., :-1] ** 2).sum(axis=(1, 2)) / (2 * batch.ridge)
    return look


def _certify(
    state: _State, batch: Batch, task: PathTask, at: Places, which: Index, look: Look
) -> int:
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
        look.subset(which).z,
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
    for key in _keys(at):
        state.held.pop(key, None)
    for a, g in list(state.preconditioners):
        # Its heirs have taken what they want once they have their own, or are done.
        if state.finished[a, g] and all(
            state.finished[heir, g] or (heir, g) in state.preconditioners
            for heir in state.schedule.heirs[a]
        ):
            del state.preconditioners[a, g]


def _preconditioners(
    state: _State, batch: Batch, at: Places, curvature: Curvature
) -> list[Preconditioner]:
    """Each problem's own, or its parent's at another ridge while that serves."""
    known, keys = state.preconditioners, _keys(at)
    intercept_ridge = batch.design.intercept_ridge(batch.ridge, batch.fold)
    lacking = []
    for i, (a, g) in enumerate(keys):
        if (a, g) in known:
            continue
        parent = int(state.schedule.parent[a]), g
        if state.steps[a, g] == 0 and parent in known:
            known[a, g] = known[parent].at(batch.ridge[i], intercept_ridge[i])
        else:
            lacking.append(i)
    if lacking:
        part = batch.subset(np.array(lacking))
        fresh = preconditioners(batch.design, batch.loss, curvature[lacking], part.ridge, part.fold)
        known.update(zip([keys[i] for i in lacking], fresh, strict=True))
    return [known[key] for key in keys]


def _part(at: Places, which: Index) -> Places:
    return at[0][which], at[1][which]


def _keys(at: Places) -> list[tuple[int, int]]:
    return list(zip(at[0].tolist(), at[1].tolist(), strict=True))
