"""Tables that are drawn: each is rows and labels, always the same ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import datasets

#: Rows and labels as their source has them.
Raw = tuple[Any, Any]

#: Rows of a drawn table: enough for any training and for the held-out rows.
DRAWN = 3000


def moons() -> Raw:
    return datasets.make_moons(DRAWN, noise=0.25, random_state=1)


def blobs() -> Raw:
    return datasets.make_blobs(DRAWN, centers=5, n_features=4, cluster_std=2.5, random_state=2)


def wide() -> Raw:
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


def rings() -> Raw:
    return datasets.make_circles(DRAWN, noise=0.12, factor=0.5, random_state=4)


def mixture() -> Raw:
    """Six overlapping clouds of unequal size."""
    rng = np.random.default_rng(5)
    y = rng.choice(6, DRAWN, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    return rng.normal(size=(6, 12))[y] * 1.1 + rng.normal(size=(DRAWN, 12)), y


def signs() -> Raw:
    """Two classes that 8 of 120 columns tell apart, one row in ten wrongly."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=(DRAWN, 120))
    y = x[:, :8].sum(axis=1) + rng.normal(size=DRAWN) > 0
    return x, y


def rare() -> Raw:
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


def unequal() -> Raw:
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


def waves() -> Raw:
    """Breiman's waveforms: three classes of noisy mixtures of two triangles each, at 21 places."""
    rng = np.random.default_rng(9)
    y, share = rng.integers(3, size=DRAWN), rng.random((DRAWN, 1))
    peaks = np.array([[6, 14], [6, 10], [10, 14]])[y]
    waves = np.maximum(0, 6 - np.abs(np.arange(21) - peaks[..., None]))
    clean = share * waves[:, 0] + (1 - share) * waves[:, 1]
    return clean + rng.normal(size=clean.shape), y


def shells() -> Raw:
    """Four shells of one cloud in ten dimensions: nothing for a linear model."""
    return datasets.make_gaussian_quantiles(
        n_samples=DRAWN, n_features=10, n_classes=4, random_state=10
    )


def many() -> Raw:
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


def three() -> Raw:
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


def checks() -> Raw:
    """A chequered square of three by three, one row in twenty wrongly."""
    rng = np.random.default_rng(13)
    x = rng.random((DRAWN, 2))
    return x, (np.floor(3 * x).sum(axis=1) % 2) != (rng.random(DRAWN) < 0.05)


def spirals() -> Raw:
    """Three arms of a spiral."""
    rng = np.random.default_rng(14)
    y, along = rng.integers(3, size=DRAWN), rng.random(DRAWN)
    angle = 2 * np.pi * (y / 3 + along) + rng.normal(size=DRAWN) * 0.15
    return np.column_stack([along * np.cos(angle), along * np.sin(angle)]), y


def answers() -> Raw:
    """Sixty answers of yes or no, most of them rare; a fifth of the rows are of one class."""
    rng = np.random.default_rng(15)
    x = rng.random((DRAWN, 60)) < rng.beta(1, 6, size=60)
    score = x @ rng.normal(size=60) * 1.5 + rng.logistic(size=DRAWN)
    return x.astype(float), score > np.quantile(score, 0.8)


def letters() -> Raw:
    """Twenty-six classes that sixteen columns tell apart."""
    rng = np.random.default_rng(16)
    y = rng.integers(26, size=DRAWN)
    return rng.normal(size=(26, 16))[y] * 1.6 + rng.normal(size=(DRAWN, 16)), y


def charts() -> Raw:
    """Control charts (Alcock and Manolopoulos 1999): six patterns in sixty steps, under noise.

    Level, cycle, trend up and down, shift up and down.
    """
    rng = np.random.default_rng(17)
    y, time = rng.integers(6, size=DRAWN), np.arange(60)
    one = lambda low, high: rng.uniform(low, high, (DRAWN, 1))  # noqa: E731
    cycle = one(10, 15) * np.sin(2 * np.pi * time / one(10, 15))
    trend, shift = one(0.2, 0.5) * time, one(7.5, 20) * (time >= one(20, 40))
    clean = np.stack([0 * time + 0 * cycle, cycle, trend, -trend, shift, -shift])
    return clean[y, np.arange(DRAWN)] + rng.normal(size=(DRAWN, 60)) * 6, y


