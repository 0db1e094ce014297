"""Rows to train on, and rows held out: real tables of scikit-learn, of river and of shared files,
and drawn ones.

A data set belongs to the tuning split or to the test split of the corpus, never to both.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.io import loadmat
from sklearn import datasets

import drawn
from drawn import DRAWN, Raw

Array = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
#: Rows that are held out, at most: the truth about a validation curve is measured on all of them.
MOST_HELD = 1500


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


def _river_folder() -> Path | None:
    """Where the package river keeps its tables; None where it is not installed."""
    spec = find_spec("river")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "datasets"


def _river_text(name: str) -> str:
    """A table in river's wheel, unpacked."""
    folder = _river_folder()
    assert folder is not None, "see available()"
    path = folder / RIVER[name]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0]).decode()
    return gzip.decompress(path.read_bytes()).decode()


def _river(name: str) -> Raw:
    """The first rows of a table in river's wheel, drawn at random; the last column is the class.

    Statlog's image segments and shuttle, and phishing sites: UCI, CC BY 4.0.
    """
    _, *rows = csv.reader(io.StringIO(_river_text(name)))
    order = np.random.default_rng(21).permutation(len(rows))[:DRAWN]
    taken = [rows[i] for i in order]
    return np.array([row[:-1] for row in taken], float), [row[-1] for row in taken]


def _madelon() -> Raw:
    found = loadmat(shared_folder() / "data" / "madelon.mat")
    return found["X"], found["Y"].ravel()


def _words() -> Raw:
    """Two newsgroups by the three hundred words that most of their texts have."""
    x, y = datasets.load_svmlight_file(str(shared_folder() / "data" / "PCMAC.libsvm.bz2"))
    commonest = np.argsort(-x.getnnz(axis=0), kind="stable")[:300]
    return np.log1p(x[:, commonest].toarray()), y


def _news() -> Raw:
    """Twenty newsgroups by the three hundred words that most of their texts have."""
    path = shared_folder() / "data" / "news20.libsvm.bz2"
    x, y = datasets.load_svmlight_file(str(path))
    taken = np.random.default_rng(22).permutation(len(y))[:DRAWN]
    commonest = np.argsort(-x.getnnz(axis=0), kind="stable")[:300]
    return np.log1p(x[taken][:, commonest].toarray()), y[taken]


def _leukaemia() -> Raw:
    """The 150 genes of 72 patients that vary most: too few rows for so many columns."""
    found = loadmat(shared_folder() / "data" / "ALLAML.mat")
    most = np.argsort(-found["X"].std(axis=0), kind="stable")[:150]
    return found["X"][:, most], found["Y"].ravel()


def _bananas() -> Raw:
    """Two classes in the plane, each in the shape of a banana: UCI's rows in river's wheel."""
    rows = [line.split() for line in _river_text("bananas").splitlines() if line.strip()]
    x = [[float(cell.split(":")[1]) for cell in row[1:]] for row in rows]
    return np.array(x[:DRAWN]), [row[0] for row in rows[:DRAWN]]


def _flares() -> Raw:
    """Whether a region of the sun had a flare of class M or X: three regions in a hundred did.

    Statlog's solar flares: UCI, CC BY 4.0. Each value of each column becomes a column.
    """
    _, *rows = csv.reader(io.StringIO(_river_text("flares")))
    cells = np.array(rows)
    x = np.hstack([cells[:, [j]] == np.unique(cells[:, j]) for j in range(10)])
    return x.astype(float), (cells[:, 11:] != "0").any(axis=1)


Table = Callable[[], Raw]
TUNING: dict[str, Table] = {
    "digits": lambda: _sklearn("digits"),
    "breast_cancer": lambda: _sklearn("breast_cancer"),
    "moons": drawn.moons,
    "blobs": drawn.blobs,
    "wide": drawn.wide,
    "spambase": _spambase,
    "rare": drawn.rare,
    "unequal": drawn.unequal,
    "waves": drawn.waves,
    "shells": drawn.shells,
    "many": drawn.many,
    "three": drawn.three,
    "checks": drawn.checks,
    "spirals": drawn.spirals,
    "answers": drawn.answers,
    "thirds": _thirds,
    "wine": lambda: _sklearn("wine"),
    "iris": lambda: _sklearn("iris"),
    "rings": drawn.rings,
    "mixture": drawn.mixture,
    "signs": drawn.signs,
    "mnist": _mnist,
    "a9a": _a9a,
    "segments": lambda: _river("segments"),
    "phishing": lambda: _river("phishing"),
    "shuttle": lambda: _river("shuttle"),
    "madelon": _madelon,
    "words": _words,
    "letters": drawn.letters,
    "charts": drawn.charts,
    "counts": drawn.counts,
    "parity": drawn.parity,
    "grades": drawn.grades,
}
TEST: dict[str, Table] = {
    "bananas": _bananas,
    "flares": _flares,
    "leukaemia": _leukaemia,
    "news": _news,
    "zipf": drawn.zipf,
    "seldom": drawn.seldom,
    "tails": drawn.tails,
    "sums": drawn.sums,
    "shifted": drawn.shifted,
    "nested": drawn.nested,
}
#: Data sets that need the package river: no part of it is imported, its wheel has their files.
RIVER = {
    "segments": "segment.csv.zip",
    "phishing": "phishing.csv.gz",
    "shuttle": "shuttle.csv.gz",
    "bananas": "banana.zip",
    "flares": "solar-flare.csv.zip",
}
#: Data sets that need a file of the shared folder.
SHARED = {
    "spambase": "spambase.csv.gz",
    "a9a": "a9a.t.libsvm.bz2",
    "mnist": "mnist/t10k-images-idx3-ubyte.gz",
    "madelon": "madelon.mat",
    "words": "PCMAC.libsvm.bz2",
    "leukaemia": "ALLAML.mat",
    "news": "news20.libsvm.bz2",
}


def missing(tables: Iterable[str]) -> dict[str, str]:
    """Data sets that are not here → what they need."""
    data, river = shared_folder() / "data", _river_folder()
    of_files = {n: f for n, f in SHARED.items() if not (data / f).is_file()}
    of_river = {n: "river" for n, f in RIVER.items() if not (river and (river / f).is_file())}
    return {name: need for name, need in (of_files | of_river).items() if name in tables}


def available(tables: Iterable[str]) -> list[str]:
    """Names of the data sets that are here."""
    gone = missing(tables)
    return [name for name in tables if name not in gone]


@lru_cache(maxsize=64)
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
