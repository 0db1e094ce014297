"""Points at which a network is probed, and the coordinates that are looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from counterpoint.probes.subject import Array, Labels, Rows, Subject, Tensor

Indices = npt.NDArray[np.int64]

#: Coordinates of one array whose slopes are measured.
SAMPLED = 32


def probe_point(subject: Subject, own: Sequence[Array], rng: np.random.Generator) -> list[Array]:
    """Parameters near the network's own at which no unit is saturated and no parameter is zero.

    At zero biases no decay of biases shows, and where units are saturated no slope does. So
    weights are shrunk to the usual size of a fresh layer, and everything is shaken.
    """
    return [_shaken(tensor, array, rng) for tensor, array in zip(subject.tensors, own, strict=True)]


def _shaken(tensor: Tensor, array: Array, rng: np.random.Generator) -> Array:
    if tensor.kind == "norm":
        return np.asarray(array * (1.0 + 0.1 * rng.standard_normal(array.shape)) + 0.05)
    usual = np.sqrt(2.0 / max(sum(array.shape), 2)) if tensor.kind == "weight" else 0.1
    if tensor.kind == "weight" and array.ndim > 2:
        usual = 1.0 / np.sqrt(array[0].size)
    size = root_mean_square(array)
    shrink = min(1.0, usual / size) if size > 0 else 0.0
    shaken = np.asarray(rng.standard_normal(array.shape))
    shaken *= 0.5 * usual
    shaken += shrink * array
    return shaken


def root_mean_square(array: Array) -> float:
    """Size of an array's numbers."""
    return float(np.sqrt(np.mean(array**2))) if array.size else 0.0


def choose_coordinates(moved: Array, rng: np.random.Generator) -> Indices:
    """Flat indices into one array: half of them those that a step moves most, half at random."""
    if moved.size <= SAMPLED:
        return np.arange(moved.size)
    most = np.argpartition(np.abs(moved.ravel()), -SAMPLED // 2)[-SAMPLED // 2 :]
    others = rng.choice(moved.size, size=SAMPLED, replace=False)
    rest = others[~np.isin(others, most)][: SAMPLED - len(most)]
    return np.sort(np.concatenate([most, rest]))


def draw_rows(rows: Rows, size: int, rng: np.random.Generator) -> Rows:
    """Some of the rows, with more than one class among them where there is one."""
    X, y = rows
    for _ in range(20):
        chosen = rng.choice(len(y), size=min(size, len(y)), replace=False)
        if len(np.unique(y[chosen])) > 1:
            break
    return X[chosen], y[chosen]


def made_rows(n_features: int, n_classes: int, n_rows: int, rng: np.random.Generator) -> Rows:
    """Rows for a network that comes without data: uniform features, every class as often."""
    labels: Labels = rng.permutation(np.arange(n_rows) % n_classes)
    return rng.uniform(size=(n_rows, n_features)), labels
