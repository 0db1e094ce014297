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


def _waves() -> Raw:
    """Breiman's waveforms: three classes of noisy mixtures of two triangles each, at 21 places."""
    rng = np.random.default_rng(9)
    y, share = rng.integers(3, size=DRAWN), rng.random((DRAWN, 1))
    peaks = np.array([[6, 14], [6, 10], [10, 14]])[y]
    waves = np.maximum(0, 6 - np.abs(np.arange(21) - peaks[..., None]))
    clean = share * waves[:, 0] + (1 - share) * waves[:, 1]
    return clean + rng.normal(size=clean.shape), y


def _shells() -> Raw:
    """Four shells of one cloud in ten dimensions: nothing for a linear model."""
    return datasets.make_gaussian_quantiles(
        n_samples=DRAWN, n_features=10, n_classes=4, random_state=10
    )


def _many() -> Raw:
    """Twelve classes."""
    return datasets.make_classification(
        DRAWN,
        n_features=40,
        n_informative=15,
        n_classes=12,
        n_clusters_per_class=1,
        class_sep=1.5,
        random_state=11,
    )


def _three() -> Raw:
    """Three classes of unequal size that overlap."""
    return datasets.make_classification(
        DRAWN,
        n_features=30,
        n_informative=5,
        n_classes=3,
        weights=[0.6, 0.3],
        flip_y=0.1,
        class_sep=0.7,
        random_state=12,
    )


def _checks() -> Raw:
    """A chequered square of three by three, one row in twenty wrongly."""
    rng = np.random.default_rng(13)
    x = rng.random((DRAWN, 2))
    return x, (np.floor(3 * x).sum(axis=1) % 2) != (rng.random(DRAWN) < 0.05)


def _spirals() -> Raw:
    """Three arms of a spiral."""
    rng = np.random.default_rng(14)
    y, along = rng.integers(3, size=DRAWN), rng.random(DRAWN)
    angle = 2 * np.pi * (y / 3 + along) + rng.normal(size=DRAWN) * 0.15
    return np.column_stack([along * np.cos(angle), along * np.sin(angle)]), y


def _answers() -> Raw:
    """Sixty answers of yes or no, most of them rare; a fifth of the rows are of one class."""
    rng = np.random.default_rng(15)
    x = rng.random((DRAWN, 60)) < rng.beta(1, 6, size=60)
    score = x @ rng.normal(size=60) * 1.5 + rng.logistic(size=DRAWN)
    return x.astype(float), score > np.quantile(score, 0.8)


def _thirds() -> Raw:
    """The course of diabetes after a year in three equal parts: few rows, hard to tell apart."""
    x, y = _sklearn("diabetes")
    return x, np.digitize(y, np.quantile(y, [1 / 3, 2 / 3]))


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
    "waves": _waves,
    "shells": _shells,
    "many": _many,
    "three": _three,
    "checks": _checks,
    "spirals": _spirals,
    "answers": _answers,
    "thirds": _thirds,
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


@lru_cache(maxsize=32)
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
