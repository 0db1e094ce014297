"""Each fold's second moments of its scaled columns, from one pass over the rows.

Folds of a cross-validation train on almost the same rows. Rows that train the same folds form a
block; each block's moments are summed once, and a fold's moments are a sum over its blocks. They
are only ever added: nothing cancels, as it would if held-out rows were taken off the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.rows import Rows
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Bytes that the blocks' moments may take; beyond, each fold is summed by itself.
BLOCKS_LIMIT = 2**30
#: Cells of X that one task copies to weigh them: some 32 MB.
TASK_CELLS = 4_000_000


@dataclass(frozen=True)
class Moments:
    """Weighted moments of a fold's scaled training columns x̃; the intercept has dropped out.

    Attributes
    ----------
    gram : array (features, features)
        Sums of w (x̃ - mean)(x̃ - mean)ᵀ.
    mean : array (features,)
        Sums of w x̃.
    size : array (features,)
        Roots of the sums of squares before the mean was taken off: what rounding is
        in proportion to.
    rounding : float
        Share of ``size_j size_k`` by which entry j, k of the Gram matrix may be off.
    """

    gram: Array
    mean: Array
    size: Array
    rounding: float


@dataclass(frozen=True)
class _Blocks:
    """Raw moments of blocks of rows, and how much each fold takes of each block."""

    share: Array
    first: Array
    second: Array


def fold_moments(design: Design) -> Callable[[int], Moments]:
    """A function that gives each fold's moments; what folds share is summed now.

    Parameters
    ----------
    design
        Dense or sparse, with or without missing cells.
    """
    blocks = None if design.missing is not None else _shared_blocks(design)
    if blocks is None:
        return partial(_by_itself, design)
    return partial(_from_blocks, design, blocks)


def _by_itself(design: Design, fold: int) -> Moments:
    """Missing cells stand at the fold's own mean, so no other fold can share its sums."""
    moments = design.grams(design.train_weight[fold : fold + 1], np.array([fold]))[0]
    mean = moments[:-1, -1].copy()
    return _centred(design, fold, moments[:-1, :-1], mean, np.zeros_like(mean))


def _from_blocks(design: Design, blocks: _Blocks, fold: int) -> Moments:
    share, features = blocks.share[fold], design.width - 1
    first = share @ blocks.first
    second = (share @ blocks.second.reshape(len(share), -1)).reshape(features, features)
    scale = design.scale[fold]
    second /= scale
    second /= scale[:, None]
    return _centred(design, fold, second, first / scale, design.shift[fold] / scale)


def _centred(design: Design, fold: int, second: Array, first: Array, shift: Array) -> Moments:
    """Moments about the mean from those about zero (training weights sum to one)."""
    size = np.sqrt(np.maximum(np.diagonal(second), 0.0))
    second -= first[:, None] * first
    # Rounding errors of a sum of n terms grow like the root of n (Higham and Mary 2019,
    # doi 10.1137/18M1226312), here with twice their constant.
    terms = max(int((design.train_weight[fold] > 0).sum()), design.width)
    rounding = 2.0 * float(np.finfo(np.float64).eps) * float(np.sqrt(terms))
    return Moments(second, first - shift, size, rounding)


def _shared_blocks(design: Design) -> _Blocks | None:
    """The blocks and their moments, or None where sharing would cost more than it saves."""
    weight = design.train_weight
    member = weight > 0
    patterns, block = _patterns(member)
    features = design.width - 1
    count = patterns.shape[1]
    if count > len(weight) or 8 * count * features**2 > BLOCKS_LIMIT:
        return None
    base = weight[member.sum(axis=1).argmax()]
    total = member @ base
    # In each fold all its rows must weigh in the same proportion as they do in the fullest one.
    if not np.allclose(weight * total[:, None], member * base, rtol=1e-14, atol=0.0):
        return None
    first = np.zeros((count, features))
    second = np.zeros((count, features, features))
    tasks = [(p, rows) for p in range(count) for rows in _batches(block == p, features)]
    moments = in_threads(
        partial(_weighted_moments, design.double, base), [rows for _, rows in tasks]
    )
    for (p, _), (one, two) in zip(tasks, moments, strict=True):
        first[p] += one
        second[p] += two
    return _Blocks(patterns / total[:, None], first, second)


def _patterns(member: npt.NDArray[np.bool_]) -> tuple[Array, Index]:
    """The sets of folds that rows train, as columns of 0/1 a block, and each row's block.

    Rows that train no fold belong to block -1. Shapes (folds, blocks) and (n,).
    """
    used = np.flatnonzero(member.any(axis=0))
    packed = np.packbits(member[:, used], axis=0)
    _, example, inverse = np.unique(packed, axis=1, return_index=True, return_inverse=True)
    block = np.full(member.shape[1], -1, dtype=np.intp)
    block[used] = inverse.ravel()
    return member[:, used[example]].astype(np.float64), block


def _batches(chosen: npt.NDArray[np.bool_], features: int) -> Iterator[Index]:
    rows = np.flatnonzero(chosen)
    size = max(TASK_CELLS // max(features, 1), 1)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _weighted_moments(data: Rows, weight: Array, rows: Index) -> tuple[Array, Array]:
    """Sums over some rows of w x, and of w x xᵀ."""
    root, x = np.sqrt(weight[rows]), data.take(rows)
    if isinstance(x, np.ndarray):
        scaled = x * root[:, None]
        # One array times its own transpose: BLAS does half the work of a general product.
        return root @ scaled, scaled.T @ scaled
    thin = sparse.csr_array(x.multiply(root[:, None]))
    return np.asarray(thin.T @ root), np.asarray((thin.T @ thin).toarray())
