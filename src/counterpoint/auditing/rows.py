"""The rows that a network is audited on: those given, or made up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.auditing.subjects import scikit
from counterpoint.auditing.subjects.parameters import find_parameters
from counterpoint.auditing.subjects.settings import shape_of_data
from counterpoint.errors import InputError
from counterpoint.probes.points import made_rows
from counterpoint.probes.subject import Rows

#: Rows of a mini-batch in the audit: no usual number, so that a factor of it is told from others.
BATCH = 11
#: Rows that are made up where none are given, and the most that are looked at of those given.
MADE, LOOKED_AT = 400, 2000


def rows_for(network: Any, rows: Rows | None, seed: int) -> tuple[Rows, int]:
    """The rows, made up where none are given, and the number of outputs."""
    shape = shape_of_data(find_parameters(network).tensors)
    if rows is not None:
        classes = int(rows[1].max()) + 1
        own = shape is not None and (shape[1] >= classes or (shape[1], classes) == (1, 2))
        return rows, shape[1] if shape and own and not scikit.is_perceptron(network) else classes
    if shape is None:
        raise InputError(
            "the shapes of the parameters do not say how many features the network takes: give "
            "rows, as audit(network, X, y)."
        )
    rng = np.random.default_rng(seed)
    return made_rows(shape[0], max(shape[1], 2), MADE, rng), shape[1]


def checked_rows(X: npt.ArrayLike, y: npt.ArrayLike | None, seed: int) -> Rows:
    """Rows as float64 and labels as numbers from 0, a sample where there are many.

    Raises
    ------
    InputError
        They do not fit together, or hold what is no number.
    """
    if y is None:
        raise InputError("labels are missing: give y beside X.")
    try:
        features = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("X holds what is no number: give an array of numbers.") from None
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    labels = labels.ravel()
    if features.ndim < 2 or len(features) != len(labels):
        raise InputError(
            f"X has the shape {features.shape} and y {len(labels)} labels: one label a row."
        )
    if not np.all(np.isfinite(features)):
        raise InputError("X holds NaN or infinite numbers: leave those rows out.")
    classes, numbers = np.unique(labels, return_inverse=True)
    if len(classes) < 2 or len(labels) < 2 * BATCH:
        raise InputError(
            f"there are {len(labels)} rows of {len(classes)} classes: the audit needs two classes "
            f"and {2 * BATCH} rows."
        )
    chosen = np.random.default_rng(seed).permutation(len(labels))[:LOOKED_AT]
    return features[chosen], numbers[chosen].astype(np.int64)
