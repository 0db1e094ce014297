"""Small problems of one output, each fold's path in one compiled call; then certificates.

What Python does for a step costs such problems more than the step's arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import certify
from counterpoint.fit.design import Design
from counterpoint.fit.proximal.chain import follow
from counterpoint.fit.proximal.margin import margin_of
from counterpoint.fit.proximal.view import View
from counterpoint.fit.rows import Columns, by_column
from counterpoint.fit.start import start_of_path
from counterpoint.fit.task import Path, PathTask, Watch
from counterpoint.fit.threads import in_threads
from counterpoint.objective.losses.margin import MarginLoss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Share = Callable[[Callable[[int], None], Iterable[int]], Iterable[None]]

#: Multiplications of all rows' or all columns' products, whichever are fewer, beyond which the
#: batch costs less: it borrows Hessians from neighbours.
PRODUCTS = 1_000_000_000
#: Cells times strengths that a fold's chain goes on for before the other folds' catch up, and
#: strengths at the least: those alphas are then finished in all folds, should the work be
#: interrupted.
CELLS_AT_A_TIME, LINKS = 20_000_000, 10
#: Cells of the arrays that certificates take at once: few enough to stay in a core's cache.
CERTIFIED_AT_ONCE = 500_000


def suits(task: PathTask) -> bool:
    """Whether chains may serve: two classes' losses on complete data that are held in memory."""
    design = task.design
    if design.missing is not None or design.double.operand is not None or task.loss.joint:
        return False
    cells = _cells(design)
    products = cells * min(design.n, cells / design.n)
    return products <= PRODUCTS and 16 * cells <= task.plan.row_products


def _cells(design: Design) -> float:
    return max(1.0, design.density * design.n * design.width)


def follow_chains(task: PathTask, path: Path, watch: Watch) -> None:
    """Fill a path's unfinished fits as far as chains come.

    A fit that falls short of its certificate stays unfinished.
    """
    columns, groups = _columns(task.design), np.arange(task.shape[1])
    links = min(max(LINKS, int(CELLS_AT_A_TIME / _cells(task.design))), task.window)
    start = start_of_path(task)[:, 0]
    for first in range(0, len(task.alphas), links):
        these = slice(first, first + links)
        open_ = groups[~path.finished[these, groups].all(axis=0)]
        # A fold by itself leaves the other threads to its certificates.
        chains, certificates = (map, in_threads) if len(open_) == 1 else (in_threads, map)
        one = partial(_chain, task, columns, path, these, start, certificates)
        whole = list(chains(one, open_.tolist()))
        # Where a chain has given up there is no start for the weaker strengths.
        groups = np.setdiff1d(groups, open_[~np.array(whole, dtype=bool)])
        start[groups] = path.v[these][-1, groups, 0]
        watch(path)


def _columns(design: Design) -> Columns:
    stored = design.columns if design.single is design.double else by_column(design.double)
    x, *places = stored
    # One type of index, so that the chain is compiled but once.
    indices, indptr = (a.astype(np.int32, copy=False) for a in places)
    return x, indices, indptr


def _chain(
    task: PathTask,
    columns: Columns,
    path: Path,
    these: slice,
    start: Array,
    share: Share,
    group: int,
) -> bool:
    """Fit one group at some strengths; returns whether the chain came to their end."""
    output, fold = group % task.groups_per_fold, group // task.groups_per_fold
    alphas, target = task.alphas[these], task.targets[output]
    # In place: of wide data a copy of the weights costs as much as fitting them.
    v, z = path.v[these, group, 0], np.empty((len(alphas), task.design.n))
    assert isinstance(task.loss, MarginLoss)
    l1, ridge = alphas * task.penalty.l1_ratio, alphas * task.penalty.l2_ratio
    view, loss = _view(task.design, columns, fold, target), margin_of(task.loss)
    count = follow(view, loss, l1, ridge, task.tol, start[group], v, z)
    size = max(1, CERTIFIED_AT_ONCE // max(v.shape[1], z.shape[1]))

    def certified(low: int) -> None:
        some = slice(low, min(low + size, count))
        moved, found = certify(
            task.design,
            task.loss,
            task.penalty,
            target[None, None],
            alphas[some],
            np.full(some.stop - low, fold),
            v[some, None],
            z[some, None],
        )
        v[some, -1] = moved[:, 0, -1]
        path.data_loss[these, group][some] = found.data_loss
        path.penalty[these, group][some] = found.penalty
        proven = found.relative <= task.tol
        path.gap[these, group][some] = np.where(proven, found.gap, np.nan)

    for _ in share(certified, range(0, count, size)):
        pass
    return count == len(alphas)


def _view(design: Design, columns: Columns, fold: int, target: Array) -> View:
    shift, scale = (maps[fold] for maps in design.stored_maps(design.double))
    mean, factor, unit = np.append(shift, 0.0), np.append(1.0 / scale, 1.0), design.second_moments
    return View(*columns, mean, factor, unit[fold], design.train_weight[fold], target)
