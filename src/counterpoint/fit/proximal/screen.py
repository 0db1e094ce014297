"""The columns that a path has to look at so far: all others have weight zero.

Which columns a fit needs is known but roughly beforehand (the sequential strong rule, Tibshirani
and others 2012, doi 10.1111/j.1467-9868.2011.01004.x). Certificates are formed on all columns;
where one shows that a column was left out wrongly, it joins.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Share of the columns beyond which all of them are kept: a copy would save nothing.
MOST = 0.6


class Screen:
    """A growing set of features, and the design of those alone.

    Attributes
    ----------
    full, design : Design
        All features; those kept so far.
    features : array
        What is kept, ascending.
    """

    def __init__(self, full: Design) -> None:
        self.full = full
        self.features: Index = np.zeros(0, dtype=np.intp)
        self.design = full.of_columns(self.features)

    def extend(self, pull: Array, needed: Array) -> bool:
        """Keep the features that are needed, and as many again of those with the greatest pull.

        Returns whether anything has changed.

        Parameters
        ----------
        pull : array (features,)
            How near each is to joining.
        needed : bool array (features,)
        """
        missing = needed.copy()
        missing[self.features] = False
        if not missing.any():
            return False
        chosen = missing
        chosen[self.features] = True
        # Room for the next alphas: growing by half at least, the copies cost little in all.
        size = max(3 * int(chosen.sum()) // 2, 50)
        if size > MOST * len(pull):
            chosen[:] = True
        else:
            rank = np.where(chosen, np.inf, pull)
            chosen[np.argpartition(rank, -size)[-size:]] = True
        self.features = np.flatnonzero(chosen)
        self.design = self.full.of_columns(self.features)
        return True

    @property
    def places(self) -> Index:
        """Columns of the full width that are kept: features, and the intercept."""
        return np.append(self.features, self.full.width - 1)
