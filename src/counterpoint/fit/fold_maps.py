"""One block's part of a pass: scores and their adjoint through the folds' affine maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.fit.rows import Rows
from counterpoint.fit.threads import sums_in_threads

Array = npt.NDArray[np.float64]
Real = npt.NDArray[Any]  # single or double precision
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class FoldMaps:
    """The affine maps of some problems' folds, and the weights as the stored columns take them.

    Attributes
    ----------
    weights, shifted : array (problems outputs, features)
        For stored columns; and times the shift, for missing cells.
    constant : array (problems outputs,)
    factor, shift : array (problems, 1, features)
    """

    rows: Rows
    missing: Rows | None
    weights: Real
    shifted: Real
    constant: Real
    factor: Array
    shift: Array
    shape: tuple[int, ...]

    @staticmethod
    def of(
        v: Array, fold: Index, rows: Rows, missing: Rows | None, maps: tuple[Array, Array]
    ) -> FoldMaps:
        """For weights (problems, outputs, width), and each fold's shift and scale of ``rows``."""
        shift, scale = (a[fold][:, None, :] for a in maps)
        factor = 1.0 / scale
        weights = v[..., :-1] * factor
        shifted = weights * shift
        constant = (v[..., -1] - shifted.sum(axis=-1)).reshape(-1)
        flat = (constant.size, v.shape[-1] - 1)
        return FoldMaps(
            rows,
            missing,
            np.ascontiguousarray(weights.reshape(flat), dtype=rows.dtype),
            shifted.reshape(flat).astype(rows.dtype),
            constant.astype(rows.dtype),
            factor,
            shift,
            v.shape[:-1],
        )

    def scores(self, at: int) -> Real:
        """Raw scores of one block's rows: (problems, outputs, rows)."""
        z = self.rows.scores(at, self.weights)
        z += self.constant[:, None]
        if self.missing is not None:
            z += self.missing.scores(at, self.shifted)
        return np.asarray(z.reshape(*self.shape, -1))

    def sums(self, at: int, r: Real) -> tuple[Real, ...]:
        """What one block's rows add: sums of r x, of r, and of r over missing cells."""
        flat = r.reshape(-1, r.shape[-1])
        out = (self.rows.sums(at, flat), flat.sum(axis=-1))
        if self.missing is None:
            return out
        return *out, self.missing.sums(at, flat)

    def collect(self, block: Callable[[int], tuple[Real, ...]]) -> Array:
        """Add the blocks' sums up, and map them to the folds' columns."""
        sums = sums_in_threads(block, range(len(self.rows.parts)))
        g = sums[0].reshape(*self.shape, -1)
        total = sums[1].reshape(self.shape)
        g -= self.shift * total[..., None]
        if self.missing is not None:
            g += self.shift * sums[2].reshape(g.shape)
        g *= self.factor
        return np.concatenate([g, total[..., None]], axis=-1)
