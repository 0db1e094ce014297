"""Rows to train on, and rows held out: real tables of scikit-learn, drawn ones, and shared files.

A data set belongs to the tuning split or to the test split of the corpus, never to both.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import datasets

Array = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
#: Rows and labels as their source has them.
Raw = tuple[Any, Any]

#: Rows that are held out, at most: the truth about a validation curve is measured on all of them.
MOST_HELD = 1500
#: Rows of a drawn data set: enough for any training and for the held-out rows.
DRAWN = 3000


@dataclass(frozen=True)
class Rows:
    """What one run is trained and judged on.

    Attributes
    ----------
    x, y : training rows, columns centred and scaled by them
    held_x, held_y
        As many other rows as there are, up to `MOST_HELD`.
    classes
    """

    x: Array
    y: Labels
    held_x: Array
    held_y: Labels
    classes: int


def shared_folder() -> Path:
    """Where files that are not part of the project may lie."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    return Path(os.environ.get("COUNTERPOINT_SHARED", beside))


def _sklearn(name: str) -> Raw:
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return x, y


def _moons() -> Raw:
    return datasets.make_moons(DRAWN, noise=0.25, random_state=1)


def _blobs() -> Raw:
    return datasets.make_blobs(DRAWN, centers=5, n_features=4, cluster_std=2.5, random_state=2)


def _wide() -> Raw:
    """Few informative directions among 200: easily learnt by heart."""
    return datasets.make_classification(
        DRAWN,
        n_features=200,
        n_informative=10,
        n_redundant=0,
        n_classes=3,
        class_sep=1.2,
        random_state=3,
    )


def _rings() -> Raw:
    return datasets.make_circles(DRAWN, noise=0.12, factor=0.5, random_state=4)


def _mixture() -> Raw:
    """Six overlapping clouds of unequal size."""
    rng = np.random.default_rng(5)
    y = rng.choice(6, DRAWN, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    return rng.normal(size=(6, 12))[y] * 1.1 + rng.normal(size=(DRAWN, 12)), y


def _signs() -> Raw:
    """Two classes that 8 of 120 columns tell apart, one row in ten wrongly."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=(DRAWN, 120))
    y = x[:, :8].sum(axis=1) + rng.normal(size=DRAWN) > 0
    return x, y


def _rare() -> Raw:
    """Two classes, one of them a fifth of the rows, hard to tell apart."""
    return datasets.make_classification(
        DRAWN,
        n_features=60,
        n_informative=6,
        n_redundant=0,
        weights=[0.8],
        flip_y=0.1,
        class_sep=0.8,
        random_state=7,
    )


def _unequal() -> Raw:
    """Four classes of very unequal size."""
    return datasets.make_classification(
        DRAWN,
        n_features=20,
        n_informative=8,
        n_classes=4,
        weights=[0.55, 0.25, 0.12],
        flip_y=0.05,
        random_state=8,
    )


def _spambase() -> Raw:
    with gzip.open(shared_folder() / "data" / "spambase.csv.gz", "rt") as file:
        rows = [line.strip().split(",") for line in file if line[0].isdigit()]
    return np.log1p(np.array([row[:-1] for row in rows], float)), [row[-1] for row in rows]


def _a9a() -> Raw:
    x, y = datasets.load_svmlight_file(str(shared_folder() / "data" / "a9a.t.libsvm.bz2"))
    return x[:DRAWN].toarray(), y[:DRAWN] > 0


def _mnist() -> Raw:
    folder = shared_folder() / "data" / "mnist"
    with gzip.open(folder / "t10k-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)[:DRAWN]
    with gzip.open(folder / "t10k-labels-idx1-ubyte.gz") as file:
        y = np.frombuffer(file.read(), np.uint8, offset=8)[:DRAWN]
    # Averages of 2 x 2 pixels: four times as fast.
    return x.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(len(y), -1), y


Table = Callable[[], Raw]
TUNING: dict[str, Table] = {
    "digits": lambda: _sklearn("digits"),
    "breast_cancer": lambda: _sklearn("breast_cancer"),
    "moons": _moons,
    "blobs": _blobs,
    "wide": _wide,
    "spambase": _spambase,
    "rare": _rare,
    "unequal": _unequal,
}
TEST: dict[str, Table] = {
    "wine": lambda: _sklearn("wine"),
    "iris": lambda: _sklearn("iris"),
    "rings": _rings,
    "mixture": _mixture,
    "signs": _signs,
    "mnist": _mnist,
    "a9a": _a9a,
}
#: Data sets that need a file of the shared folder.
SHARED = {
    "spambase": "spambase.csv.gz",
    "a9a": "a9a.t.libsvm.bz2",
    "mnist": "mnist/t10k-images-idx3-ubyte.gz",
}


def available(tables: dict[str, Table]) -> list[str]:
    """Names of the data sets whose files are here."""
    folder = shared_folder() / "data"
    return [name for name in tables if name not in SHARED or (folder / SHARED[name]).is_file()]


@lru_cache(maxsize=16)
def table(name: str) -> tuple[Array, Labels]:
    """All rows of a data set, unscaled."""
    x, y = (TUNING | TEST)[name]()
    return np.asarray(x, np.float32), np.unique(y, return_inverse=True)[1].astype(np.int64)


def rows_of(name: str, train_rows: int, seed: int) -> Rows:
    """Training rows and held-out rows, drawn by the seed.

    Parameters
    ----------
    name
    train_rows
        At most three fifths of the table are taken.
    seed
    """
    x, y = table(name)
    order = np.random.default_rng(seed).permutation(len(y))
    taken = min(train_rows, len(y) * 3 // 5)
    train, held = order[:taken], order[taken : taken + MOST_HELD]
    centre, spread = x[train].mean(axis=0), x[train].std(axis=0)
    spread[spread == 0] = 1
    scaled = np.clip((x - centre) / spread, -8, 8)
    return Rows(scaled[train], y[train], scaled[held], y[held], int(y.max()) + 1)
