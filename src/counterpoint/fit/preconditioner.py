"""Approximate inverses of the Hessian that keep weak penalties from costing more than strong ones.

The Hessian of a problem is X̃ᵀ D X̃ + alpha l2_ratio I (intercepts without the second term), with
D the loss's second derivative row by row. Small problems get its exact Cholesky factor; larger
ones a factor for each output, blind to what ties outputs together; the largest its diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve, lapack

from counterpoint.fit.design import Design
from counterpoint.fit.threads import in_threads
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Factor = tuple[npt.NDArray[Any], bool]

#: Up to so many weights a problem, the factor is that of the whole Hessian.
WHOLE_LIMIT = 1000
#: Up to so many weights an output, there is a factor for each output.
OUTPUT_LIMIT = 2000
#: Ridge, as a share of the greatest curvature, from which a single-precision Gram matrix serves.
SINGLE_GRAM = 1e-7
#: Hessian products that new preconditioners cost at least.
LEAST_COST = 8.0
#: Condition number up to which an explicit inverse is as good as its factor: as a preconditioner it
#: errs by its square, in units of rounding.
WELL = 1e7
#: Condition number up to which single precision serves a factor, and an inverse to be stored.
SINGLE_CONDITION = 1e5
SINGLE_INVERSE = 1e6
#: Order from which a factor in single precision pays.
SINGLE_SIZE = 200
#: How far a ridge may be from the one that an inverse was made for, as a factor. Two or three
#: strengths then share one inverse, and reading it, for a step or two more.
SHARED_RIDGE = 3.0
#: Rows per weight of an output that a factor for each output is built from, at most.
ROWS_PER_WEIGHT = 6


class Preconditioner(Protocol):
    """An approximate inverse of a Hessian."""

    def __call__(self, residual: Array) -> Array:
        """Directions for residuals (any number, outputs, width), of the same shape."""

    def at(self, ridge: float, intercept_ridge: float) -> Preconditioner:
        """The same for a neighbour that differs in its ridge."""


def preconditioners(
    design: Design, loss: Loss, curvature: Array, ridge: Array, fold: Index
) -> list[Preconditioner]:
    """Approximate inverses of the Hessians of several problems.

    Parameters
    ----------
    curvature : array (problems, outputs, n)
        From `Loss.curvature` at the current scores, in single or double precision.
    ridge : array (problems,)
        alpha times the penalty's l2_ratio; positive.
    fold : array (problems,)

    Returns
    -------
    one for each problem.
    """
    outputs, width = curvature.shape[1], design.width
    if loss.joint and outputs * width <= WHOLE_LIMIT:
        return _whole(design, curvature, ridge, fold)
    if width <= OUTPUT_LIMIT:
        return _by_output(design, loss, curvature, ridge, fold)
    return _diagonal(design, loss, curvature, ridge, fold)


def renewal_cost(loss: Loss, outputs: int, width: int, n: int) -> float:
    """What new preconditioners cost, in products of one problem's Hessian and a vector.

    Forming Gram matrices of k rows and factoring them takes about outputs width² (k + width)
    operations, each product 4 outputs width n.
    """
    if (loss.joint and outputs * width <= WHOLE_LIMIT) or width > OUTPUT_LIMIT:
        return LEAST_COST
    return max(LEAST_COST, width * (min(n, ROWS_PER_WEIGHT * width) + width) / (4 * n))


def _whole(design: Design, curvature: Array, ridge: Array, fold: Index) -> list[Preconditioner]:
    outputs = curvature.shape[1]
    first, second = np.triu_indices(outputs, k=1)
    intercept_ridge = design.intercept_ridge(ridge, fold)
    out: list[Preconditioner] = []
    for p in range(len(curvature)):
        weight = curvature[p, first] * curvature[p, second] * design.train_weight[fold[p]]
        blocks = design.grams(weight, np.full(len(first), fold[p]))
        square = joint_hessian(blocks, outputs)
        least = min(ridge[p], intercept_ridge[p])
        if len(square) > SINGLE_SIZE and np.diagonal(square).max() < SINGLE_CONDITION * least:
            # Half the time for a factor and for each solve.
            square = square.astype(np.float32)
        out.append(Whole(_factor(square, outputs, ridge[p], intercept_ridge[p])))
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


class Whole:
    """The factor of one problem's whole Hessian, or its inverse where that is in single precision.

    The inverse takes one product a solve, a third of the time of two triangular solves.
    """

    def __init__(self, factor: Factor) -> None:
        self._factor = factor
        self._inverse = _inverse(factor) if factor[0].dtype == np.float32 else None

    def __call__(self, residual: Array) -> Array:
        flat = residual.reshape(len(residual), -1)
        if self._inverse is None:
            solution = cho_solve(self._factor, flat.T, check_finite=False).T
        else:
            solution = _times(flat, self._inverse)
        return np.asarray(solution.reshape(residual.shape))

    def at(self, ridge: float, intercept_ridge: float) -> Whole:
        """As it is: a factor at another ridge costs more than the steps that it would spare."""
        return self


@dataclass(frozen=True, eq=False)
class ByOutput:
    """A factor or an inverse for each output, from Gram matrices that serve every ridge."""

    grams: Array
    ridge: float
    factors: list[Factor]
    inverses: npt.NDArray[Any] | None
    joint: bool

    @staticmethod
    def of(grams: Array, joint: bool, ridge: float, intercept_ridge: float) -> ByOutput:
        condition = max(float(np.linalg.norm(gram)) for gram in grams) / ridge
        precision = np.float32 if condition <= SINGLE_CONDITION else np.float64

        def factor(gram: Array) -> Factor:
            return _factor(gram.astype(precision), 1, ridge, intercept_ridge)

        if condition > WELL:
            return ByOutput(grams, ridge, list(in_threads(factor, grams)), None, joint)
        # Kept in single precision where its rounding leaves the inverse positive: applying one is
        # reading it.
        kept = np.float32 if condition <= SINGLE_INVERSE else np.float64
        inverses = np.empty(grams.shape, dtype=kept)
        for c, inverse in enumerate(in_threads(lambda gram: _inverse(factor(gram)), grams)):
            inverses[c] = inverse
        return ByOutput(grams, ridge, [], inverses, joint)

    def __call__(self, residual: Array) -> Array:
        by_output = np.ascontiguousarray(np.swapaxes(residual, 0, 1))
        if self.inverses is None:
            solved = np.stack(
                [
                    cho_solve(f, r.T, check_finite=False).T
                    for f, r in zip(self.factors, by_output, strict=True)
                ]
            )
        else:
            # A product reads memory in order and once: a tenth of two triangular solves' time.
            solved = _times(by_output, self.inverses)
        direction = np.swapaxes(solved, 0, 1)
        return _sum_to_zero(direction) if self.joint else direction

    def at(self, ridge: float, intercept_ridge: float) -> ByOutput:
        """For another ridge: as it is where it is near, else from the same Gram matrices."""
        if max(ridge, self.ridge) <= SHARED_RIDGE * min(ridge, self.ridge):
            return self
        return ByOutput.of(self.grams, self.joint, ridge, intercept_ridge)


def _inverse(factor: Factor) -> npt.NDArray[Any]:
    """The whole inverse of what was factored."""
    invert = lapack.spotri if factor[0].dtype == np.float32 else lapack.dpotri
    inverse = np.tril(invert(factor[0], lower=1, overwrite_c=1)[0])
    inverse += np.tril(inverse, -1).T
    return np.asarray(inverse)


def _times(residual: Array, inverse: npt.NDArray[Any]) -> Array:
    """Product in the inverse's precision: for a residual too small for it as it stands, too."""
    size = np.abs(residual).max(axis=-1, keepdims=True)
    size[size == 0] = 1.0
    return np.asarray(((residual / size).astype(inverse.dtype) @ inverse) * size)


