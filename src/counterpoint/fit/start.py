"""Where the first fit of a path starts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.fit.certificate import best_intercept
from counterpoint.fit.rowwise import Rowwise
from counterpoint.fit.task import PathTask

Array = npt.NDArray[np.float64]

#: A raw score whose exponential is exactly zero: the class never comes up.
NEVER = -1000.0


def start_of_path(task: PathTask) -> Array:
    """Zero weights, and intercepts at the best constant of each fold: its base rates.

    A class without training weight in a fold has its intercept at minus infinity at the optimum:
    it starts, and stays, where its probability is zero.

    Returns
    -------
    array (groups, outputs, width)
    """
    v = np.zeros((task.shape[1], task.outputs, task.design.width))
    train_weight = task.design.train_weight
    if task.loss.joint:
        for fold, weight in enumerate(train_weight):
            v[fold, :, -1] = np.maximum(task.loss.base_rate_scores(task.targets @ weight), NEVER)
    else:
        target = task.group_targets
        zero = np.zeros_like(target)
        v[..., -1] = best_intercept(Rowwise(task.loss, zero, target, train_weight, task.group_fold))
    return v