def counts() -> Raw:
    """How often each of eighty words occurs in a text of one of four subjects; most never do."""
    rng = np.random.default_rng(18)
    y = rng.choice(4, DRAWN, p=[0.4, 0.3, 0.2, 0.1])
    often = rng.gamma(0.3, 1.0, size=(4, 80))
    often = (often + often.mean(axis=0)) / 2  # subjects share their words
    length = rng.lognormal(2.5, 0.7, size=(DRAWN, 1))
    return rng.poisson(length * (often / often.sum(axis=1, keepdims=True))[y]), y


def parity() -> Raw:
    """Whether an even number of three of ten signs are positive: no column tells alone."""
    rng = np.random.default_rng(19)
    x = rng.normal(size=(DRAWN, 10))
    return x, (x[:, :3] > 0).sum(axis=1) % 2


def grades() -> Raw:
    """250 rows of heavy-tailed columns, in five ordered classes of unequal size."""
    rng = np.random.default_rng(20)
    x = rng.standard_t(2, size=(250, 25))
    score = np.arctan(x) @ np.where(np.arange(25) < 6, 1.0, 0.0) + rng.normal(size=250) * 0.7
    return x, np.digitize(score, np.quantile(score, [0.4, 0.7, 0.87, 0.95]))


def zipf() -> Raw:
    """Twenty-four classes, the k-th in proportion to 1/k: a quarter of the rows to a hundredth."""
    rng = np.random.default_rng(23)
    y = rng.choice(24, DRAWN, p=(size := 1 / np.arange(1, 25)) / size.sum())
    return rng.normal(size=(24, 20))[y] * 1.3 + rng.normal(size=(DRAWN, 20)), y


def seldom() -> Raw:
    """Two classes, one of them three rows in a hundred, in a curved region of six columns."""
    rng = np.random.default_rng(24)
    x = rng.normal(size=(DRAWN, 6))
    score = x[:, 0] * x[:, 1] + x[:, 2] ** 2 + x[:, 3] + rng.normal(size=DRAWN) * 0.5
    return x, score > np.quantile(score, 0.97)


def tails() -> Raw:
    """Logistic classes by five of eighty columns, whose values have heavy tails."""
    rng = np.random.default_rng(25)
    x = rng.standard_t(3, size=(DRAWN, 80))
    score = x[:, :5] @ np.array([1.5, -1.2, 1.0, -0.8, 0.6]) + rng.logistic(size=DRAWN)
    return x, score > 0.7


def sums() -> Raw:
    """The sum of three digits, each one of ten columns under noise: 28 classes, a bell."""
    rng = np.random.default_rng(26)
    digits = rng.integers(10, size=(DRAWN, 3))
    shown = (digits[..., None] == np.arange(10)).reshape(DRAWN, 30)
    return shown + rng.normal(size=(DRAWN, 30)) * 0.2, digits.sum(axis=1)


def shifted() -> Raw:
    """Five shapes of a wave in forty steps that begin anywhere, under noise."""
    rng = np.random.default_rng(27)
    y = rng.integers(5, size=DRAWN)
    place = (np.arange(40) / 40 + rng.random((DRAWN, 1))) % 1
    turn = 2 * np.pi * place
    shapes = [
        np.sin(turn),
        np.sign(np.sin(turn)),
        2 * place - 1,
        np.sin(2 * turn),
        np.cos(turn) ** 3,
    ]
    clean = np.stack(shapes)[y, np.arange(DRAWN)]
    return clean + rng.normal(size=clean.shape) * 0.3, y


def nested() -> Raw:
    """Boxes within boxes in five dimensions; a row of an inner one is often called the next."""
    rng = np.random.default_rng(28)
    x = rng.uniform(-1, 1, size=(DRAWN, 5))
    box = np.digitize(np.abs(x).max(axis=1), [0.62, 0.76, 0.9])
    return x, np.where(rng.random(DRAWN) < 0.15, np.minimum(box + 1, 3), box)
