"""Products with the kept columns in single precision: half the time, where its digits will do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.fit.design import Design
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Rows of a block: products with few problems stay within a core's cache.
BLOCK = 4096
#: Cells of X below which double precision is as fast.
SMALL = 1_000_000
#: Greatest cell, and least typical one, that single precision's exponents serve well.
GREATEST = 1e12
#: Relative error of a sum over rows, with a wide margin.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Single:
    """The design's columns in single precision, the folds' affine maps as they are.

    Attributes
    ----------
    x : array (n, width)
        The last column is ones.
    """

    design: Design
    x: npt.NDArray[np.float32]

    def scores(self, v: Array, fold: Index) -> Array:
        """`Design.scores`, to single precision."""
        u = v[..., :-1] / self.design.scale[fold][:, None, :]
        offset = v[..., -1] - (self.design.shift[fold][:, None, :] * u).sum(axis=-1)
        # A change may be too small for single precision as it stands; its direction is not.
        size = np.maximum(np.abs(u).max(axis=-1, keepdims=True, initial=0.0), 1e-300)
        flat = (u / size).reshape(-1, u.shape[-1]).astype(np.float32)
        z = np.empty((len(flat), len(self.x)))

        def block(start: int) -> None:
            z[:, start : start + BLOCK] = flat @ self.x[start : start + BLOCK, :-1].T

        for _ in in_threads(block, range(0, len(self.x), BLOCK)):
            pass
        out = z.reshape(*v.shape[:-1], -1)
        out *= size
        out += offset[..., None]
        return out

    def adjoint(self, r: Array, fold: Index) -> Array:
        """`Design.adjoint`, to single precision."""
        total = r.sum(axis=-1)
        size = np.maximum(np.abs(r).max(axis=-1, keepdims=True, initial=0.0), 1e-300)
        flat = (r / size).reshape(-1, r.shape[-1]).astype(np.float32)

        def block(start: int) -> npt.NDArray[np.float32]:
            return np.asarray(flat[:, start : start + BLOCK] @ self.x[start : start + BLOCK, :-1])

        g = np.zeros((len(flat), self.x.shape[1] - 1))
        for part in in_threads(block, range(0, len(self.x), BLOCK)):
            g += part
        out = g.reshape(*r.shape[:-1], -1) * size
        out -= self.design.shift[fold][:, None, :] * total[..., None]
        out /= self.design.scale[fold][:, None, :]
        return np.concatenate([out, total[..., None]], axis=-1)


def single_precision(design: Design) -> Single | None:
    """A copy in single precision where it pays; None where it does not, or would not be safe."""
    if sparse.issparse(design.x) or design.missing is not None or design.x.size < SMALL:
        return None
    x = np.ones((len(design.x), design.width), dtype=np.float32)
    x[:, :-1] = design.x
    # Columns in units far apart would lose the small ones.
    spread = np.abs(x[:: max(1, len(x) // 1000)]).max(initial=0.0)
    if not spread < GREATEST or not np.isfinite(x).all():
        return None
    return Single(design, x)
