"""The data of the works: (x, label) with labels counted from 0, or `Missing`."""

from __future__ import annotations

import bz2
import gzip
import os
from functools import cache
from pathlib import Path

import numpy as np
from scipy import io, sparse

Data = tuple[np.ndarray | sparse.csr_matrix, np.ndarray]


class Missing(Exception):
    """The data are not there; the message says which."""


def mnist() -> Data:
    """Digits, pixels scaled to [0, 1] and kept in float32, which holds each to 2^-24."""
    pixels = _idx("mnist/train-images-idx3-ubyte.gz", header=16).reshape(-1, 784)
    labels = _idx("mnist/train-labels-idx1-ubyte.gz", header=8)
    return (pixels / np.float32(255)).astype(np.float32), labels.astype(np.intp)


def mnist_first_10000() -> Data:
    x, label = mnist()
    return x[:10_000], label[:10_000]


def mnist_high_digits() -> Data:
    """Is the digit 5 or more? On the 717 pixels that are not the same everywhere."""
    x, label = mnist()
    varies = x.max(axis=0) > x.min(axis=0)
    return np.ascontiguousarray(x[:, varies]), (label >= 5).astype(np.intp)


def news20() -> Data:
    return _libsvm("news20.libsvm.bz2")


def news20_one_class() -> Data:
    x, label = news20()
    return x, (label == 0).astype(np.intp)


def pcmac() -> Data:
    return _libsvm("PCMAC.libsvm.bz2")


def a9a() -> Data:
    return _libsvm("a9a.libsvm.bz2")


def allaml() -> Data:
    """Gene expressions; they come standardised."""
    content = io.loadmat(_path("ALLAML.mat"))
    return np.asarray(content["X"], dtype=np.float64), _counted(content["Y"].ravel())


def digits() -> Data:
    """8 by 8 pixels, scaled to [0, 1]; comes with scikit-learn."""
    from sklearn.datasets import load_digits

    x, label = load_digits(return_X_y=True)
    return x / 16, label.astype(np.intp)


def digits_high() -> Data:
    x, label = digits()
    return np.ascontiguousarray(x[:, x.std(axis=0) > 0]), (label >= 5).astype(np.intp)


def synthetic(rows: int, classes: int) -> Data:
    """100 columns of growing scale; labels drawn from a softmax model, so classes overlap."""
    rng = np.random.default_rng(20261121)
    x = rng.normal(size=(rows, 100)) * np.geomspace(0.1, 2, 100)
    weights = rng.normal(size=(100, classes)) / 5
    label = np.argmax(x @ weights + rng.gumbel(size=(rows, classes)), axis=1)
    label[:classes] = np.arange(classes)
    return x.astype(np.float32), label


def _path(name: str) -> Path:
    given = os.environ.get("COUNTERPOINT_SHARED")
    shared = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    path = shared / "data" / name
    if not path.is_file():
        raise Missing(f"data/{name} is not there: set COUNTERPOINT_SHARED to the folder of data/")
    return path


def _idx(name: str, header: int) -> np.ndarray:
    return np.frombuffer(gzip.decompress(_path(name).read_bytes()), dtype=np.uint8, offset=header)


@cache
def _libsvm(name: str) -> Data:
    from sklearn.datasets import load_svmlight_file

    with bz2.open(_path(name)) as file:
        x, y = load_svmlight_file(file)
    x = sparse.csr_matrix(x)
    x.sort_indices()
    return x, _counted(y)


def _counted(y: np.ndarray) -> np.ndarray:
    return np.unique(y, return_inverse=True)[1].astype(np.intp)
