"""All strengths and folds of a smooth objective, fitted as one batch that flows along alpha.

A problem enters the batch as soon as its neighbour of next greater alpha is near enough to its
optimum to start it off, and leaves once its certificate meets the tolerance. So every product
with X serves several strengths and all folds, and none starts from nothing at weak alpha.
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
from counterpoint.fit.preconditioner import Preconditioner, exact, preconditioners
from counterpoint.fit.start import start_of_path
from counterpoint.fit.task import Path, PathTask, Watch

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
#: Rows and columns of problems in a path's arrays.
Places = tuple[Index, Index]

#: Relative distance to the optimum from which a fit may start its weaker neighbour.
NEAR = 3e-2
#: Raw scores held at once: bounds the batch's memory (8 bytes each, some ten arrays).
SCORES_AT_ONCE = 16_000_000
#: Conjugate-gradient steps that a fresh factor takes for each decade of accuracy, and steps beyond
#: these, over all problems that share a factor, that cost as much as a new one.
FRESH = 3
STALE = 20
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
    per_fold: int
    apart: bool
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
            per_fold=task.groups_per_fold,
            apart=exact(task.loss, task.outputs, task.design.width),
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

    def kinds(self, at: Places) -> list[tuple[int, int]]:
        """Problems of the same kind share a preconditioner."""
        return [(a, g if self.apart else g % self.per_fold) for a, g in _keys(at)]


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
    groups = task.shape[1]
    window = max(groups, SCORES_AT_ONCE // (task.outputs * task.targets.shape[1]))
    group_fold, group_targets = task.group_fold, task.group_targets
    with suppress(KeyboardInterrupt):
        while not state.finished.all():
            a, g = _admit(state, task.alphas, window)
            target = group_targets if task.loss.joint else group_targets[g]
            ridge = task.alphas[a] * task.penalty.l2_ratio
            batch = Batch(task.design, task.loss, ridge, group_fold[g], target)
            if _advance(state, batch, task, (a, g)):
                watch(state.path)
    return state.path


def _admit(state: _State, alphas: Array, window: int) -> Places:
    """The problems of the next step: those at work, and those whose neighbour is near."""
    near = state.finished | (state.relative <= NEAR)
    may_enter = ~state.entered
    may_enter[1:] &= near[:-1]
    # Folds follow the fit on all rows, which says most of where they end.
    may_enter[1:] &= np.tile(near[1:, : state.per_fold], near.shape[1] // state.per_fold) | (
        np.arange(near.shape[1]) < state.per_fold
    )
    for a, g in zip(*np.nonzero(may_enter), strict=True):
        _start(state, alphas, int(a), int(g))
    at_work = np.argwhere(state.entered & ~state.finished)[:window]
    return at_work[:, 0], at_work[:, 1]


def _start(state: _State, alphas: Array, a: int, g: int) -> None:
    state.entered[a, g] = True
    full = g % state.per_fold
    if a > 0 and g != full:
        # What tells a fold's fit from that on all rows changes little from alpha to alpha.
        state.v[a, g] = state.v[a, full] + (state.v[a - 1, g] - state.v[a - 1, full])
    elif a > 0:
        state.v[a, g] = state.v[a - 1, g]
    if a > 1 and g == full:
        # Weights of separable data grow linearly in log alpha; elsewhere they hardly change.
        # The line search of the first step undoes a bad guess.
        ratio = np.log(alphas[a] / alphas[a - 1]) / np.log(alphas[a - 1] / alphas[a - 2])
        state.v[a, g] += min(ratio, 4.0) * (state.v[a - 1, g] - state.v[a - 2, g])


def _advance(state: _State, batch: Batch, task: PathTask, at: Places) -> int:
    """Certify what looks finished, step the rest; returns how many finished."""
    v = _better_start(state, batch, task.alphas, at)
    look = _look(state, batch, at, v)
    # The gradient bound counts once intercepts are at rest: certify the promising.
    promising = np.flatnonzero(
        (state.gap[at] <= 0.5 * task.tol * (state.data_loss[at] + state.penalty[at]))
        | (state.failures[at] > 0)
        | (state.steps[at] >= STEP_LIMIT)
    )
    done = _certify(state, batch, task, at, promising)
    rest = np.flatnonzero(~state.finished[at])
    if not len(rest):
        return done
    remaining, there = batch.subset(rest), _part(at, rest)
    look = look.subset(rest)
    if np.isin(rest, promising).any():  # certifying has moved their intercepts
        look = _look(state, remaining, there, state.v[there])
    _step(state, remaining, there, look)
    return done


def _step(state: _State, batch: Batch, at: Places, look: Look) -> None:
    """Move each problem along its Newton direction."""
    curvature = look.curvature
    keys, kinds = _keys(at), state.kinds(at)
    for i, key in enumerate(keys):
        if key in state.held:
            curvature[i] = np.maximum(curvature[i], state.held[key])
    factors = _preconditioners(state, batch, at, curvature)
    accuracy = np.clip(np.sqrt(state.relative[at]), 1e-4, 0.1)
    direction, cg_steps = newton_direction(batch, curvature, look.gradient, factors, accuracy)
    state.v[at], length, dz = line_search(batch, look, direction)
    state.steps[at] += 1
    state.failures[at] = np.where(length > 0, 0, state.failures[at] + 1)
    for kind in set(kinds):
        sharing = [i for i, other in enumerate(kinds) if other == kind]
        if (cg_steps[sharing] + FRESH * np.log10(accuracy[sharing])).clip(min=0).sum() > STALE:
            # The weaker neighbour's may be made of the same Gram matrices.
            for a in (kind[0], kind[0] + 1):
                state.preconditioners.pop((a, kind[1]), None)
    for i, key in enumerate(keys):
        if not batch.loss.joint and (length[i] < CUT_SHORT or key in state.held):
            one, before = batch.subset(np.array([i])), state.held.pop(key, 0.0)
            held = held_curvature(batch.loss, look.z[i], dz[i], one.target[0], length[i], before)
            if held.any():
                state.held[key] = held


def _better_start(state: _State, batch: Batch, alphas: Array, at: Places) -> Array:
    """Go back from an extrapolated start to the neighbour's weights where those are better."""
    a, g = at
    v = state.v[at]
    fresh = np.flatnonzero((state.steps[at] == 0) & (a > 0))
    if len(fresh):
        part, before = batch.subset(fresh), (a[fresh] - 1, g[fresh])
        z = batch.design.scores(v[fresh], part.fold)
        share = alphas[a[fresh]] / alphas[before[0]]
        neighbour = state.data_loss[before] + share * state.penalty[before]
        worse = fresh[~(part.objective(z, v[fresh]) <= neighbour)]
        v[worse] = state.v[a[worse] - 1, g[worse]]
    return v


