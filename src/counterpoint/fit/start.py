"""Where the first fit of a path starts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import best_intercept
from counterpoint.fit.design import Design
from counterpoint.objective import Loss

Array = npt.NDArray[np.float64]

#: A raw score whose exponential is exactly zero: the class never comes up.
NEVER = -1000.0


def start_of_path(design: Design, loss: Loss, targets: Array) -> Array:
    """Zero weights, and intercepts at the best constant of each fold: its base rates.

    A class without training weight in a fold has its intercept at minus infinity at the optimum:
    it starts, and stays, where its probability is zero.

    Parameters
    ----------
    targets : array (outputs, n)

    Returns
    -------
    array (groups, outputs of a group, width), groups as in `counterpoint.fit.path.Path`.
    """
    folds = len(design.train_weight)
    if not loss.joint:
        target = np.tile(targets[:, None, :], (folds, 1, 1))
        weight = np.repeat(design.train_weight, len(targets), axis=0)[:, None, :]
        v = np.zeros((len(target), 1, design.width))
        v[..., -1] = best_intercept(loss, np.zeros_like(target), target, weight)
        return v
    v = np.zeros((folds, len(targets), design.width))
    for fold, weight in enumerate(design.train_weight):
        v[fold, :, -1] = np.maximum(loss.base_rate_scores(targets @ weight), NEVER)
    return v
