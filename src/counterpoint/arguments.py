"""What a caller passes to a sweep: checked, and made into the problem that is fitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from counterpoint.data import Dataset, Matrix, encode_rows
from counterpoint.data.frames import to_series
from counterpoint.data.labels import class_labels, row_weights
from counterpoint.errors import InputError
from counterpoint.files import check_writable_folder
from counterpoint.fit.folds import (
    Folds,
    approximate_leave_one_out,
    cross_validation,
    given_splits,
    held_out_fraction,
    hold_out,
)
from counterpoint.fit.grid import check_alphas, parse_alphas
from counterpoint.fit.linear import Problem, make_problem
from counterpoint.fit.memory import Demand, plan
from counterpoint.objective import loss_named

Array = npt.NDArray[np.float64]

SCALES = ("none", "standard")


def check_settings(l1_ratio: Any, scale: Any, seed: Any, tol: Any) -> None:
    """Refuse settings that are not of their kind or out of range.

    Raises
    ------
    InputError
        Naming the setting, what it is and what it may be.
    """
    if scale not in SCALES:
        raise InputError(f"scale is {scale!r}; choose one of {', '.join(SCALES)}.")
    if not isinstance(tol, Real) or not 1e-14 <= float(tol) < 1:
        raise InputError(f"tol is {tol!r}; a relative distance lies between 1e-14 and 1.")
    if not isinstance(l1_ratio, Real) or not 0 <= float(l1_ratio) <= 1:
        raise InputError(
            f"l1_ratio is {l1_ratio!r}; it must lie between 0 (all L2) and 1 (all L1)."
        )
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"seed is {seed!r}; give a whole number, 0 or more.")


def checkpoint_folder(folder: Any) -> Path:
    """A folder to keep finished fits in; made where there is none.

    Raises
    ------
    InputError
        Where it can't be made or written.
    """
    if not isinstance(folder, (str, Path)) or not str(folder):
        raise InputError(f"checkpoint is {folder!r}; name a folder to keep finished fits in.")
    check_writable_folder(folder)
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


def check_names(names: Any, kind: str) -> list[str]:
    """Names of losses or penalties, each once.

    Raises
    ------
    InputError
        Where there is none, or it is not a list of names.
    """
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise InputError(f"{names!r} is not a list of names; write [{names!r}] for one {kind}.")
    for name in names:
        if not isinstance(name, str):
            raise InputError(
                f"the {kind} {name!r} is not a name; give one such as 'l2' or 'log' "
                "(sweep_all takes lists of them)."
            )
    if not names:
        raise InputError(f"no {kind} was named; give one or more.")
    return list(dict.fromkeys(names))


def given_grid(alphas: Any) -> Array:
    """Alphas as a caller gives them: numbers, one number, or text as `parse_alphas` reads it."""
    if isinstance(alphas, str):
        return parse_alphas(alphas)
    return check_alphas(alphas if isinstance(alphas, Iterable) else [alphas])


def given_test(train: Dataset, test: Any) -> float | Dataset | None:
    """``test`` of `counterpoint.sweep`: a fraction, or rows encoded as the training rows were.

    Raises
    ------
    InputError
        Where it is neither, or the rows don't fit the training rows.
    """
    if test is None or isinstance(test, Real):
        return None if test is None else float(test)
    if not isinstance(test, (tuple, list)) or len(test) not in (2, 3):
        what = type(test).__name__
        raise InputError(
            f"test is a {what}; give a fraction such as 0.25, or (X, y), or (X, y, weights)."
        )
    return _test_set(train, *test)


def _test_set(train: Dataset, X: Any, y: Any, sample_weight: Any = None) -> Dataset:
    x, notes = encode_rows(train.schema, X)
    labels = class_labels(to_series(y, "y of test"))
    if len(labels) != x.shape[0]:
        raise InputError(f"test has {x.shape[0]} rows and {len(labels)} labels; they must match.")
    # NumPy would turn numbers into text to compare them with text.
    as_text = (labels.dtype.kind == "U", train.y.dtype.kind == "U")
    unknown = np.setdiff1d(labels, train.y) if as_text[0] == as_text[1] else np.unique(labels)
    if len(unknown):
        raise InputError(
            f"the test rows have class {unknown[0].item()!r}, which no training row has; "
            "leave those rows out or add such rows to the training data."
        )
    if sample_weight is None:
        weight = None
    else:
        weight = row_weights(to_series(sample_weight, "weights of test"), len(labels))
    return Dataset(x, labels, train.schema, weight, train.target_name, notes)


@dataclass(frozen=True)
class Asked:
    """What a sweep will do with its problem, as far as memory goes.

    Attributes
    ----------
    losses : list of names
    fits, alphas : int
        Pairs of a loss and a penalty, and strengths of each.
    memory : int, or None
        Bytes that may be taken beyond the data passed; None for no limit.
    """

    losses: list[str]
    fits: int
    alphas: int
    memory: int | None


def problem_of(
    dataset: Dataset, cv: Any, test: float | Dataset | None, scale: str, seed: int, asked: Asked
) -> Problem:
    """The rows of a training set, and of a test set under them, with the folds that judge."""
    x, labels, weight = dataset.X, dataset.y, dataset.sample_weight
    weight = np.ones(len(labels)) if weight is None else weight
    notes = dataset.notes
    test_rows = np.zeros(len(labels), dtype=bool)
    if isinstance(test, Dataset):
        x = _stacked(x, test.X)
        more = np.ones(len(test.y)) if test.sample_weight is None else test.sample_weight
        weight = np.concatenate([weight, more])
        labels = np.concatenate([labels, test.y])
        test_rows = np.concatenate([test_rows, np.ones(len(test.y), dtype=bool)])
        notes += test.notes
    classes, label_index = np.unique(labels, return_inverse=True)
    folds = _folds(label_index, weight, classes, cv, test, test_rows, seed)
    chosen = plan(_demand(x, folds, len(classes), asked), asked.memory)
    return make_problem(
        x, label_index, classes, dataset.feature_names, weight, folds, scale, seed, notes, chosen
    )


def _demand(x: Matrix, folds: Folds, n_classes: int, asked: Asked) -> Demand:
    losses = [loss_named(name, n_classes) for name in asked.losses]
    outputs = max(loss.n_outputs(n_classes) for loss in losses)
    return Demand(
        n=x.shape[0],
        features=x.shape[1],
        folds=len(folds.train_weight),
        outputs=outputs,
        apart=1 if any(loss.joint for loss in losses) else outputs,
        alphas=asked.alphas,
        sweeps=asked.fits,
        held_out=int(folds.held_out.sum()),
        dense=not sparse.issparse(x),
        one_by_one=folds.one_by_one,
    )


def _folds(
    label_index: npt.NDArray[np.intp],
    weight: Array,
    classes: npt.NDArray[np.generic],
    cv: Any,
    test: float | Dataset | None,
    test_rows: npt.NDArray[np.bool_],
    seed: int,
) -> Folds:
    if isinstance(test, Dataset):
        return hold_out(label_index, weight, test_rows, classes)
    if test is not None:
        return hold_out(
            label_index, weight, held_out_fraction(label_index, weight, test, seed), classes
        )
    if isinstance(cv, str) and cv == "alo":
        return approximate_leave_one_out(label_index, weight, classes)
    if isinstance(cv, (int, np.integer)) and not isinstance(cv, bool):
        return cross_validation(label_index, weight, int(cv), seed, classes)
    if hasattr(cv, "split") and not isinstance(cv, str):
        cv = _splits_of(cv, label_index)
    if isinstance(cv, Iterable) and not isinstance(cv, str):
        return given_splits(label_index, weight, _pairs(cv), classes)
    raise InputError(
        f"cv is {cv!r}; give a number of folds, 'alo' for approximate leave-one-out, a splitter, "
        "or pairs of (train, held-out) rows."
    )


def _splits_of(splitter: Any, label_index: npt.NDArray[np.intp]) -> list[Any]:
    try:
        return list(splitter.split(np.zeros((len(label_index), 1)), label_index))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"cv is {splitter!r}, which can't split these rows ({error}); "
            "pass list(splitter.split(X, y, groups)) where it needs groups."
        ) from None


def _pairs(splits: Iterable[Any]) -> list[tuple[Any, Any]]:
    pairs = []
    for f, split in enumerate(splits):
        if not isinstance(split, (tuple, list)) or len(split) != 2:
            raise InputError(f"split {f + 1} of cv is not a pair of (train, held-out) rows.")
        pairs.append((split[0], split[1]))
    return pairs


def _stacked(above: Matrix, below: Matrix) -> Matrix:
    if isinstance(above, np.ndarray) and isinstance(below, np.ndarray):
        return np.concatenate([above, below])
    return sparse.csr_array(sparse.vstack([sparse.csr_array(above), sparse.csr_array(below)]))
