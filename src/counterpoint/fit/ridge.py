"""Squared loss under L2: every alpha and output of a fold from one decomposition.

With the moments of a fold's centred columns, G = X̃ᵀWX̃ = Q Λ Qᵀ and b = X̃ᵀW(t - t̄), the weights
are (G + αI)⁻¹ b = Q (Λ + α)⁻¹ Qᵀ b at any alpha. With fewer rows than columns the same holds of
A = W^½ X̃ and its kernel A Aᵀ = U Λ Uᵀ: they are Aᵀ U (Λ + α)⁻¹ Uᵀ W^½ (t - t̄) (Golub, Heath and
Wahba 1979 use both). Nothing is taken on trust: each fit is certified, and one whose digits the
decomposition lost is refined on the data, or handed to the solver for any smooth loss.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from counterpoint.fit.certificate import relative_gap
from counterpoint.fit.certified import certified
from counterpoint.fit.design import Design
from counterpoint.fit.moments import Moments, fold_moments
from counterpoint.fit.path import smooth_path
from counterpoint.fit.rotation import rotated_path
from counterpoint.fit.task import Path, PathTask, Watch
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Order of a matrix that is decomposed, at most: some 20 s and 600 MB.
ORDER_LIMIT = 5000
#: Refinements of a fit that is not certified at once.
REFINEMENTS = 4
#: Share of the tolerance that a certificate from moments may take up; the rest is for the
#: rounding of the objective itself.
SHARE_OF_TOLERANCE = 0.1


def has_closed_form(task: PathTask) -> bool:
    """Whether `ridge_path` solves the task: a quadratic, small enough one way or the other."""
    order = min(task.design.n, task.design.width - 1)
    quadratic = task.loss.name == "squared" and not task.penalty.l1_ratio
    return quadratic and order <= ORDER_LIMIT and task.plan.closed_form


def ridge_path(task: PathTask, watch: Watch) -> Path:
    """Fit every alpha and fold of the squared loss under an L2 penalty in closed form.

    Parameters and result as in `counterpoint.fit.path.smooth_path`.
    """
    path = task.beginning()
    folds = [f for f in range(len(task.design.train_weight)) if not _finished(task, path, f)]
    with suppress(KeyboardInterrupt):
        fit_fold: Callable[[int], Path]
        if task.design.width > task.design.n + 1:
            fit_fold = partial(_from_kernel, task)
        else:
            fit_fold = partial(_from_gram, task, fold_moments(task.design))
        for fold, part in zip(folds, in_threads(fit_fold, folds), strict=True):
            path.put(_groups(task, fold), part, part.finished)
            watch(path)
        _rescue(task, path)
    return path


def _groups(task: PathTask, fold: int) -> Index:
    return np.flatnonzero(task.group_fold == fold)


def _finished(task: PathTask, path: Path, fold: int) -> bool:
    return bool(path.finished[:, _groups(task, fold)].all())


@dataclass(frozen=True)
class _Targets:
    """A fold's targets less their weighted means, times the training weights.

    Attributes
    ----------
    mean, square : array (outputs,)
        Means, and weighted sums of squares about them.
    weighted : array (outputs, n)
    """

    mean: Array
    square: Array
    weighted: Array


def _targets(task: PathTask, fold: int) -> _Targets:
    weight = task.design.train_weight[fold]
    mean = task.targets @ weight
    trained = task.targets[:, weight > 0]
    # Targets that are all the same are fitted exactly, not up to rounding.
    mean = np.where((trained == trained[:, :1]).all(axis=1), trained[:, 0], mean)
    centred = task.targets - mean[:, None]
    return _Targets(mean, centred**2 @ weight, centred * weight)


def _from_gram(task: PathTask, moments_of: Callable[[int], Moments], fold: int) -> Path:
    """One fold's fits from its Gram matrix; those it can't certify from passes over the data."""
    moments, targets = moments_of(fold), _targets(task, fold)
    path = _from_moments(task, moments, targets, fold)
    doubtful = _uncertified(path, SHARE_OF_TOLERANCE * task.tol)
    if len(doubtful):
        part = replace(task, alphas=task.alphas[doubtful])
        _put(path, doubtful, certified(part, _groups(task, fold), path.v[doubtful]))
    for a in _uncertified(path, task.tol):
        part = replace(task, alphas=task.alphas[a : a + 1])
        _put(path, slice(a, a + 1), _refined(part, moments, fold, path, int(a)))
    return path


def _from_moments(task: PathTask, moments: Moments, targets: _Targets, fold: int) -> Path:
    """Weights, objective and certificate without another look at the rows.

    The gap is the gradient bound |gradient|² / (2 alpha) (`counterpoint.fit.certificate`) with
    all that rounding of the moments may have done added to gradient and objective.
    """
    eigenvalue, eigenvector = np.linalg.eigh(moments.gram)
    sums = task.design.adjoint(targets.weighted[:, None], np.full(len(targets.mean), fold))
    cross = sums[:, 0, :-1] - moments.mean * sums[:, 0, -1:]
    alpha = task.alphas[:, None, None]
    shrunk = (cross @ eigenvector) / (np.maximum(eigenvalue, 0.0) + alpha)
    weights = shrunk @ eigenvector.T
    gradient = weights @ moments.gram + alpha * weights - cross
    squares = (weights**2).sum(axis=-1)
    alpha = alpha[..., 0]
    # (t² - 2 w b + w G w) / 2 with G w taken from the gradient: one difference of large numbers.
    fitted = (weights * cross).sum(axis=-1)
    data_loss = 0.5 * (targets.square - fitted + (weights * gradient).sum(axis=-1))
    data_loss = np.maximum(data_loss - 0.5 * alpha * squares, 0.0)
    reach = np.abs(weights) @ moments.size + np.sqrt(targets.square)
    blur = np.linalg.norm(moments.size) * reach + alpha * np.sqrt(squares)
    slope = np.linalg.norm(gradient, axis=-1) + moments.rounding * blur
    gap = slope**2 / (2.0 * alpha) + moments.rounding * reach**2
    intercept = targets.mean - weights @ moments.mean
    v = np.concatenate([weights, intercept[..., None]], axis=-1)
    return Path(v[:, :, None], data_loss, 0.5 * alpha * squares, gap)


def _refined(task: PathTask, moments: Moments, fold: int, path: Path, a: int) -> Path:
    """Correct one alpha's fits by their gradients on the data, until they are certified.

    A Cholesky factor keeps the digits of small columns beside large ones, where eigenvectors
    lose them: it does not care for the columns' units.
    """
    best = Path(*(part[a : a + 1] for part in (path.v, path.data_loss, path.penalty, path.gap)))
    alpha, design = float(task.alphas[0]), task.design
    square = moments.gram.copy()
    square[np.diag_indices_from(square)] += alpha
    try:
        factor = cho_factor(square, lower=True, overwrite_a=True, check_finite=False)
    except np.linalg.LinAlgError:
        return best
    folds = np.full(len(task.targets), fold)
    for _ in range(REFINEMENTS):
        if not len(_uncertified(best, task.tol)):
            break
        residual = design.scores(best.v[0], folds) - task.targets[:, None]
        gradient = design.adjoint(residual * design.train_weight[fold], folds)
        weights = best.v[0, :, 0, :-1]
        slope = gradient[:, 0, :-1] + alpha * weights
        v = best.v.copy()
        v[0, :, 0, :-1] -= cho_solve(factor, slope.T, check_finite=False).T
        fresh = certified(task, _groups(task, fold), v)
        if not (fresh.gap < best.gap).any():
            break
        _put_better(best, slice(0, 1), fresh)
    return best


def _from_kernel(task: PathTask, fold: int) -> Path:
    """One fold's fits from the inner products of its training rows."""
    design, targets = task.design, _targets(task, fold)
    rows = np.flatnonzero(design.train_weight[fold])
    root = np.sqrt(design.train_weight[fold, rows])
    kernel, mean = _kernel(design, fold, rows, root)
    eigenvalue, eigenvector = np.linalg.eigh(kernel)
    coordinates = (targets.weighted[:, rows] / root) @ eigenvector
    shrunk = coordinates / (np.maximum(eigenvalue, 0.0) + task.alphas[:, None, None])
    dual = np.zeros((*shrunk.shape[:2], design.train_weight.shape[1]))
    dual[..., rows] = (shrunk @ eigenvector.T) * root
    v = design.adjoint(dual, np.full(len(dual), fold))
    v[..., :-1] -= mean * v[..., -1:]
    v[..., -1] = targets.mean - v[..., :-1] @ mean
    path = certified(task, _groups(task, fold), v[:, :, None])
    lost = _uncertified(path, task.tol)
    if len(lost) and not design.sparse:
        part = replace(task, alphas=task.alphas[lost])
        fresh = path.v[lost]
        fresh[:, :, 0, :-1] = _by_singular_vectors(part, fold, rows, targets)
        _put_better(path, lost, certified(part, _groups(task, fold), fresh))
    return path


