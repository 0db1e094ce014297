"""Approximate inverses of the Hessian that keep weak penalties from costing more than strong ones.

The Hessian of a problem is X̃ᵀ D X̃ + alpha l2_ratio I (intercepts without the second term), with
D the loss's second derivative row by row. Small problems get its exact Cholesky factor; larger
ones a factor for each output, blind to what ties outputs together; the largest its diagonal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve, lapack

from counterpoint.fit.design import Design
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Preconditioner = Callable[[Array], Array]
Factor = tuple[npt.NDArray[Any], bool]

#: Up to so many weights a problem, the factor is that of the whole Hessian.
WHOLE_LIMIT = 1000
#: Up to so many weights an output, there is a factor for each output.
OUTPUT_LIMIT = 2000
#: Condition number up to which single precision serves a factor.
SINGLE_CONDITION = 1e5
#: Rows per weight of an output that a factor for each output is built from, at most.
ROWS_PER_WEIGHT = 8


def preconditioners(
    design: Design, loss: Loss, curvature: Array, ridge: Array, fold: Index
) -> list[Preconditioner]:
    """Approximate inverses of the Hessians of several problems.

    Parameters
    ----------
    curvature : array (problems, outputs, n)
        From `Loss.curvature` at the current scores.
    ridge : array (problems,)
        alpha times the penalty's l2_ratio; positive.
    fold : array (problems,)

    Returns
    -------
    functions from residuals (outputs, width) to directions of the same shape.
    """
    outputs, width = curvature.shape[1], design.width
    if loss.joint and outputs * width <= WHOLE_LIMIT:
        return _whole(design, curvature, ridge, fold)
    if width <= OUTPUT_LIMIT:
        return _by_output(design, loss, curvature, ridge, fold)
    return _diagonal(design, loss, curvature, ridge, fold)


def _whole(design: Design, curvature: Array, ridge: Array, fold: Index) -> list[Preconditioner]:
    outputs = curvature.shape[1]
    first, second = np.triu_indices(outputs, k=1)
    intercept_ridge = design.intercept_ridge(ridge, fold)
    out: list[Preconditioner] = []
    for p in range(len(curvature)):
        weight = curvature[p, first] * curvature[p, second] * design.train_weight[fold[p]]
        blocks = design.grams(weight, np.full(len(first), fold[p]))
        square = joint_hessian(blocks, outputs)
        out.append(_whole_solver(_factor(square, outputs, ridge[p], intercept_ridge[p])))
    return out


def joint_hessian(pair_blocks: Array, outputs: int) -> Array:
    """The softmax Hessian from its pairs of classes: (outputs width, outputs width).

    It is a sum over pairs of p_c p_k (e_c - e_k)(e_c - e_k)ᵀ: no difference of near-equal
    numbers, however sure the model is.

    Parameters
    ----------
    pair_blocks : array (pairs, width, width)
        Sums over rows of p_c p_k x̃ x̃ᵀ, for the pairs of `numpy.triu_indices`.
    """
    width = pair_blocks.shape[-1]
    first, second = np.triu_indices(outputs, k=1)
    hessian = np.zeros((outputs, outputs, width, width))
    hessian[first, second] = hessian[second, first] = -pair_blocks
    index = np.arange(outputs)
    hessian[index, index] = -hessian.sum(axis=1)
    square = np.ascontiguousarray(hessian.transpose(0, 2, 1, 3))
    return square.reshape(outputs * width, outputs * width)


def _whole_solver(factor: Factor) -> Preconditioner:
    if factor[0].dtype == np.float64:
        return partial(_solve_whole, factor)
    # In single precision the inverse itself: one product a solve, a third of the time of two
    # triangular solves, and the solves are many.
    inverse = lapack.spotri(factor[0], lower=1)[0]
    below = np.tril(inverse, -1)
    return partial(_multiply_whole, below + below.T + np.diag(np.diagonal(inverse)))


def _solve_whole(factor: Factor, residual: Array) -> Array:
    solution = cho_solve(factor, residual.ravel(), check_finite=False)
    return np.asarray(solution.reshape(residual.shape))


def _multiply_whole(inverse: npt.NDArray[np.float32], residual: Array) -> Array:
    # A residual may be too small for single precision as it stands; its direction is not.
    size = float(np.abs(residual).max()) or 1.0
    product = inverse @ (residual.ravel() / size).astype(np.float32)
    return np.asarray(product.astype(np.float64).reshape(residual.shape) * size)


def _by_output(
    design: Design, loss: Loss, curvature: Array, ridge: Array, fold: Index
) -> list[Preconditioner]:
    outputs = curvature.shape[1]
    weight = loss.own_curvature(curvature) * design.train_weight[fold][:, None, :]
    intercept_ridge = design.intercept_ridge(ridge, fold)
    out: list[Preconditioner] = []
    for p in range(len(curvature)):
        few = np.stack([_thinned(w, ROWS_PER_WEIGHT * design.width) for w in weight[p]])
        blocks = design.grams(few, np.full(outputs, fold[p]))
        factors = [_factor(block, 1, ridge[p], intercept_ridge[p]) for block in blocks]
        out.append(partial(_solve_by_output, factors, loss.joint))
    return out


def _solve_by_output(factors: list[Factor], joint: bool, residual: Array) -> Array:
    direction = np.stack(
        [cho_solve(f, r, check_finite=False) for f, r in zip(factors, residual, strict=True)]
    )
    return _sum_to_zero(direction) if joint else direction


def _diagonal(
    design: Design, loss: Loss, curvature: Array, ridge: Array, fold: Index
) -> list[Preconditioner]:
    weight = loss.own_curvature(curvature) * design.train_weight[fold][:, None, :]
    diagonal = design.diagonal(weight, fold)
    diagonal[..., :-1] += ridge[:, None, None]
    diagonal[..., -1] += design.intercept_ridge(ridge, fold)[:, None]
    return [partial(_solve_diagonal, d, loss.joint) for d in diagonal]


def _solve_diagonal(diagonal: Array, joint: bool, residual: Array) -> Array:
    direction = residual / diagonal
    return _sum_to_zero(direction) if joint else direction


def _sum_to_zero(direction: Array) -> Array:
    # Softmax does not see a shift of all outputs together. Without this the factors, which
    # ignore what ties outputs together, would send the iteration off along that direction.
    return np.asarray(direction - direction.mean(axis=0))


def _thinned(weight: Array, most: int) -> Array:
    """Weights that stand for the same sums on about ``most`` rows, heavy rows first to stay.

    Systematic sampling in proportion to weight: the rows that matter are kept, without chance.
    """
    if np.count_nonzero(weight) <= 2 * most:
        return weight
    share = np.cumsum(weight) * (most / weight.sum())
    hits = np.diff(np.floor(share), prepend=0.0)
    return np.asarray(hits * (weight.sum() / most))


def _factor(square: Array, outputs: int, ridge: float, intercept_ridge: float) -> Factor:
    """Cholesky factor with the ridges on the diagonal, and more where rounding asks for it."""
    index = np.arange(len(square))
    bare = square[index, index].copy()
    added = np.full((outputs, len(square) // outputs), ridge)
    added[:, -1] = intercept_ridge
    ridges = added.ravel() + 1e-13 * bare
    # Single precision where the condition allows: half the time for a factor and for each solve.
    well = len(square) > 200 and min(ridge, intercept_ridge) * SINGLE_CONDITION > bare.max()
    for _ in range(60):
        square[index, index] = bare + ridges
        try:
            factor: Factor = cho_factor(
                square.astype(np.float32) if well else square, lower=True, check_finite=False
            )
            return factor
        except np.linalg.LinAlgError:
            ridges = 10.0 * ridges
    # Nothing but overflow gets here: each weight by itself then, or no change of direction.
    positive = np.where(np.isfinite(bare) & (bare > 0), bare, 1.0)
    return np.diag(np.sqrt(positive)), True
