"""One fit on all rows: no grid, no folds, nothing held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterpoint.fit.folds import Folds
from counterpoint.fit.linear import fit_path
from counterpoint.fit.scaling import make_design
from counterpoint.fit.task import PathTask
from counterpoint.fit.threads import shared_threads
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SingleFit:
    """A linear model of one output at one strength.

    Attributes
    ----------
    coef : array (features,)
        On the scale of the data as it came.
    intercept : float
    data_loss, penalty, gap : float
        Parts of the objective, and the certified distance to its optimum.
    """

    coef: Array
    intercept: float
    data_loss: float
    penalty: float
    gap: float


def fit_two_classes(
    x: Array,
    label_index: npt.NDArray[np.intp],
    weight: Array,
    loss: Loss,
    penalty: Penalty,
    alpha: float,
    tol: float,
) -> SingleFit:
    """Minimise mean loss + alpha · penalty over all rows, on standardised columns.

    Parameters
    ----------
    x : array (n, features)
    label_index : array (n,) of 0 and 1
    weight : array (n,)
    tol
        Relative distance to the optimum that is to be certified.

    Examples
    --------
    >>> from counterpoint.objective import loss_named, penalty_named
    >>> x, y = np.array([[-1.0], [-0.3], [0.0], [0.9], [1.0]]), np.array([0, 0, 1, 0, 1])
    >>> log, l2 = loss_named("log"), penalty_named("l2", 0.0)
    >>> fit = fit_two_classes(x, y, np.ones(5), log, l2, alpha=1e-10, tol=1e-10)
    >>> print(f"{fit.coef[0]:.3f} {-fit.intercept / fit.coef[0]:.3f}")
    1.268 0.516
    """
    folds = Folds((weight / weight.sum())[None], np.zeros((1, len(x)), dtype=bool), "none")
    design = make_design(x, folds, standardise=True)
    targets = loss.encode(label_index, 2)
    task = PathTask(design, loss, penalty, targets, np.array([alpha]), tol)
    with shared_threads(1):
        path = fit_path(task, lambda path: None)
    coef, intercept = design.original(path.v[:, 0], np.zeros(1, dtype=np.intp))
    parts = (float(a[0, 0]) for a in (path.data_loss, path.penalty, path.gap))
    return SingleFit(coef[0, 0], float(intercept[0, 0]), *parts)