def _kernel(design: Design, fold: int, rows: Index, root: Array) -> tuple[Array, Array]:
    """Inner products of W^½ (x̃ - mean) over training rows, and the mean, (features,)."""
    if not design.sparse:
        scaled, mean = _weighted_rows(design, fold, rows)
        return scaled @ scaled.T, mean
    x = sparse.csr_array(design.double.take(rows))
    if design.missing is not None:
        gaps = sparse.csr_array(design.missing.take(rows))
        x = sparse.csr_array(x + gaps.multiply(design.shift[fold]))
    x = sparse.csr_array(x.multiply(1.0 / design.scale[fold]))
    mean = x.T @ root**2
    along = x @ mean
    kernel = (x @ x.T).toarray() - along[:, None] - along + mean @ mean
    return root[:, None] * kernel * root, mean - design.shift[fold] / design.scale[fold]


def _weighted_rows(design: Design, fold: int, rows: Index) -> tuple[Array, Array]:
    """W^½ (x̃ - mean) for training rows of dense data, and the mean, (features,)."""
    weight = design.train_weight[fold, rows]
    scaled = design.scaled(fold)[rows]
    mean = weight @ scaled
    scaled -= mean
    scaled *= np.sqrt(weight)[:, None]
    return scaled, mean


def _by_singular_vectors(task: PathTask, fold: int, rows: Index, targets: _Targets) -> Array:
    """Weights (alphas, outputs, features): slower than by the kernel, which squares the data.

    A column that is small beside others keeps its digits here; squared, it drowns.
    """
    scaled, _ = _weighted_rows(task.design, fold, rows)
    left, value, right = np.linalg.svd(scaled, full_matrices=False)
    along = targets.weighted[:, rows] / np.sqrt(task.design.train_weight[fold, rows]) @ left
    return np.asarray((along * value / (value**2 + task.alphas[:, None, None])) @ right)


