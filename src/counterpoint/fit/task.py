"""What a path is asked to fit: every alpha and fold of one loss and penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.memory import UNLIMITED, Plan
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


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
    plan
        What may be held in memory.
    """

    design: Design
    loss: Loss
    penalty: Penalty
    targets: Array
    alphas: Array
    tol: float
    plan: Plan = UNLIMITED

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
