"""Checks of what is handed to a score: probabilities, labels, weights, raw scores.

Each check returns the clean array, or raises `InputError` with one sentence that says what was
found, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpoint.errors import InputError
from counterpoint.scores.arrays import FloatArray, IntArray

ROUNDING = 1e-5
"""How far a row of probabilities may sum from 1: float32's rounding over many classes."""


def checked_weights(sample_weight: ArrayLike | None, n: int) -> FloatArray:
    """Weights of shape (n,), finite, not negative and not all zero; ones where none are given.

    Examples
    --------
    >>> checked_weights(None, 3)
    array([1., 1., 1.])
    """
    if sample_weight is None:
        return np.ones(n)
    weight = _floats(sample_weight, "sample_weight")
    if weight.shape != (n,):
        raise InputError(
            f"sample_weight has shape {weight.shape} for {n} observations: pass one weight a row."
        )
    bad = ~np.isfinite(weight) | (weight < 0)
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"sample_weight is {weight[row]} in row {row}: weights must be finite and not negative."
        )
    if not weight.any():
        raise InputError("sample_weight is zero in every row: at least one must be positive.")
    return weight


def checked_fold(fold: IntArray, n: int) -> IntArray:
    """Fold numbers of shape (n,).

    Examples
    --------
    >>> import numpy as np
    >>> checked_fold(np.array([0, 1]), 2)
    array([0, 1])
    """
    if fold.shape != (n,):
        raise InputError(
            f"fold has shape {fold.shape} for {n} observations: pass one fold number a row."
        )
    return fold


def checked_confidence(confidence: float) -> float:
    """A confidence level strictly between 0 and 1.

    Examples
    --------
    >>> checked_confidence(0.95)
    0.95
    """
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence is {confidence}: pass a level between 0 and 1, such as 0.95.")
    return float(confidence)


