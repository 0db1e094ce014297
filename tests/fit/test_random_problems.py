"""Hundreds of random problems, odd ones among them, held against formulas written out here.

Every alpha and every fold of a fit is asked for four things. Its certificate meets the tolerance.
Its objective is that of the weights, computed from the data as they came. The optimality
conditions hold, as nearly as the certificate makes them. No other fit is better by more than the
certificate allows: neither the same fit at a far smaller tolerance, nor that of a slow reference.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import sparse

from counterpoint.fit import linear
from counterpoint.fit.certificate import relative_gap
from counterpoint.fit.folds import cross_validation, given_splits
from counterpoint.fit.path import Path
from counterpoint.fit.proximal import path as proximal_path
from counterpoint.fit.task import PathTask
from counterpoint.objective import LOSSES, PENALTIES, Penalty, loss_named, penalty_named
from reference import Data, as_problem, least_objective, make_data

TOL = 1e-6
ODDITIES = [
    "wide",
    "tall",
    "sparse",
    "missing cells",
    "constant column",
    "duplicate columns",
    "tiny units",
    "huge units",
    "mixed units",
    "weights with zeros",
    "separable",
    "class missing in a fold",
]


@dataclass(frozen=True)
class Case:
    data: Data
    dense: np.ndarray
    task: PathTask
    standardised: bool
    path: Path
    tight: Path


def drawn(oddity, loss_name, penalty_name, seed) -> tuple[Data, Penalty, np.ndarray, str]:
    """Data, penalty, alphas in the data's unit, and scaling."""
    rng = np.random.default_rng(seed)
    n, d = (rng.integers(12, 24), rng.integers(25, 40)) if oddity == "wide" else (0, 0)
    n, d = (n, d) if n else (int(rng.integers(24, 60)), int(rng.integers(2, 9)))
    n_classes = int(rng.integers(2, 5)) if oddity != "class missing in a fold" else 3
    form = "sparse" if oddity == "sparse" else "dense"
    data = make_data(n, d, n_classes, seed, weighted=bool(rng.integers(2)), form=form)
    X, size = data.X, 1.0
    if oddity == "missing cells":
        X[rng.random(X.shape) < 0.2] = np.nan
    if oddity == "constant column":
        X[:, 0] = 7.0
    if oddity == "duplicate columns":
        X[:, -1] = X[:, 0]
    if oddity == "mixed units":
        X *= 10.0 ** rng.integers(-2, 3, d)
    if oddity == "weights with zeros":
        data.weight[2 * n_classes :: 3] = 0.0
    if oddity == "class missing in a fold":
        data.y[: n // 2] = np.arange(n // 2) % 3
    if oddity == "separable":
        X[:, 0] = 3.0 * data.y + 0.1 * rng.uniform(-1, 1, n)
    # Weights have the inverse of the data's unit, and with them each penalty its own unit; a mix
    # of two has none, so that only scaled columns make sense for it.
    scale = "standard" if rng.integers(2) else "none"
    if oddity in ("tiny units", "huge units"):
        size = 1e-8 if oddity == "tiny units" else 1e8
        X = X * size
        scale = "standard" if penalty_name == "elasticnet" else scale
    unit = 1.0 if scale == "standard" else size if penalty_name == "l1" else size**2
    # Fewer rows than columns are fitted without error by then. At ten times less a smooth hinge
    # under L1, flat on nearly every row, may stall, and its certificate says so.
    weakest = -4 if oddity == "wide" else -5
    alphas = np.array([1.0, 10.0 ** rng.uniform(weakest, -2)]) * unit
    penalty = penalty_named(penalty_name, float(rng.uniform(0.1, 0.9)))
    return Data(X, data.y, data.weight), penalty, alphas, scale


def fitted(oddity, loss_name, penalty_name, seed) -> Case:
    data, penalty, alphas, scale = drawn(oddity, loss_name, penalty_name, seed)
    if oddity == "class missing in a fold":
        rows = np.arange(len(data.y))
        first = (rows[data.y < 2], rows[data.y == 2])
        second = (rows[rows % 4 > 0], rows[(rows % 4 == 0) & (data.y < 2)])
        folds = given_splits(data.y, data.weight, [first, second], data.classes)
    else:
        folds = cross_validation(data.y, data.weight, 2, seed, data.classes)
    problem = as_problem(data, scale=scale, folds=folds)
    n_classes = len(problem.classes)
    loss = loss_named(loss_name, n_classes)
    targets = loss.encode(problem.label_index, n_classes)
    task, tight = (
        PathTask(problem.design, loss, penalty, targets, alphas, tol) for tol in (TOL, 1e-12)
    )
    path, tight = (linear.fit_path(one, lambda done: None) for one in (task, tight))
    dense = data.X.toarray() if sparse.issparse(data.X) else data.X
    return Case(data, dense, task, scale == "standard", path, tight)


def training_rows(case, fold):
    """A fold's scaled, filled columns and weights, from the data as they came, by plain NumPy."""
    weight = case.task.design.train_weight[fold]
    used = weight > 0
    X, weight = case.dense[used].copy(), weight[used]
    known = ~np.isnan(X)
    mean = np.where(known, X, 0.0).T @ weight / (known.T @ weight)
    X = np.where(known, X, mean)
    spread = np.ones(X.shape[1])
    if case.standardised:
        deviation = np.sqrt(weight @ (X - mean) ** 2)
        spread = np.where(deviation > 1e-13 * np.abs(X).max(axis=0), deviation, 1.0)
    return X, mean, spread, weight, used


def value_and_slope(loss_name, joint, z, target):
    """Loss per row and its derivative in z (outputs, n), by the plainest formulas."""
    if joint:
        top = z.max(axis=0)
        total = np.exp(z - top).sum(axis=0)
        return np.log(total) + top - (z * target).sum(axis=0), np.exp(z - top) / total - target
    m = target * z
    r = 1.0 - m
    value, slope = {
        "log": lambda: (np.logaddexp(0, -m), -1.0 / (1.0 + np.exp(np.minimum(m, 700)))),
        "squared": lambda: (r**2 / 2, -r),
        "squared_hinge": lambda: (np.maximum(r, 0) ** 2, -2 * np.maximum(r, 0)),
        "huber": lambda: (
            np.where(np.abs(r) <= 1, r**2 / 2, np.abs(r) - 0.5),
            -np.clip(r, -1, 1),
        ),
        "modified_huber": lambda: (
            np.where(m >= -1, np.maximum(r, 0) ** 2, -4 * m),
            np.where(m >= -1, -2 * np.maximum(r, 0), -4.0),
        ),
        "smooth_hinge": lambda: (
            np.where(m <= 0, 0.5 - m, np.maximum(r, 0) ** 2 / 2),
            -np.clip(r, 0, 1),
        ),
    }[loss_name]()
    return value.sum(axis=0), slope * target


def check_group(case, path, a, g):
    """Objective and optimality conditions of one alpha and group, independently of the solver."""
    task = case.task
    fold, alpha, penalty = int(task.group_fold[g]), task.alphas[a], task.penalty
    X, mean, spread, weight, used = training_rows(case, fold)
    coef, intercept = task.design.original(path.v[a, g : g + 1], np.array([fold]))
    coef, intercept = coef[0], intercept[0]
    target = task.group_targets[0 if task.loss.joint else g][:, used]
    value, slope = value_and_slope(
        task.loss.name, task.loss.joint, coef @ X.T + intercept[:, None], target
    )
    weights = coef * spread
    cost = penalty.l1_ratio * np.abs(weights).sum() + penalty.l2_ratio / 2 * (weights**2).sum()
    objective = weight @ value + alpha * cost
    reported = path.data_loss[a, g] + path.penalty[a, g]
    # The scores themselves carry the rounding of products as large as these.
    reach = 1e-15 * (np.abs(coef) @ np.abs(X).max(axis=0) + np.abs(intercept)).sum()
    rounding = 1e-9 * objective + 10 * reach * task.loss.greatest_curvature
    assert abs(objective - reported) <= rounding + 1e-15
    assert abs(alpha * cost - path.penalty[a, g]) <= 1e-9 * alpha * cost + 1e-300

    gap = path.gap[a, g] + rounding
    scaled = (X - mean) / spread
    gradient = (slope * weight) @ scaled + alpha * penalty.l2_ratio * weights
    # Along one coordinate the objective curves no more than this: so a slope that is left over
    # would let it fall by slope² / (2 curvature), and it can't fall by more than the gap.
    curvature = task.loss.greatest_curvature * (weight @ scaled**2) + alpha * penalty.l2_ratio
    threshold = alpha * penalty.l1_ratio
    at_zero = np.maximum(np.abs(gradient) - threshold, 0.0)
    elsewhere = np.abs(gradient + threshold * np.sign(weights))
    left = np.where(weights == 0, at_zero, elsewhere)
    fall = np.divide(left**2, 2 * curvature, out=np.zeros_like(left), where=curvature > 0)
    if threshold:
        # Or by half of slope times weight, where the weight would reach zero before that.
        fall = np.where(weights == 0, fall, np.minimum(fall, left * np.abs(weights) / 2))
    assert (fall <= gap * (1 + 1e-6)).all()
    at_intercept = np.abs(slope @ weight)
    assert (at_intercept**2 <= 2 * task.loss.greatest_curvature * gap).all()
    return objective, rounding


def check(case, with_reference):
    task = case.task
    for path in (case.path, case.tight):
        relative = relative_gap(path.gap, path.data_loss + path.penalty)
        assert (path.gap >= 0).all()
        if path is case.path:
            assert (relative <= TOL).all(), relative.max()
        for a in range(task.shape[0]):
            for g in range(task.shape[1]):
                check_group(case, path, a, g)
    loose, tight = (p.data_loss + p.penalty for p in (case.path, case.tight))
    assert (loose - tight <= case.path.gap + 1e-12 * loose + 1e-15).all()
    if with_reference:
        check_reference(case)


def check_reference(case):
    """The reported fit (fold 0) of every alpha, all its outputs together."""
    task, groups = case.task, case.task.groups_per_fold
    X, mean, spread, weight, used = training_rows(case, 0)
    # The reference divides by a column's deviation; a constant column has no weight anyway.
    scaled = ((X - mean) / spread)[:, np.ptp(X, axis=0) > 0]
    for a, alpha in enumerate(task.alphas):
        least = least_objective(
            task.loss.name, task.penalty, alpha, scaled, case.data.y[used], weight
        )
        objective = (case.path.data_loss + case.path.penalty)[a, :groups].sum()
        gap = case.path.gap[a, :groups].sum()
        assert objective <= least + gap + 1e-9 * least
        # The reference itself stops some way off, next to no objective above all.
        assert least <= objective * (1 + 1e-4) + 1e-5


KINDS = [(o, loss, penalty) for o in ODDITIES for loss in LOSSES for penalty in PENALTIES]


def check_random_problem(kind, repeat, with_reference):
    seed = 1000 * KINDS.index(kind) + repeat
    check(fitted(*kind, seed), with_reference)


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_random_problem(kind):
    # The reference is slow: it judges a fifth of the problems here, and all of the slow ones.
    check_random_problem(kind, 0, with_reference=KINDS.index(kind) % 5 == 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [k for k in KINDS if k[2] != "l2"], ids="-".join)
def test_random_problem_in_the_batch_alone(kind, monkeypatch):
    monkeypatch.setattr(proximal_path, "suits", lambda task: False)
    check_random_problem(kind, 3, with_reference=False)


@pytest.mark.slow
@pytest.mark.parametrize("repeat", range(1, 3))
@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_many_more_random_problems(kind, repeat):
    check_random_problem(kind, repeat, with_reference=True)
