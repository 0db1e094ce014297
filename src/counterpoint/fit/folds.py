"""Which rows train and which are held out: one fold per column of a batched fit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Folds:
    """Training weights and held-out rows; fold 0 is the fit that is reported.

    Attributes
    ----------
    train_weight : array (folds, n)
        Each row sums to 1; zero for rows that do not train that fold.
    held_out : bool array (folds, n)
        Rows that judge that fold. Those that train it too are left out of it one by one.
    scheme : str
        How they were made, in words.
    """

    train_weight: Array
    held_out: Mask
    scheme: str

    @property
    def judging(self) -> Index:
        """Indices of the folds that hold rows out."""
        return np.flatnonzero(self.held_out.any(axis=1))

    @property
    def one_by_one(self) -> bool:
        """Whether each row is judged by the reported fit as it would be without that row."""
        return bool((self.held_out[0] & (self.train_weight[0] > 0)).any())

    def judged_on(self, most: int, label_index: Index, seed: int) -> Folds:
        """Folds that are judged on about ``most`` of their held-out rows.

        The same share of each fold's rows of each class, drawn by the seed, one at the least.
        """
        rng = np.random.default_rng(seed)
        share = most / self.held_out.sum()
        kept = np.zeros_like(self.held_out)
        for f in self.judging:
            rows = rng.permutation(np.flatnonzero(self.held_out[f]))
            for c in np.unique(label_index[rows]):
                of_class = rows[label_index[rows] == c]
                kept[f, of_class[: max(1, round(share * len(of_class)))]] = True
        scheme = f"{self.scheme}, judged on {int(kept.sum()):,} of the held-out rows"
        return replace(self, held_out=kept, scheme=scheme)


def _normalised(weight: Array, train: Mask) -> Array:
    kept = np.where(train, weight, 0.0)
    return np.asarray(kept / kept.sum())


def cross_validation(
    label_index: Index, weight: Array, n_folds: int, seed: int, classes: npt.NDArray[np.generic]
) -> Folds:
    """Stratified folds, shuffled by the seed, and fold 0 on every row.

    Parameters
    ----------
    label_index : array (n,)
        Class index of each row.
    weight : array (n,)
        Sample weights.
    n_folds
        At least 2.
    seed
        For the shuffle.
    classes
        Labels, for messages.

    Raises
    ------
    InputError
        With fewer rows than folds, or a class with a single row; rows without weight don't count.
    """
    if n_folds < 2:
        raise InputError(f"cv is {n_folds}; cross-validation needs at least 2 folds.")
    counted = np.flatnonzero(weight > 0)
    n = len(counted)
    if n < n_folds:
        raise InputError(f"{n_folds} folds were asked of {n} rows; ask for at most {n}.")
    _refuse_lonely_class(label_index[counted], classes)
    rng = np.random.default_rng(seed)
    # Only rows with weight are dealt out: the others change no fold, as if they were left out.
    fold = np.full(len(weight), -1, dtype=np.intp)
    fold[counted] = _stratified_assignment(label_index[counted], n_folds, rng)
    held_out = np.arange(n_folds)[:, None] == fold[None, :]
    held_out = np.concatenate([np.zeros_like(held_out[:1]), held_out])
    return _checked(label_index, weight, held_out, classes, f"{n_folds}-fold cross-validation")


def approximate_leave_one_out(
    label_index: Index, weight: Array, classes: npt.NDArray[np.generic]
) -> Folds:
    """One fold of every row, each to be judged by what the fit would be without it.

    Raises
    ------
    InputError
        With a class of a single row; rows without weight don't count.
    """
    _refuse_lonely_class(label_index[weight > 0], classes)
    everything = np.ones((1, len(weight)), dtype=bool)
    scheme = "approximate leave-one-out"
    return _checked(label_index, weight, everything, classes, scheme, everything)


def _refuse_lonely_class(label_index: Index, classes: npt.NDArray[np.generic]) -> None:
    counts = np.bincount(label_index, minlength=len(classes))
    if counts.min() < 2:
        lonely = classes[int(counts.argmin())]
        few = "one row" if counts.min() else "no row with weight"
        raise InputError(
            f"class {str(lonely)!r} has {few}, so no fold can both train on it and be judged "
            "on it; add rows of that class or leave it out."
        )


def _stratified_assignment(label_index: Index, n_folds: int, rng: np.random.Generator) -> Index:
    """Deal each class's shuffled rows out in turn, going on where the last class stopped.

    So every fold's size, and its number of rows of each class, differ by one at most.
    """
    order = rng.permutation(len(label_index))
    order = order[np.argsort(label_index[order], kind="stable")]
    fold = np.empty(len(label_index), dtype=np.intp)
    fold[order] = np.arange(len(label_index)) % n_folds
    return fold


def hold_out(
    label_index: Index, weight: Array, test: Mask, classes: npt.NDArray[np.generic]
) -> Folds:
    """One fold: trained on the rows outside ``test``, judged on those inside."""
    scheme = f"{int(test.sum()):,} rows held out"
    return _checked(label_index, weight, test[None, :], classes, scheme)


def held_out_fraction(label_index: Index, weight: Array, fraction: float, seed: int) -> Mask:
    """A stratified random mask of about that fraction of the rows."""
    if not 0.0 < fraction < 1.0:
        raise InputError(f"test is {fraction!r}; a fraction of the rows lies between 0 and 1.")
    rng = np.random.default_rng(seed)
    mask = np.zeros(len(label_index), dtype=bool)
    for c in np.unique(label_index):
        # Only rows with weight are dealt, as if the others were left out.
        rows = rng.permutation(np.flatnonzero((label_index == c) & (weight > 0)))
        if not len(rows):
            continue
        mask[rows[: min(max(round(fraction * len(rows)), 1), len(rows) - 1)]] = True
    if not mask.any():
        raise InputError("every class has a single row, so none can be held out; add rows.")
    return mask


def _checked(
    label_index: Index,
    weight: Array,
    held_out: Mask,
    classes: npt.NDArray[np.generic],
    scheme: str,
    train: Mask | None = None,
) -> Folds:
    train = (~held_out if train is None else train) & (weight > 0)
    judged = held_out & (weight > 0)  # a row without weight judges nothing
    for f in range(len(held_out)):
        present = np.bincount(label_index[train[f]], minlength=len(classes))
        if (present > 0).sum() < 2:
            raise InputError(
                f"the training rows of fold {f} hold fewer than two classes with weight; "
                "use fewer folds, or give more rows a positive weight."
            )
        if held_out[f].any() and not judged[f].any():
            raise InputError(
                f"the held-out rows of fold {f} weigh nothing; "
                "give more rows a positive weight, or use fewer folds."
            )
    train_weight = np.stack([_normalised(weight, train[f]) for f in range(len(held_out))])
    return Folds(train_weight, judged, scheme)


def given_splits(
    label_index: Index,
    weight: Array,
    splits: list[tuple[Index, Index]],
    classes: npt.NDArray[np.generic],
) -> Folds:
    """Folds from pairs of training rows and held-out rows, and fold 0 on every row.

    Raises
    ------
    InputError
        Where there is no pair, a row index is out of range, or a row both trains and judges.
    """
    n = len(label_index)
    if not splits:
        raise InputError("cv holds no pair of (train, held-out) rows; give at least one.")
    train = np.zeros((len(splits), n), dtype=bool)
    held_out = np.zeros((len(splits), n), dtype=bool)
    for f, (train_rows, held_out_rows) in enumerate(splits):
        name = f"split {f + 1} of cv"
        try:
            train[f, train_rows] = True
            held_out[f, held_out_rows] = True
        except IndexError as error:
            raise InputError(f"{name} does not fit {n} rows: {error}.") from None
        if not held_out[f].any():
            raise InputError(f"{name} holds no row out; give it rows to judge on.")
        if train[f].sum() < np.size(train_rows) and np.asarray(train_rows).dtype != bool:
            raise InputError(f"{name} trains on a row twice; give that row weight 2 instead.")
        if (train[f] & held_out[f]).any():
            row = int(np.flatnonzero(train[f] & held_out[f])[0])
            raise InputError(f"{name} both trains on row {row} and is judged on it.")
    repeated = held_out.sum(axis=0) > 1
    if repeated.any():
        raise InputError(
            f"cv holds row {int(repeated.argmax())} out more than once, and the intervals count "
            "each row as one observation; give splits that hold a row out once at most."
        )
    everything = np.ones((1, n), dtype=bool)
    train = np.concatenate([everything, train])
    held_out = np.concatenate([~everything, held_out])
    return _checked(label_index, weight, held_out, classes, f"{len(splits)} given splits", train)