def _look(state: _State, batch: Batch, at: Places, v: Array) -> Look:
    """Look at v, and record it with the parts of its objective."""
    look = batch.look(v)
    state.v[at], state.data_loss[at], state.penalty[at] = v, look.data_loss, batch.penalty(v)
    # An estimate until certified: |gradient|^2 / (2 alpha), intercepts counted as weights.
    state.gap[at] = (look.gradient[..., :-1] ** 2).sum(axis=(1, 2)) / (2 * batch.ridge)
    return look


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
    for key in _keys(at):
        state.held.pop(key, None)
    done = np.asarray(state.finished.all(axis=1))
    for a, g in list(state.preconditioners):
        # The weaker neighbour has taken what it wants once it has one of its own.
        if done[a] and (a + 1 == len(done) or (a + 1, g) in state.preconditioners):
            del state.preconditioners[a, g]


def _preconditioners(
    state: _State, batch: Batch, at: Places, curvature: Curvature
) -> list[Preconditioner]:
    """Each problem's factor: its neighbour's at first, its own once that serves no more.

    Folds share most of their rows: where a factor is approximate anyway, one serves them all.
    """
    known, kinds = state.preconditioners, state.kinds(at)
    lacking = {kind: i for i, kind in reversed(list(enumerate(kinds))) if kind not in known}
    intercept_ridge = batch.design.intercept_ridge(batch.ridge, batch.fold)
    for (a, g), i in list(lacking.items()):
        if state.steps[at[0][i], at[1][i]] == 0 and (a - 1, g) in known:
            known[a, g] = known[a - 1, g].at(batch.ridge[i], intercept_ridge[i])
            del lacking[a, g]
    if lacking:
        chosen = np.array(sorted(lacking.values()))
        part = batch.subset(chosen)
        fresh = preconditioners(batch.design, batch.loss, curvature[chosen], part.ridge, part.fold)
        known.update({kinds[i]: made for i, made in zip(chosen.tolist(), fresh, strict=True)})
    return [known[kind] for kind in kinds]


def _part(at: Places, which: Index) -> Places:
    return at[0][which], at[1][which]


def _keys(at: Places) -> list[tuple[int, int]]:
    return list(zip(at[0].tolist(), at[1].tolist(), strict=True))
