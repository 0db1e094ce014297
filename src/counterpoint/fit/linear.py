"""The linear sweep: data, folds and a loss in; fits, certificates and scores out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.certificate import relative_gap
from counterpoint.fit.design import Design
from counterpoint.fit.facts import constant_columns, duplicate_columns
from counterpoint.fit.folds import Folds
from counterpoint.fit.leave_one_out import leave_one_out_scores
from counterpoint.fit.path import Path, Progress, smooth_path
from counterpoint.fit.result import DataFacts, SweepFit
from counterpoint.fit.rotation import rotated_path
from counterpoint.fit.scaling import make_design
from counterpoint.fit.task import PathTask
from counterpoint.fit.threads import shared_threads
from counterpoint.fit.validation import fit_rows, judge, score_rows, train_margin, train_rows
from counterpoint.objective import Penalty, loss_named

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Cells of X below which a second thread costs more in waiting than it saves in work.
SMALL = 1_000_000


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

    x: Array | sparse.csr_array
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
    x: Array | sparse.csr_array,
    label_index: Index,
    classes: npt.NDArray[np.generic],
    feature_names: tuple[str, ...],
    weight: Array,
    folds: Folds,
    scale: str,
    seed: int,
    notes: tuple[str, ...],
) -> Problem:
    """Centre, scale and look at the data once, for all that will be fitted to it."""
    judged = folds.held_out.any(axis=0)
    n_classes = len(classes)
    held_out_weight = np.bincount(label_index[judged], weight[judged], minlength=n_classes)
    trained = folds.train_weight[0] > 0
    rows = x if trained.all() else x[trained]
    constant = constant_columns(rows)
    facts = DataFacts(
        n=int((trained | judged).sum()),
        n_features=x.shape[1],
        class_count=np.bincount(label_index[trained | judged], minlength=n_classes),
        class_share=np.bincount(label_index, folds.train_weight[0], n_classes).astype(np.float64),
        held_out_share=held_out_weight / held_out_weight.sum(),
        duplicates=duplicate_columns(rows, feature_names),
        constant=tuple(name for name, c in zip(feature_names, constant, strict=True) if c),
        missing_cells=int(np.isnan(x.data if sparse.issparse(x) else x).sum()),
        notes=notes,
    )
    design = make_design(x, folds, standardise=scale == "standard")
    return Problem(
        x, label_index, classes, feature_names, weight, folds, design, facts, scale, seed
    )


def fit_linear(
    problem: Problem,
    loss_name: str,
    penalty: Penalty,
    alphas: Array,
    tol: float,
    progress: Progress = lambda done: None,
) -> SweepFit:
    """Fit one loss and penalty over all alphas and folds, and score it.

    Parameters
    ----------
    alphas : array (m,), ascending
    tol
        Relative distance to the optimum that each fit is to be certified at.
    progress
        Called with the number of problems that have just finished; they are
        `problems_of` in all.
    """
    n_classes = len(problem.classes)
    loss = loss_named(loss_name, n_classes)
    targets = loss.encode(problem.label_index, n_classes)
    task = PathTask(problem.design, loss, penalty, targets, alphas[::-1], tol)
    with shared_threads(1 if problem.x.shape[0] * problem.x.shape[1] < SMALL else None):
        path = fit_path(task, progress)
    by_fold = _by_fold(path, len(problem.folds.train_weight))
    v = by_fold.v[::-1, 0]
    folds = problem.folds
    raw_of_fold = {
        f: problem.design.scores(by_fold.v[::-1, f], np.full(len(alphas), f))
        for f in {0, *(int(f) for f in folds.judging)}
    }
    judged = raw_of_fold
    if folds.one_by_one:
        standardised = problem.scale == "standard"
        judged = {
            0: leave_one_out_scores(
                problem.design, loss, alphas, targets, v, raw_of_fold[0], standardised
            )
        }
    held_out = judge(loss, judged, problem.label_index, problem.weight, folds, n_classes)
    train_weight = folds.train_weight[0]
    coef, intercept = problem.design.original(v, np.zeros(len(alphas), dtype=np.intp))
    if loss.joint:
        # Softmax does not see a shift of all intercepts: the one that sums to zero is reported.
        intercept -= intercept.mean(axis=1, keepdims=True)
    data_loss, cost, gap = (a[::-1, 0] for a in (by_fold.data_loss, by_fold.penalty, by_fold.gap))
    weight_norm = np.sqrt((v[..., :-1] ** 2).sum(axis=(1, 2)))
    nonzero = np.count_nonzero(v[..., :-1], axis=(1, 2))
    relative = relative_gap(by_fold.gap, by_fold.data_loss + by_fold.penalty)
    quantities = {
        "objective": data_loss + cost,
        "data_loss": data_loss,
        "penalty": cost,
        "gap": gap,
        "weight_norm": weight_norm,
        "nonzero": nonzero.astype(np.float64),
    }
    scores = score_rows(held_out, alphas).vstack(
        train_rows(loss, raw_of_fold[0], problem.label_index, train_weight, alphas, n_classes)
    )
    return SweepFit(
        loss=loss_name,
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
        train_margin=train_margin(raw_of_fold[0], problem.label_index, train_weight),
        greatest_weight=np.abs(v[..., :-1]).max(axis=(1, 2), initial=0.0),
        fold_relative_gap=relative[::-1][:, folds.judging],
        scores=scores.vstack(fit_rows(alphas, quantities)),
        held_out=held_out,
        facts=problem.facts,
        fill=problem.design.fill(0),
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


def fit_path(task: PathTask, progress: Progress) -> Path:
    """Fit every alpha and fold by the method that suits the penalty and the data's shape."""
    if task.penalty.l1_ratio:
        # Imported here: it brings Numba, and a plain L2 sweep need not wait for that.
        from counterpoint.fit.proximal import sparse_path

        return sparse_path(task, progress)
    if not task.design.sparse and task.design.width > task.design.n:
        return rotated_path(task, progress)
    return smooth_path(task, progress)


def _by_fold(path: Path, folds: int) -> Path:
    """Put outputs that were fitted apart back together: groups become folds."""
    m, groups, outputs, width = path.v.shape
    apart = groups // folds
    v = path.v.reshape(m, folds, apart * outputs, width)
    parts = (
        a.reshape(m, folds, apart).sum(axis=2) for a in (path.data_loss, path.penalty, path.gap)
    )
    return Path(v, *parts)