def checked_probability(probability: ArrayLike) -> FloatArray:
    """Probabilities of shape (n, K), each row a distribution.

    Parameters
    ----------
    probability : array of shape (n, K), or (n,)
        One column a class, or the probability of the second of two classes alone.

    Examples
    --------
    >>> checked_probability([0.25, 1.0])
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    values = _floats(probability, "probability")
    if values.ndim not in (1, 2) or values.shape[0] == 0 or values.shape[-1] == 0:
        raise InputError(
            f"probability has shape {values.shape}: pass (n, K), one column a class, or (n,), "
            "the probability of the second of two classes."
        )
    bad = ~((values >= -ROUNDING) & (values <= 1 + ROUNDING))  # NaN fails both
    if bad.any():
        where = np.argwhere(bad)[0]
        column = f", column {where[1]}" if values.ndim == 2 else ""
        raise InputError(
            f"probability is {values[tuple(where)]} in row {where[0]}{column}: "
            "it must lie between 0 and 1 (pass probabilities, not raw scores)."
        )
    if values.ndim == 1:
        values = np.stack([1.0 - values, values], axis=1)
    total = values.sum(axis=1)
    off = np.abs(total - 1.0) > ROUNDING
    if off.any():
        row = int(np.argmax(off))
        raise InputError(
            f"probability sums to {total[row]:.6g} in row {row}: each row must sum to 1."
        )
    return np.clip(values, 0.0, 1.0)


def label_positions(
    y_true: ArrayLike, n: int, n_classes: int, classes: Sequence[object] | ArrayLike | None
) -> IntArray:
    """Column of each label among the classes.

    Parameters
    ----------
    y_true : array of shape (n,)
        Labels of any sortable kind: numbers, strings, booleans.
    n, n_classes : int
        Rows and columns of the probabilities.
    classes : sequence of length n_classes, or None
        Label of each column; the sorted distinct labels where None.

    Returns
    -------
    array of int64, shape (n,)

    Examples
    --------
    >>> label_positions(["no", "yes", "no"], 3, 2, None)
    array([0, 1, 0])
    >>> label_positions(["no", "yes", "no"], 3, 2, ["yes", "no"])
    array([1, 0, 1])
    """
    labels = _labels(y_true, n)
    column_labels = np.unique(np.asarray(y_true)) if classes is None else np.asarray(classes)
    named: list[object] = column_labels.tolist()
    if len(named) != n_classes:
        found = "y_true holds" if classes is None else "classes names"
        hint = "pass classes= with the label of each column" if classes is None else "name each"
        raise InputError(
            f"{found} {len(named)} classes and probability has {n_classes} columns: {hint}."
        )
    position = {label: column for column, label in enumerate(named)}
    if len(position) != n_classes:
        raise InputError(f"classes names a class twice, in {_shown(named)}: name each once.")
    for row, label in enumerate(labels):
        if label not in position:
            raise InputError(
                f"y_true is {label!r} in row {row}, which is not among the classes "
                f"{_shown(named)}: add its column or drop the row."
            )
    return np.array([position[label] for label in labels], dtype=np.int64)


def as_softmax_scores(raw: FloatArray) -> FloatArray:
    """Raw scores with one row a class.

    A two-class model has one raw score z, for the second class; its sigmoid is the softmax of
    (0, z). With that row of zeros put back, two classes are no special case.

    Parameters
    ----------
    raw : array of shape (1, n) or (K, n), K >= 2

    Returns
    -------
    array of shape (2, n) or (K, n)

    Examples
    --------
    >>> import numpy as np
    >>> as_softmax_scores(np.array([[0.5, -1.0]]))
    array([[ 0. ,  0. ],
           [ 0.5, -1. ]])
    """
    if raw.ndim != 2 or raw.shape[0] == 0 or raw.shape[1] == 0:
        raise InputError(
            f"the raw scores have shape {raw.shape}: pass (outputs, n), one row an output."
        )
    if not np.isfinite(raw).all():
        output, row = np.argwhere(~np.isfinite(raw))[0]
        raise InputError(
            f"the raw score is {raw[output, row]} in row {row}, output {output}: "
            "raw scores must be finite."
        )
    return np.vstack([np.zeros_like(raw), raw]) if raw.shape[0] == 1 else raw


def checked_label_index(label_index: IntArray, raw: FloatArray) -> IntArray:
    """Class numbers of shape (n,), each the row of a class in raw scores of shape (K, n).

    Examples
    --------
    >>> import numpy as np
    >>> checked_label_index(np.array([1, 0]), np.zeros((2, 2)))
    array([1, 0])
    """
    n_classes, n = raw.shape
    if label_index.shape != (n,):
        raise InputError(
            f"label_index has shape {label_index.shape} for {n} observations: "
            "pass one class number a row."
        )
    bad = (label_index < 0) | (label_index >= n_classes)
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"label_index is {label_index[row]} in row {row}: "
            f"classes are numbered 0 to {n_classes - 1} by the raw scores."
        )
    return label_index


def _floats(values: ArrayLike, name: str) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} can't be read as numbers ({error}): pass numbers.") from error


def _labels(y_true: ArrayLike, n: int) -> list[object]:
    array: NDArray[np.generic] = np.asarray(y_true)
    if array.shape != (n,):
        raise InputError(
            f"y_true has shape {array.shape} and probability has {n} rows: pass one label a row."
        )
    labels: list[object] = array.tolist()
    for row, label in enumerate(labels):
        if label is None or label != label:  # NaN alone differs from itself
            raise InputError(f"y_true is missing in row {row}: drop the row or give its label.")
    kinds = {isinstance(label, str) for label in labels}
    if len(kinds) > 1:
        raise InputError("y_true mixes text with numbers: make all labels of one kind.")
    return labels


def _shown(names: Sequence[object]) -> str:
    shown = ", ".join(repr(name) for name in names[:8])
    return f"{shown}, … ({len(names)} in all)" if len(names) > 8 else shown