def _rescue(task: PathTask, path: Path) -> None:
    """Fit alphas that are still not certified with the solver for any smooth loss."""
    lost = _uncertified(path, task.tol)
    if not len(lost):
        return
    wide = not task.design.sparse and task.design.width > task.design.n
    part = replace(task, alphas=task.alphas[lost], known=None)
    _put_better(path, lost, (rotated_path if wide else smooth_path)(part, lambda path: None))


def _uncertified(path: Path, tol: float) -> Index:
    """Alphas at which some fit does not meet a tolerance."""
    relative = relative_gap(path.gap, path.data_loss + path.penalty)
    return np.flatnonzero((relative > tol).any(axis=1))


def _put(path: Path, at: Index | slice, part: Path) -> None:
    for name in ("v", "data_loss", "penalty", "gap"):
        getattr(path, name)[at] = getattr(part, name)


def _put_better(path: Path, at: Index | slice, part: Path) -> None:
    """Take the fits of ``part`` that are nearer to their optimum."""
    better = part.gap < path.gap[at]
    for name in ("v", "data_loss", "penalty", "gap"):
        old, new = getattr(path, name)[at], getattr(part, name)
        chosen = better.reshape(better.shape + (1,) * (new.ndim - better.ndim))
        getattr(path, name)[at] = np.where(chosen, new, old)
