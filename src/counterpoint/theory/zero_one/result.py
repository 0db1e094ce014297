"""What a search for the least 0-1 loss found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.theory.zero_one.cuts import Cut

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ZeroOne:
    """The linear classifier with the least 0-1 loss on its rows, and how far that is proven.

    Attributes
    ----------
    coef : array (features,)
        Of length one; zeros where the same class for every row is best.
    intercept : float
    classes : array (2,)
        The second is predicted where ``X @ coef + intercept`` is positive.
    loss : float
        Share of the weight of rows on the wrong side, or on the boundary, as float64 computes it.
    lower_bound : float
        No linear classifier has a lower loss on these rows, up to rounding: one that takes more
        digits than double precision has to tell a row from its boundary is not counted.
    cuts : tuple of Cut
        With one feature and an intercept: every cut that is as good. Else empty.
    interrupted : bool
        Whether Ctrl-C ended the search.
    seconds : float
        Time that the search took.
    """

    coef: Array
    intercept: float
    classes: npt.NDArray[np.generic]
    loss: float
    lower_bound: float
    cuts: tuple[Cut, ...]
    interrupted: bool
    seconds: float

    @property
    def proven(self) -> bool:
        """Whether no linear classifier can do better on these rows."""
        return self.lower_bound >= self.loss

    @property
    def gap(self) -> float:
        """How far below ``loss`` the least 0-1 loss may still be."""
        return self.loss - self.lower_bound

    @property
    def accuracy(self) -> float:
        """Share of the weight of rows that are right."""
        return 1.0 - self.loss

    def predict(self, X: Any) -> npt.NDArray[np.generic]:
        """Predicted labels of rows (n, features); on the boundary the first class."""
        second = np.asarray(X, dtype=np.float64) @ self.coef + self.intercept > 0.0
        return np.asarray(self.classes[second.astype(np.intp)])
