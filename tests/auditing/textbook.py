"""The network of the textbooks: sigmoids, quadratic cost or cross-entropy, L1 and L2, momentum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(z / 2.0))


class Network:
    """Rows in, rows out; ``lmbda`` is divided by the number of training rows."""

    def __init__(
        self,
        sizes,
        *,
        cost="quadratic",
        eta=0.5,
        lmbda=0.0,
        l1=0.0,
        momentum=0.0,
        n_train=500,
        seed=0,
    ):
        rng = np.random.default_rng(seed)
        self.weights = [rng.standard_normal((a, b)) / np.sqrt(a) for a, b in pairwise(sizes)]
        self.biases = [np.zeros(b) for b in sizes[1:]]
        self.kind, self.eta, self.lmbda, self.l1 = cost, eta, lmbda, l1
        self.momentum, self.n_train = momentum, n_train
        self.velocity = [np.zeros_like(p) for p in self.weights + self.biases]

    # What goes forward

    def activations(self, X):
        found = [X]
        for w, b in zip(self.weights, self.biases, strict=True):
            found.append(sigmoid(found[-1] @ w + b))
        return found

    def outputs(self, X):
        return self.activations(X)[-1]

    def target(self, y):
        return np.eye(len(self.biases[-1]))[y]

    def loss_per_row(self, X, y):
        a, t = self.outputs(X), self.target(y)
        if self.kind == "quadratic":
            return ((a - t) ** 2).sum(axis=1) / 2
        return -(t * np.log(a) + (1 - t) * np.log(1 - a)).sum(axis=1)

    def data_part(self, X, y):
        return self.loss_per_row(X, y).mean()

    def penalty(self, n):
        squares = sum((w**2).sum() for w in self.weights)
        return self.lmbda / n * squares / 2 + self.l1 / n * sum(
            np.abs(w).sum() for w in self.weights
        )

    def cost(self, X, y):
        return self.data_part(X, y) + self.penalty(self.n_train)

    def accuracy(self, X, y):
        return np.mean(self.outputs(X).argmax(axis=1) == y)

    # What goes back

    def output_error(self, a, t):
        return (a - t) * a * (1 - a) if self.kind == "quadratic" else a - t

    def hidden_error(self, error, layer, a):
        return error @ self.weights[layer + 1].T * a * (1 - a)

    def slopes(self, X, y):
        """Mean slopes of the data loss by weights and biases."""
        a = self.activations(X)
        error = self.output_error(a[-1], self.target(y))
        by_weight, by_bias = [], []
        for layer in reversed(range(len(self.weights))):
            by_weight.insert(0, a[layer].T @ error / len(y))
            by_bias.insert(0, error.mean(axis=0))
            if layer:
                error = self.hidden_error(error, layer - 1, a[layer])
        return by_weight, by_bias

    def decay(self, w):
        return self.lmbda / self.n_train * w + self.l1 / self.n_train * np.sign(w)

    def bias_decay(self, b):
        return 0.0

    def step(self, X, y):
        by_weight, by_bias = self.slopes(X, y)
        slopes = [g + self.decay(w) for g, w in zip(by_weight, self.weights, strict=True)]
        slopes += [g + self.bias_decay(b) for g, b in zip(by_bias, self.biases, strict=True)]
        for p, v, g in zip(self.weights + self.biases, self.velocity, slopes, strict=True):
            v *= self.momentum
            v -= self.eta * g
            p += v
