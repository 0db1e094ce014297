"""What a path is asked to fit, every alpha and fold of one loss and penalty; and what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.memory import Plan
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Path:
    """Fits over alphas (rows, descending) and groups: a fold, or a fold and output.

    Attributes
    ----------
    v : array (alphas, groups, outputs, width)
        Weights on the folds' scaled columns, intercept last.
    data_loss, penalty, gap : array (alphas, groups)
        The gap is NaN where a fit is not finished.
    """

    v: Array
    data_loss: Array
    penalty: Array
    gap: Array

    @property
    def finished(self) -> Mask:
        """Fits that have ended, certified or not: (alphas, groups)."""
        return ~np.isnan(self.gap)

    def put(self, groups: Index, part: Path, chosen: Mask) -> None:
        """Take fits of some groups, those ``chosen`` (alphas, k) of them, from another path."""
        for name, array in vars(self).items():
            old, new = array[:, groups], getattr(part, name)
            here = chosen.reshape(chosen.shape + (1,) * (new.ndim - chosen.ndim))
            array[:, groups] = np.where(here, new, old)


#: Called with a path as its fits finish.
Watch = Callable[[Path], None]


@dataclass(frozen=True)
class PathTask:
    """One loss and penalty over all alphas and folds.

    A group is what is fitted by itself at one alpha: a fold for a joint loss, else a fold and an
    output, outputs varying fastest.

    Attributes
    ----------
    targets : array (outputs of the loss, n)
        From `Loss.encode`.
    alphas : array (m,)
        Descending.
    tol
        Relative distance to the optimum, to be certified.
    known
        What an earlier run of the same task has finished.
    """

    design: Design
    loss: Loss
    penalty: Penalty
    targets: Array
    alphas: Array
    tol: float
    known: Path | None = None

    def beginning(self) -> Path:
        """Arrays to fill, with what is known already."""
        if self.known is not None:
            return Path(*(array.copy() for array in vars(self.known).values()))
        zeros = np.zeros(self.shape)
        v = np.zeros((*self.shape, self.outputs, self.design.width))
        return Path(v, zeros, zeros.copy(), np.full(self.shape, np.nan))

    @property
    def plan(self) -> Plan:
        """What may be held in memory."""
        return self.design.plan

    @property
    def window(self) -> int:
        """Problems that may be at work at once: one at the least."""
        return max(1, self.plan.scores_at_once // (self.outputs * self.design.n))

    @property
    def groups_per_fold(self) -> int:
        """One for a joint loss, else one an output."""
        return 1 if self.loss.joint else len(self.targets)

    @property
    def outputs(self) -> int:
        """Outputs of a group."""
        return len(self.targets) if self.loss.joint else 1

    @property
    def shape(self) -> tuple[int, int]:
        """Alphas and groups."""
        return len(self.alphas), len(self.design.train_weight) * self.groups_per_fold

    @property
    def group_fold(self) -> Index:
        """The fold of each group, (groups,)."""
        return np.repeat(np.arange(len(self.design.train_weight)), self.groups_per_fold)

    @property
    def group_targets(self) -> Array:
        """Targets of each group, (groups, outputs, n), or (1, outputs, n) where all share them."""
        if self.loss.joint:
            return self.targets[None]
        return np.tile(self.targets[:, None, :], (len(self.design.train_weight), 1, 1))
