"""In which order a path's strengths are fitted, and from which others each one starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Decades between coarse strengths: cubics between certified fits are then mostly certified to
#: 1e-6 as they stand (digits, 0.36 decades: within 3e-7 of the optimum).
APART = 0.36
#: Coarse strengths that a fine one is interpolated between.
AROUND = 4


@dataclass(frozen=True)
class Schedule:
    """Coarse strengths, each started by the one before; and fine ones between them.

    Attributes
    ----------
    alphas : array (m,)
        Descending.
    coarse : array (k,)
        Rows of the coarse ones, the first and the last row among them.
    """

    alphas: Array
    coarse: Index

    @cached_property
    def sources(self) -> tuple[Index, ...]:
        """For each row the coarse rows that its start is a combination of, from strong to weak."""
        return tuple(self._sources(row) for row in range(len(self.alphas)))

    def _sources(self, row: int) -> Index:
        at = int(np.searchsorted(self.coarse, row))
        if self.coarse[at] == row:
            return self.coarse[max(at - 2, 0) : at]
        first = min(max(at - AROUND // 2, 0), max(len(self.coarse) - AROUND, 0))
        return self.coarse[first : first + AROUND]

    @cached_property
    def parent(self) -> Index:
        """For each row the next stronger coarse one; the first row's is itself."""
        at = np.searchsorted(self.coarse, np.arange(len(self.alphas)))
        return self.coarse[np.maximum(at - 1, 0)]

    @cached_property
    def heirs(self) -> tuple[Index, ...]:
        """For each row those that it is the parent of."""
        rows = np.arange(len(self.alphas))
        return tuple(np.flatnonzero((self.parent == row) & (rows != row)) for row in rows)

    @cached_property
    def is_coarse(self) -> npt.NDArray[np.bool_]:
        """Which rows are coarse, (m,)."""
        return np.isin(np.arange(len(self.alphas)), self.coarse)

    def shares(self, row: int) -> Array:
        """How much of each of a row's sources is in its start.

        In log alpha: weights of separable data grow linearly in it, others are smooth. Coarse
        rows go on along a line, at most four times as far; fine ones lie on a cubic.
        """
        at, log = self.sources[row], np.log(self.alphas)
        if len(at) == 2 and self.is_coarse[row]:
            ratio = min((log[row] - log[at[1]]) / (log[at[1]] - log[at[0]]), 4.0)
            return np.array([-ratio, 1.0 + ratio])
        return np.array(
            [np.prod([(log[row] - log[b]) / (log[a] - log[b]) for b in at if b != a]) for a in at]
        )


def schedule_of(alphas: Array) -> Schedule:
    """Coarse strengths about `APART`, where the grid is finer than that.

    Examples
    --------
    >>> schedule_of(10.0 ** np.arange(0.0, -2.0, -0.1)).coarse
    array([ 0,  4,  8, 12, 16, 19])
    """
    m = len(alphas)
    decades = np.log10(alphas[0] / alphas[-1]) / max(m - 1, 1)
    stride = max(1, round(APART / decades)) if decades > 0 else 1
    return Schedule(alphas, np.union1d(np.arange(0, m, stride), [m - 1]))
