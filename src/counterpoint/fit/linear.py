"""The linear sweep: data, folds and a loss in; fits, certificates and scores out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.certificate import relative_gap
from counterpoint.fit.design import Design
from counterpoint.fit.facts import duplicate_columns, spread
from counterpoint.fit.folds import Folds
from counterpoint.fit.leave_one_out import leave_one_out_scores
from counterpoint.fit.memory import UNLIMITED, Plan
from counterpoint.fit.path import smooth_path
from counterpoint.fit.path_checkpoint import path_checkpoint
from counterpoint.fit.result import DataFacts, HeldOut, SweepFit
from counterpoint.fit.ridge import has_closed_form, ridge_path
from counterpoint.fit.rotation import rotated_path
from counterpoint.fit.scaling import make_design
from counterpoint.fit.task import Path, PathTask, Watch
from counterpoint.fit.threads import shared_threads
from counterpoint.fit.validation import (
    Trained,
    fit_rows,
    held_out_scores,
    judge,
    score_rows,
    score_training,
)
from counterpoint.objective import Loss, Penalty, loss_named

Array = npt.NDArray[np.float64]
Dense = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]

#: Cells of X below which a second thread costs more in waiting than it saves in work.
SMALL = 1_000_000
#: Training sets beyond which there is so much more work that even smaller data suit two threads.
FEW_FOLDS = 10


@dataclass(frozen=True)
class Problem:
    """The data of a sweep, shared by every loss and penalty that is fitted to it.

    Attributes
    ----------
    x : array (n, features) with NaN for missing cells, or CSR
    label_index : array (n,)
    classes : array (classes,)
    weight : array (n,)
    design
        x as the solvers see it.
    facts
        What the findings need to know of the data.
    """

    x: Dense | sparse.csr_array
    label_index: Index
    classes: npt.NDArray[np.generic]
    feature_names: tuple[str, ...]
    weight: Array
    folds: Folds
    design: Design
    facts: DataFacts
    scale: str
    seed: int


def make_problem(
    x: Dense | sparse.csr_array,
    label_index: Index,
    classes: npt.NDArray[np.generic],
    feature_names: tuple[str, ...],
    weight: Array,
    folds: Folds,
    scale: str,
    seed: int,
    notes: tuple[str, ...],
    plan: Plan = UNLIMITED,
) -> Problem:
    """Centre, scale and look at the data once, for all that will be fitted to it."""
    n_classes = len(classes)
    trained = folds.train_weight[0] > 0
    with shared_threads(1 if x.shape[0] * x.shape[1] < SMALL else plan.threads):
        seen = spread(x, trained)
        duplicates = duplicate_columns(x, feature_names, trained, seen)
        design = make_design(x, folds, scale == "standard", plan)
    if plan.judged_rows is not None:
        # Only now: what is fitted does not depend on how many rows judge.
        folds = folds.judged_on(plan.judged_rows, label_index, seed)
    judged = folds.held_out.any(axis=0)
    held_out_weight = np.bincount(label_index[judged], weight[judged], minlength=n_classes)
    facts = DataFacts(
        n=int((trained | judged).sum()),
        n_features=x.shape[1],
        class_count=np.bincount(label_index[trained | judged], minlength=n_classes),
        class_share=np.bincount(label_index, folds.train_weight[0], n_classes).astype(np.float64),
        held_out_share=held_out_weight / held_out_weight.sum(),
        duplicates=duplicates,
        constant=tuple(name for name, c in zip(feature_names, seen.constant, strict=True) if c),
        missing_cells=seen.missing,
        notes=notes,
    )
    return Problem(
        x, label_index, classes, feature_names, weight, folds, design, facts, scale, seed
    )


def fit_linear(
    problem: Problem,
    loss_name: str,
    penalty: Penalty,
    alphas: Array,
    tol: float,
    watch: Watch = lambda path: None,
    checkpoint: FilePath | None = None,
) -> SweepFit:
    """Fit one loss and penalty over all alphas and folds, and score it.

    Parameters
    ----------
    alphas : array (m,), ascending
    tol
        Relative distance to the optimum that each fit is to be certified at.
    watch
        Called with the path as fits finish.
    checkpoint
        A file to keep finished fits in, and to go on from.

    Raises
    ------
    KeyboardInterrupt
        Where the work was interrupted before any alpha was finished in all folds. Later on, those
        that are finished are returned, and the others named in ``pending``.
    """
    n_classes = len(problem.classes)
    loss = loss_named(loss_name, n_classes)
    targets = loss.encode(problem.label_index, n_classes)
    task = PathTask(problem.design, loss, penalty, targets, alphas[::-1], tol)
    cells, training_sets = problem.x.shape[0] * problem.x.shape[1], len(problem.folds.train_weight)
    small = cells * max(1.0, training_sets / FEW_FOLDS) < SMALL
    with shared_threads(1 if small else problem.design.plan.threads):
        path = _fit_kept(task, watch, checkpoint)
    path = Path(*(array[::-1] for array in vars(path).values()))
    complete = np.asarray(path.finished.all(axis=1))
    if not complete.any():
        raise KeyboardInterrupt
    # Weights of wide data are hundreds of megabytes: no copy unless something is left out.
    kept = slice(None) if complete.all() else complete
    finished = Path(*(array[kept] for array in vars(path).values()))
    fits = _by_fold(finished, len(problem.folds.train_weight))
    pending, alphas = alphas[~complete], alphas[complete]
    # Leaving rows out is more work than the size of the data says.
    alone = small and not problem.folds.one_by_one
    with shared_threads(1 if alone else problem.design.plan.threads):
        raw = _held_out(problem, loss, targets, alphas, fits.v)
        judged = judge(loss, raw, problem.label_index, problem.weight, problem.folds, n_classes)
        trained = score_training(loss, problem.design, fits.v[:, 0], problem.label_index, n_classes)
    return _result(problem, loss, penalty, alphas, pending, tol, fits, judged, trained)


def _held_out(problem: Problem, loss: Loss, targets: Array, alphas: Array, v: Array) -> Array:
    """Raw scores of the rows that judge: (alphas, outputs, rows)."""
    design, folds = problem.design, problem.folds
    if not folds.one_by_one:
        return held_out_scores(design, v, folds)
    v = v[:, 0]
    raw = design.scores(v, np.zeros(len(v), dtype=np.intp))
    standardised = problem.scale == "standard"
    raw = leave_one_out_scores(design, loss, alphas, targets, v, raw, standardised)
    return raw[..., folds.held_out[0]]


def _result(
    problem: Problem,
    loss: Loss,
    penalty: Penalty,
    alphas: Array,
    pending: Array,
    tol: float,
    fits: Path,
    held_out: HeldOut,
    trained: Trained,
) -> SweepFit:
    """Everything that is told of the fits to all rows, with what the folds say of them."""
    design, folds, v = problem.design, problem.folds, fits.v[:, 0]
    coef, intercept = design.original(v, np.zeros(len(alphas), dtype=np.intp))
    if loss.joint:
        # Softmax does not see a shift of all intercepts: the one that sums to zero is reported.
        intercept -= intercept.mean(axis=1, keepdims=True)
    data_loss, cost, gap = fits.data_loss[:, 0], fits.penalty[:, 0], fits.gap[:, 0]
    weight_norm = np.sqrt((v[..., :-1] ** 2).sum(axis=(1, 2)))
    nonzero = np.count_nonzero(v[..., :-1], axis=(1, 2))
    quantities = {
        "objective": data_loss + cost,
        "data_loss": data_loss,
        "penalty": cost,
        "gap": gap,
        "weight_norm": weight_norm,
        "nonzero": nonzero.astype(np.float64),
    }
    scores = score_rows(held_out, alphas).vstack(fit_rows(alphas, trained.means))
    relative = relative_gap(fits.gap, fits.data_loss + fits.penalty)
    return SweepFit(
        loss=loss.name,
        loss_label=loss.label,
        penalty_name=penalty.name,
        l1_ratio=penalty.l1_ratio,
        alphas=alphas,
        classes=problem.classes,
        feature_names=problem.feature_names,
        coef=coef,
        intercept=intercept,
        data_loss=data_loss,
        penalty=cost,
        gap=gap,
        weight_norm=weight_norm,
        nonzero=nonzero,
        train_margin=trained.margin,
        greatest_weight=np.abs(v[..., :-1]).max(axis=(1, 2), initial=0.0),
        fold_relative_gap=relative[:, folds.judging],
        scores=scores.vstack(fit_rows(alphas, quantities)),
        held_out=held_out,
        facts=problem.facts,
        fill=design.fill(0),
        pending=pending,
        base_rate_loss=loss.base_rate_guess(problem.facts.class_share),
        tol=tol,
        scale=problem.scale,
        scheme=folds.scheme,
        seed=problem.seed,
    )


def problems_of(problem: Problem, loss_name: str, alphas: Array) -> int:
    """How many problems `fit_linear` solves."""
    loss = loss_named(loss_name, len(problem.classes))
    apart = 1 if loss.joint else loss.n_outputs(len(problem.classes))
    return len(alphas) * len(problem.folds.train_weight) * apart


def fit_path(task: PathTask, watch: Watch) -> Path:
    """Fit every alpha and fold by the method that suits the penalty and the data's shape."""
    if task.penalty.l1_ratio:
        # Imported here: it brings Numba, and a plain L2 sweep need not wait for that.
        from counterpoint.fit.proximal import sparse_path

        return sparse_path(task, watch)
    if has_closed_form(task):
        return ridge_path(task, watch)
    if not task.design.sparse and task.design.width > task.design.n and task.plan.rotate:
        return rotated_path(task, watch)
    return smooth_path(task, watch)


def _fit_kept(task: PathTask, watch: Watch, file: FilePath | None) -> Path:
    """Fit, with what is finished kept in a file on the way and at the end."""
    if file is None:
        return fit_path(task, watch)
    checkpoint = path_checkpoint(file, task)

    def watch_both(path: Path) -> None:
        watch(path)
        checkpoint.watch(path)

    path = fit_path(replace(task, known=checkpoint.read()), watch_both)
    checkpoint.write(path)
    return path


def _by_fold(path: Path, folds: int) -> Path:
    """Put outputs that were fitted apart back together: groups become folds."""
    m, groups, outputs, width = path.v.shape
    apart = groups // folds
    v = path.v.reshape(m, folds, apart * outputs, width)
    parts = (
        a.reshape(m, folds, apart).sum(axis=2) for a in (path.data_loss, path.penalty, path.gap)
    )
    return Path(v, *parts)
