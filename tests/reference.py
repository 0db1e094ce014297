"""Random problems, and a slow neutral reference to hold the fits against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from counterpoint.fit.folds import Folds, cross_validation
from counterpoint.fit.linear import make_problem
from counterpoint.objective import loss_named


@dataclass(frozen=True)
class Data:
    X: object
    y: np.ndarray
    weight: np.ndarray

    @property
    def classes(self):
        return np.unique(self.y)


def make_data(n, d, n_classes, seed=0, weighted=False, signal=1.5, form="dense") -> Data:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * rng.uniform(0.5, 3, d) + rng.normal(size=d)
    if form == "sparse":
        X[rng.random(X.shape) < 0.7] = 0.0
    direction = rng.normal(size=(d, n_classes)) * signal / np.sqrt(d)
    y = np.argmax(X @ direction + rng.gumbel(size=(n, n_classes)), axis=1)
    y[:n_classes] = y[n_classes : 2 * n_classes] = np.arange(n_classes)
    weight = rng.uniform(0, 2, n) if weighted else np.ones(n)
    weight[: 2 * n_classes] = 1.0
    return Data(sparse.csr_array(X) if form == "sparse" else X, y, weight)


def as_problem(data: Data, n_folds=3, scale="none", seed=0, folds: Folds | None = None):
    classes, index = np.unique(data.y, return_inverse=True)
    if folds is None:
        folds = cross_validation(index, data.weight, n_folds, seed, classes)
    names = tuple(f"x{j}" for j in range(data.X.shape[1]))
    return make_problem(data.X, index, classes, names, data.weight, folds, scale, seed, ())


def written_out_objective(loss_name, penalty, alpha, X, y, weight, coef, intercept) -> float:
    """mean loss + alpha * penalty, by the plainest formulas there are; one fit."""
    classes = np.unique(y)
    X = X.toarray() if sparse.issparse(X) else np.asarray(X)
    z = X @ coef.T + intercept
    share = weight / weight.sum()
    if loss_name == "log" and len(classes) > 2:
        index = np.searchsorted(classes, y)
        per_row = np.logaddexp.reduce(z, axis=1) - z[np.arange(len(y)), index]
    else:
        positive = classes[1:] if len(classes) == 2 else classes
        m = np.where(y[:, None] == positive, 1.0, -1.0) * z
        r = 1 - m
        per_output = {
            "log": np.logaddexp(0, -m),
            "squared": 0.5 * r**2,
            "squared_hinge": np.maximum(r, 0) ** 2,
            "huber": np.where(np.abs(r) <= 1, 0.5 * r**2, np.abs(r) - 0.5),
            "modified_huber": np.where(m >= -1, np.maximum(r, 0) ** 2, -4 * m),
            "smooth_hinge": np.where(m <= 0, 0.5 - m, 0.5 * np.maximum(r, 0) ** 2),
        }[loss_name]
        per_row = per_output.sum(axis=1)
    rho = penalty.l1_ratio
    omega = rho * np.abs(coef).sum() + (1 - rho) / 2 * (coef**2).sum()
    return float(share @ per_row + alpha * omega)


def least_objective(loss_name, penalty, alpha, X, y, weight) -> float:
    """The least objective, by L-BFGS-B on split weights: slow, general, nothing of ours but ℓ'."""
    classes = np.unique(y)
    loss = loss_named(loss_name, len(classes))
    target = loss.encode(np.searchsorted(classes, y), len(classes))
    X = X.toarray() if sparse.issparse(X) else np.asarray(X)
    outputs, d = len(target), X.shape[1]
    share = weight / weight.sum()
    rho = penalty.l1_ratio
    spread = np.maximum(X.std(axis=0), 1e-12)

    def cost(flat):
        plus, minus, b = np.split(flat, [outputs * d, 2 * outputs * d])
        scaled = (plus - minus).reshape(outputs, d)
        w = scaled / spread
        z = w @ X.T + b[:, None]
        residual = loss.gradient(z, target) * share
        value = share @ loss.value(z, target)
        value += alpha * (
            rho * ((plus + minus) / np.tile(spread, outputs)).sum() + (1 - rho) / 2 * (w**2).sum()
        )
        g = ((residual @ X + alpha * (1 - rho) * w) / spread).ravel()
        l1 = alpha * rho / np.tile(spread, outputs)
        return value, np.concatenate([g + l1, -g + l1, residual.sum(axis=1)])

    size = outputs * d
    low = None if rho == 0 else 0.0
    bounds = (
        [(low, None)] * size + [(0.0, 0.0 if rho == 0 else None)] * size + [(None, None)] * outputs
    )
    options = {"maxiter": 50_000, "maxfun": 200_000, "ftol": 1e-16, "gtol": 1e-12, "maxcor": 50}
    flat = np.zeros(2 * size + outputs)
    for _ in range(12):
        flat = optimize.minimize(
            cost, flat, jac=True, method="L-BFGS-B", bounds=bounds, options=options
        ).x
        # One of each pair is zero at the optimum: a restart from there shakes off a stall.
        both = np.minimum(flat[:size], flat[size : 2 * size]) if rho else 0.0
        flat[:size] -= both
        flat[size : 2 * size] -= both
    return float(cost(flat)[0])
