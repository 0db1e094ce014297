"""The linear classifier with the least 0-1 loss: arguments checked, the search called."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.data import Dataset, dataset_from_arrays
from counterpoint.errors import InputError
from counterpoint.theory.zero_one import ZeroOne, best_classifier

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TwoClassRows:
    """Rows of two classes, without gaps.

    Attributes
    ----------
    x : array (n, features)
    label_index : array (n,) of 0 and 1
    classes : array (2,)
    weight : array (n,), positive
    """

    x: Array
    label_index: npt.NDArray[np.intp]
    classes: npt.NDArray[np.generic]
    weight: Array


def two_class_rows(dataset: Dataset) -> TwoClassRows:
    """Take the rows that count from a data set.

    Raises
    ------
    InputError
        Where there are more than two classes, or cells are missing.
    """
    classes, label_index = np.unique(dataset.y, return_inverse=True)
    if len(classes) > 2:
        raise InputError(
            f"there are {len(classes)} classes; the least 0-1 loss is searched for two: "
            "leave out the rows of the others, or set one class against the rest."
        )
    dense = dataset.X.toarray() if sparse.issparse(dataset.X) else dataset.X
    x = np.asarray(dense, dtype=np.float64)
    gaps = np.isnan(x)
    if gaps.any():
        row, column = np.argwhere(gaps)[0]
        raise InputError(
            f"data row {row + 1} has no value of {dataset.feature_names[column]!r}; fill the gaps "
            "or leave those rows out."
        )
    weight = np.ones(len(x)) if dataset.sample_weight is None else dataset.sample_weight
    counted = weight > 0.0
    return TwoClassRows(x[counted], label_index[counted], classes, weight[counted])


def check_time_limit(time_limit: Any) -> None:
    """Refuse what is no time.

    Raises
    ------
    InputError
        Naming what was given.
    """
    number = isinstance(time_limit, Real) and not isinstance(time_limit, bool)
    if not number or not float(time_limit) > 0.0:
        raise InputError(f"time_limit is {time_limit!r}; give a number of seconds above 0.")


def zero_one(
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    intercept: bool = True,
    time_limit: float = 60.0,
) -> ZeroOne:
    """Find the linear classifier with the least 0-1 loss on these rows, with a proof.

    One feature takes one sort, O(n log n), and gives every best cut. Two features take O(n² log n)
    up to 1,000 distinct rows. Beyond, branch and bound over cones of classifiers gives the best
    classifier and a lower bound that rise towards each other; the time it needs grows fast with
    features and with errors. A row on the boundary counts as wrong, whatever its class.

    Parameters
    ----------
    X : array or frame (n, features)
    y : array (n,)
        Labels of two classes.
    sample_weight : array (n,)
    intercept
        Whether the boundary may pass beside the origin.
    time_limit
        Seconds after which the best so far is returned, with what is proven; so is it on Ctrl-C.

    Returns
    -------
    ZeroOne

    Raises
    ------
    InputError
        Where there are not two classes, values are missing, or the time limit is no time.

    Examples
    --------
    Five points that logistic regression gets 60% of right:

    >>> best = zero_one([[-1], [-0.3], [0], [0.9], [1]], [0, 0, 1, 0, 1])
    >>> best.accuracy, best.proven, [(cut.low, cut.high) for cut in best.cuts]
    (0.8, True, [(-0.3, 0.0), (0.9, 1.0)])

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> best = zero_one(X[y > 0], y[y > 0])
    >>> round(100 * best.loss), best.proven
    (1, True)
    """
    check_time_limit(time_limit)
    if not isinstance(intercept, (bool, np.bool_)):
        raise InputError(f"intercept is {intercept!r}; it is True or False.")
    rows = two_class_rows(dataset_from_arrays(X, y, sample_weight))
    return best_classifier(
        rows.x, rows.label_index, rows.classes, rows.weight, bool(intercept), float(time_limit)
    )