@dataclass(frozen=True, eq=False)
class Diagonal:
    """The Hessian's diagonal, without the ridge in ``bare``."""

    bare: Array
    diagonal: Array
    joint: bool

    @staticmethod
    def of(bare: Array, joint: bool, ridge: float, intercept_ridge: float) -> Diagonal:
        diagonal = bare + ridge
        diagonal[..., -1] = bare[..., -1] + intercept_ridge
        return Diagonal(bare, diagonal, joint)

    def __call__(self, residual: Array) -> Array:
        direction = residual / self.diagonal
        return _sum_to_zero(direction) if self.joint else direction

    def at(self, ridge: float, intercept_ridge: float) -> Diagonal:
        """For another ridge."""
        return Diagonal.of(self.bare, self.joint, ridge, intercept_ridge)


def _by_output(
    design: Design, loss: Loss, curvature: Array, ridge: Array, fold: Index
) -> list[Preconditioner]:
    outputs = curvature.shape[1]
    intercept_ridge = design.intercept_ridge(ridge, fold)
    greatest = design.second_moments.max() * loss.greatest_curvature
    out: list[Preconditioner] = []
    for p in range(len(curvature)):
        weight = loss.own_curvature(curvature[p]) * design.train_weight[fold[p]]
        few = np.stack([_thinned(w, ROWS_PER_WEIGHT * design.width) for w in weight])
        rows = design.single if ridge[p] > SINGLE_GRAM * greatest else design.double
        grams = design.grams(few, np.full(outputs, fold[p]), rows=rows)
        out.append(ByOutput.of(grams, loss.joint, ridge[p], intercept_ridge[p]))
    return out


def _diagonal(
    design: Design, loss: Loss, curvature: Array, ridge: Array, fold: Index
) -> list[Preconditioner]:
    weight = loss.own_curvature(curvature) * design.train_weight[fold][:, None, :]
    bare = design.diagonal(weight, fold)
    intercept_ridge = design.intercept_ridge(ridge, fold)
    return [
        Diagonal.of(b, loss.joint, r, i)
        for b, r, i in zip(bare, ridge, intercept_ridge, strict=True)
    ]


def _sum_to_zero(direction: Array) -> Array:
    # Softmax does not see a shift of all outputs together. Without this the factors, which
    # ignore what ties outputs together, would send the iteration off along that direction.
    return np.asarray(direction - direction.mean(axis=-2, keepdims=True))


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
    for _ in range(60):
        square[index, index] = bare + ridges
        try:
            factor: Factor = cho_factor(square, lower=True, check_finite=False)
            return factor
        except np.linalg.LinAlgError:
            ridges = 10.0 * ridges
    # Nothing but overflow gets here: each weight by itself then, or no change of direction.
    positive = np.where(np.isfinite(bare) & (bare > 0), bare, 1.0)
    return np.diag(np.sqrt(positive)), True
