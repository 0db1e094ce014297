"""One block's part of a pass: scores and their adjoint through the folds' affine maps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
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
    v : array (problems, outputs, width)
        Weights, intercept last.
    fold : array (problems,)
    maps
        Each fold's shift and scale of ``rows``.
    """

    v: Array
    fold: Index
    rows: Rows
    missing: Rows | None
    maps: tuple[Array, Array]

    @property
    def shape(self) -> tuple[int, ...]:
        """Problems and outputs."""
        return self.v.shape[:-1]

    @cached_property
    def shift(self) -> Array:
        """(problems, 1, features)."""
        return np.asarray(self.maps[0][self.fold][:, None, :])

    @cached_property
    def factor(self) -> Array:
        """One over the scale, (problems, 1, features)."""
        return np.asarray(1.0 / self.maps[1][self.fold][:, None, :])

    @cached_property
    def weights(self) -> Real:
        """For stored columns, (problems outputs, features)."""
        return self._flat(self.v[..., :-1] * self.factor)

    @cached_property
    def shifted(self) -> Real:
        """The same times the shift, for missing cells."""
        return self._flat(self.v[..., :-1] * self.factor * self.shift)

    @cached_property
    def constant(self) -> Real:
        """What each row's scores begin with, (problems outputs, 1)."""
        moved = (self.v[..., :-1] * self.factor * self.shift).sum(axis=-1)
        return self._flat((self.v[..., -1] - moved)[..., None])

    def _flat(self, values: Array) -> Real:
        flat = values.reshape(math.prod(values.shape[:-1]), values.shape[-1])
        return np.ascontiguousarray(flat, dtype=self.rows.dtype)

    def scores(self, at: int) -> Real:
        """Raw scores of one block's rows: (problems, outputs, rows)."""
        z = self.rows.scores(at, self.weights)
        z += self.constant
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
