"""Code that is right, by kind: the audit has to be silent on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from auditing.loops import CORRECT as LOOPS
from auditing.textbook import Network
from counterpoint.auditing import Audit, audit

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Right:
    """Correct code: its kind, its name, the audit of it, and what is rightly said of it."""

    kind: str
    name: str
    findings: Callable[[Sizes, int], list[str]]
    expected: list[str] = field(default_factory=list)


def names(report: Audit) -> list[str]:
    return [finding.name for finding in report.findings]


def rows(sizes: Sizes, n: int = 200):
    rng = np.random.default_rng(0)
    return rng.uniform(size=(n, sizes[0])), rng.permutation(np.arange(n) % sizes[-1])


# The textbook's network, in all its forms

BOOK = "the textbook's network"
PENALTIES: tuple[dict[str, float], ...] = (
    {},
    {"lmbda": 5.0},
    {"l1": 2.0},
    {"lmbda": 5.0, "l1": 1.0},
)
TEXTBOOK: tuple[dict[str, Any], ...] = tuple(
    {"cost": cost, **penalty, **({"momentum": momentum} if momentum else {})}
    for cost, penalty, momentum in product(("quadratic", "bce"), PENALTIES, (0.0, 0.9))
)


def in_words(options: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in options.items())


def of_textbook(options: dict[str, Any]) -> Right:
    return Right(
        BOOK,
        in_words(options),
        lambda sizes, seed: names(audit(Network(sizes, seed=seed, **options), seed=seed)),
    )


# scikit-learn

PERCEPTRONS: tuple[dict[str, Any], ...] = (
    {"solver": "sgd"},
    {"solver": "sgd", "momentum": 0.0, "activation": "tanh"},
    {"solver": "sgd", "nesterovs_momentum": False, "alpha": 1.0},
    {"solver": "adam", "alpha": 0.0},
    {"solver": "adam", "alpha": 1.0},
)


def of_perceptron(options: dict[str, Any]) -> Right:
    from sklearn.neural_network import MLPClassifier

    def findings(sizes: Sizes, seed: int) -> list[str]:
        network = MLPClassifier(sizes[1:-1], random_state=seed, **options)
        return names(audit(network, *rows(sizes), seed=seed))

    inside = options["solver"] == "adam" and options["alpha"] > 0
    return Right(
        "scikit-learn's MLPClassifier",
        in_words(options),
        findings,
        ["adaptive_decay"] if inside else [],
    )


# Keras

KERAS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"learning_rate": 0.1}),
    "momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "Nesterov": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    "Adam": ("Adam", {"learning_rate": 1e-3}),
}


def compiled(sizes: Sizes, seed: int, optimiser: str, l2: float, normalised: bool = False):
    import keras

    keras.utils.set_random_seed(seed)
    # Keras's l2 has no half: data loss + l2 |W|^2.
    penalty = keras.regularizers.L2(l2 / 2) if l2 else None
    kind, options = KERAS[optimiser]
    layers: list[Any] = [keras.layers.Input((sizes[0],))]
    for width in sizes[1:-1]:
        layers.append(keras.layers.Dense(width, activation="tanh", kernel_regularizer=penalty))
        layers += [keras.layers.BatchNormalization()] if normalised else []
    layers.append(keras.layers.Dense(sizes[-1], activation="softmax", kernel_regularizer=penalty))
    model = keras.Sequential(layers)
    model.compile(getattr(keras.optimizers, kind)(**options), "sparse_categorical_crossentropy")
    return model


def of_keras(optimiser: str, l2: float, normalised: bool = False) -> Right:
    def findings(sizes: Sizes, seed: int) -> list[str]:
        X, y = rows(sizes)
        model = compiled(sizes, seed, optimiser, l2, normalised)
        rate = KERAS[optimiser][1]["learning_rate"]
        return names(audit(model, X.astype(np.float32), y, rate=rate, alpha=l2, seed=seed))

    name = optimiser + (f", L2 {l2}" if l2 else "") + (", batch normalised" if normalised else "")
    inside = optimiser == "Adam" and l2 > 0
    return Right("Keras", name, findings, ["adaptive_decay"] if inside else [])


ALL: tuple[Right, ...] = (
    *map(of_textbook, TEXTBOOK),
    *(
        Right("PyTorch loops", loop.name, lambda sizes, seed, own=loop: [*own.found(sizes, seed)])
        for loop in LOOPS
    ),
    *map(of_perceptron, PERCEPTRONS),
    *(of_keras(name, l2) for name in KERAS for l2 in (0.0, 0.01)),
    of_keras("SGD", 0.0, normalised=True),
)
