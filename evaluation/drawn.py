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
