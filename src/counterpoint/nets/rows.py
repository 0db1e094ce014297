"""Arrays and tables as a network takes them: filled, scaled, and split."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.data import Dataset, Schema, dataset_from_arrays, encode_rows
from counterpoint.data.frames import is_frame, to_series
from counterpoint.data.labels import class_labels, known_labels
from counterpoint.data.matrix import Matrix, check_dense_size
from counterpoint.errors import InputError
from counterpoint.fit.folds import held_out_fraction
from counterpoint.fit.nets.population import Split
from counterpoint.nets.arguments import one_of

Array = npt.NDArray[np.float64]

SCALES = ("none", "standard")


@dataclass(frozen=True)
class Inputs:
    """How rows become what the networks see.

    Attributes
    ----------
    schema
        How features come from a table's columns.
    shape
        Of one row; (features,) but for arrays of more dimensions.
    fill, shift, scale : arrays (features,)
        A missing cell becomes ``fill``; then (x - shift) / scale.
    """

    schema: Schema
    shape: tuple[int, ...]
    fill: Array
    shift: Array
    scale: Array

    def of(self, X: Any) -> npt.NDArray[Any]:
        """New rows, (n, ...).

        Raises
        ------
        InputError
            They don't fit the rows that were trained on.
        """
        if len(self.shape) > 1:
            X = flattened(X, self.shape)
        return self.of_encoded(encode_rows(self.schema, X)[0])

    def of_encoded(self, encoded: Matrix) -> npt.NDArray[Any]:
        """Rows of a `Dataset`, (n, ...)."""
        x = dense(encoded)
        x = np.where(np.isnan(x), self.fill, x)
        rows: npt.NDArray[Any] = ((x - self.shift) / self.scale).reshape(len(x), *self.shape)
        return rows


def flattened(X: Any, shape: tuple[int, ...] | None = None) -> npt.NDArray[Any]:
    """Arrays of more than two dimensions as a matrix.

    Raises
    ------
    InputError
        Rows are not of that shape.
    """
    array = np.asarray(X)
    if shape is not None and array.shape[1:] != shape:
        raise InputError(f"X has rows of shape {array.shape[1:]}; those trained on have {shape}.")
    flat: npt.NDArray[Any] = array.reshape(len(array), -1)
    return flat


def row_shape(X: Any) -> tuple[int, ...] | None:
    """Shape of a row, where it has more than one dimension."""
    if is_frame(X) or sparse.issparse(X):
        return None
    shape = np.shape(X)
    return shape[1:] if len(shape) > 2 else None


def dense(x: Matrix) -> npt.NDArray[Any]:
    """A dense matrix; networks take no other."""
    if isinstance(x, np.ndarray):
        return x
    check_dense_size(x.shape[0], x.shape[1])
    return x.toarray()


def split_arrays(X: Any, y: Any, validation: Any, seed: int, scale: Any) -> tuple[Split, Inputs]:
    """Rows that train and rows that judge, from what a caller passes.

    Arrays of more than two dimensions keep their shape.

    Parameters
    ----------
    X, y, validation, seed, scale
        As `counterpoint.nets.fit` takes them.

    Raises
    ------
    InputError
        They can't be used.
    """
    shape = row_shape(X)
    dataset = dataset_from_arrays(X if shape is None else flattened(X), y)
    given = validation
    if isinstance(validation, (tuple, list)):
        if len(validation) != 2:
            raise InputError("validation is neither a fraction nor a pair (X, y); give one.")
        given = validation if shape is None else (flattened(validation[0], shape), validation[1])
    return split_dataset(dataset, given, seed, scale, shape)


def split_dataset(
    dataset: Dataset, validation: Any, seed: int, scale: Any, shape: tuple[int, ...] | None = None
) -> tuple[Split, Inputs]:
    """`split_arrays` for a table that was read; ``validation`` may be one too."""
    if dataset.sample_weight is not None:
        raise InputError("networks are trained without sample weights; leave them out.")
    x = dense(dataset.X)
    classes, label = np.unique(dataset.y, return_inverse=True)
    held_out = np.zeros(len(x), dtype=bool)
    own = _own_validation(dataset, validation)
    if own is None and validation is not None:
        held_out = held_out_fraction(label, np.ones(len(x)), _fraction(validation), seed)
    inputs = _inputs(dataset.schema, x[~held_out], shape or x.shape[1:], scale)
    judging = (x[held_out], dataset.y[held_out]) if own is None else own
    row = np.flatnonzero(held_out) if own is None else np.arange(len(judging[0]))
    split = Split(
        x=inputs.of_encoded(x[~held_out]),
        label_index=label[~held_out],
        validation_x=inputs.of_encoded(judging[0]),
        validation_label_index=np.searchsorted(classes, judging[1]),
        validation_row=row,
        classes=classes,
    )
    return split, inputs


def _fraction(validation: Any) -> float:
    if isinstance(validation, bool) or not isinstance(validation, Real):
        raise InputError(
            f"validation is a {type(validation).__name__}; give a fraction such as 0.2, a pair "
            "(X, y), or None."
        )
    if not 0 < float(validation) < 1:
        raise InputError(
            f"validation is {validation!r}; a fraction of the rows lies between 0 and 1 "
            "(None for no rows to judge on)."
        )
    return float(validation)


def _own_validation(
    dataset: Dataset, validation: Any
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Features and labels of validation rows that a caller gives."""
    if isinstance(validation, Dataset):
        x, y = dense(validation.X), validation.y
    elif isinstance(validation, (tuple, list)):
        x = dense(encode_rows(dataset.schema, validation[0])[0])
        y = class_labels(to_series(validation[1], "y of validation"))
    else:
        return None
    if len(x) != len(y):
        raise InputError(f"validation has {len(x):,} rows and {len(y):,} labels; give one each.")
    if not len(x):
        raise InputError("validation has no rows; give some, or a fraction, or None.")
    return x, known_labels(y, dataset.y, "validation")


def _inputs(schema: Schema, x: npt.NDArray[Any], shape: tuple[int, ...], scale: Any) -> Inputs:
    """Fill, shift and scale from the training rows."""
    missing = np.isnan(x)
    seen = (~missing).sum(axis=0)
    mean = np.where(missing, 0.0, x).sum(axis=0, dtype=np.float64) / np.maximum(seen, 1)
    shift, deviation = np.zeros_like(mean), np.ones_like(mean)
    if one_of(scale, "scale", SCALES) == "standard":
        # Missing cells sit at the mean.
        centred = np.where(missing, 0.0, x - mean)
        spread = np.sqrt((centred**2).mean(axis=0))
        floor = 1e-13 * np.maximum(np.abs(mean), np.finfo(float).tiny)
        shift, deviation = mean, np.where(spread > floor, spread, 1.0)
    return Inputs(schema, shape, mean, shift, deviation)
