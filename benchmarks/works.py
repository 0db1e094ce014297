"""The works: which data, loss, penalty, strengths and folds, and the target for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import sparse

import data_sets
from data_sets import Data
from problem import Problem

#: What ``folds`` holds for leave-one-out.
LEAVE_ONE_OUT = -1
#: Rows and strengths of a work that is run with --quick.
QUICK_ROWS, QUICK_ALPHAS = 600, 8


@dataclass(frozen=True)
class Strengths:
    """``count`` alphas from ``greatest`` down to ``least``.

    Where ``span`` is given, from the strength that stills every weight down to its ``span``-th.
    """

    count: int
    greatest: float = 0.0
    least: float = 0.0
    span: float | None = None

    def of(self, x: np.ndarray, label: np.ndarray, l1_ratio: float) -> np.ndarray:
        if self.span is None:
            return np.geomspace(self.greatest, self.least, self.count)
        greatest = stilling(x, label, l1_ratio)
        return np.geomspace(greatest, greatest / self.span, self.count)


@dataclass(frozen=True)
class Target:
    """Times faster than which peer; without a peer, than the fastest that gets there."""

    times: float
    peer: str | None = None


@dataclass(frozen=True)
class Work:
    """One row of the benchmark.

    Attributes
    ----------
    folds
        Held-out folds beside the fit on every row: 0, a number, or `LEAVE_ONE_OUT`.
    only
        Contestants that are asked; everyone by default.
    """

    name: str
    title: str
    data: Callable[[], Data]
    loss: str
    l1_ratio: float
    strengths: Strengths
    folds: int = 0
    targets: tuple[Target, ...] = ()
    only: tuple[str, ...] | None = None

    def problem(self, quick: bool) -> Problem:
        """The data and the grid; ``quick`` takes a few rows and the strongest alphas."""
        x, label = self.data()
        folds = len(label) if self.folds == LEAVE_ONE_OUT else self.folds
        if quick:
            rows = np.sort(np.random.default_rng(0).permutation(len(label))[:QUICK_ROWS])
            x, label = x[rows], np.unique(label[rows], return_inverse=True)[1]
            folds = min(folds, 3)
        alphas = self.strengths.of(x, label, self.l1_ratio)
        if quick:
            # A coarser grid would not do: some peers run away where neighbours are far apart.
            alphas = alphas[:QUICK_ALPHAS]
        return Problem(x, label, self.loss, self.l1_ratio, alphas, training_rows(label, folds))


def training_rows(label: np.ndarray, folds: int) -> np.ndarray:
    """Rows that train each fold, (1 + folds, n): every row, then all but a stratified part."""
    order = np.random.default_rng(0).permutation(len(label))
    order = order[np.argsort(label[order], kind="stable")]
    train = np.ones((1 + folds, len(label)), dtype=bool)
    if folds:
        train[1 + np.arange(len(label)) % folds, order] = False
    return train


def stilling(x: np.ndarray | sparse.csr_matrix, label: np.ndarray, l1_ratio: float) -> float:
    """A strength at which the log loss's weights are all but zero.

    With an L1 part max |x'(p - y)|/n / l1_ratio at the base rates p, which makes each exactly
    zero. With L2 alone a bound of the greatest curvature, the mean squared length of a row over 4.
    """
    n = len(label)
    if not l1_ratio:
        return float((x**2).sum() / (4 * n))
    one_hot = (label[:, None] == np.arange(label.max() + 1)).astype(np.float64)
    residual = one_hot.mean(axis=0) - one_hot
    return float(np.abs(x.T @ residual).max() / n / l1_ratio)


_TO_A_THOUSANDTH = Strengths(30, span=1000)
_WIDE = Strengths(100, span=1000)
#: L2 stills no weight, so its range is wider.
_WIDE_L2 = Strengths(100, span=1e6)
_MNIST_L2 = Strengths(20, 10, 1e-6)


def _both(name: str, title: str, data: Callable[[], Data]) -> list[Work]:
    """L1 and elastic net of two classes, path only."""
    strengths, targets = _TO_A_THOUSANDTH, (Target(2),)
    return [
        Work(f"{name}-l1", f"{title} L1", data, "log", 1.0, strengths, targets=targets),
        Work(f"{name}-en", f"{title} elastic net", data, "log", 0.5, strengths, targets=targets),
    ]


def _wide(tag: str, penalty: str, share: float, strengths: Strengths = _WIDE) -> Work:
    title = f"ALLAML, leave-one-out, logistic {penalty}"
    folds, targets = LEAVE_ONE_OUT, (Target(3),)
    return Work(f"allaml-{tag}", title, data_sets.allaml, "log", share, strengths, folds, targets)


def _growth(axis: str, size: int, rows=10_000, alphas=10, folds=1, classes=5) -> Work:
    return Work(
        f"growth-{axis}-{size}",
        f"growth: {size:,} {axis}",
        partial(data_sets.synthetic, rows, classes),
        "log",
        0.0,
        Strengths(alphas, 10, 1e-6),
        0 if folds == 1 else folds,
        only=("counterpoint", "scikit-learn"),
    )


WORKS = {
    work.name: work
    for work in (
        Work(
            "digits-softmax-l2",
            "digits, softmax L2",
            data_sets.digits,
            "log",
            0.0,
            _MNIST_L2,
        ),
        Work(
            "digits-logistic-l1",
            "digits 5 and above, 5 folds, logistic L1",
            data_sets.digits_high,
            "log",
            1.0,
            _TO_A_THOUSANDTH,
            5,
        ),
        Work(
            "mnist-softmax-l2",
            "MNIST, softmax L2",
            data_sets.mnist,
            "log",
            0.0,
            _MNIST_L2,
            targets=(Target(10), Target(50, "scikit-learn")),
        ),
        Work(
            "mnist-softmax-l2-cv",
            "MNIST, 5 folds, softmax L2",
            data_sets.mnist,
            "log",
            0.0,
            _MNIST_L2,
            5,
            (Target(25),),
        ),
        Work(
            "mnist-logistic-l1",
            "MNIST 5 and above, logistic L1",
            data_sets.mnist_high_digits,
            "log",
            1.0,
            _TO_A_THOUSANDTH,
            0,
            (Target(2),),
        ),
        Work(
            "mnist-logistic-l1-cv",
            "MNIST 5 and above, 5 folds, logistic L1",
            data_sets.mnist_high_digits,
            "log",
            1.0,
            _TO_A_THOUSANDTH,
            5,
            (Target(5),),
        ),
        Work(
            "mnist10k-softmax-l1",
            "MNIST 10,000 rows, softmax L1",
            data_sets.mnist_first_10000,
            "log",
            1.0,
            _TO_A_THOUSANDTH,
            0,
            (Target(3),),
        ),
        Work(
            "news20-softmax-l1",
            "news20, softmax L1",
            data_sets.news20,
            "log",
            1.0,
            _TO_A_THOUSANDTH,
            0,
            (Target(3),),
        ),
        *_both("news20-one", "news20 one against the rest, logistic", data_sets.news20_one_class),
        *_both("pcmac", "PCMAC, logistic", data_sets.pcmac),
        *_both("a9a", "a9a, logistic", data_sets.a9a),
        _wide("l1", "L1", 1.0),
        _wide("l2", "L2", 0.0, _WIDE_L2),
        _wide("en", "elastic net", 0.5),
        Work(
            "mnist-ridge-cv",
            "MNIST, 5 folds, ridge classifier",
            data_sets.mnist,
            "squared",
            0.0,
            Strengths(100, 10, 1e-6),
            5,
            (Target(2, "ridge-classifier-cv"),),
        ),
        *(_growth("rows", rows, rows=rows) for rows in (10_000, 30_000, 100_000)),
        *(_growth("alphas", alphas, alphas=alphas) for alphas in (10, 30, 100)),
        *(_growth("folds", folds, folds=folds) for folds in (1, 3, 10)),
        *(_growth("classes", classes, classes=classes) for classes in (2, 10, 30, 100)),
    )
}
