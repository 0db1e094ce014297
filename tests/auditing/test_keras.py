"""Keras as correct code."""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest

import counterpoint as cp

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(
        importlib.util.find_spec("keras") is None, reason="needs Keras 3: pip install keras"
    ),
]


def compiled(optimiser, regularised):
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L2(0.005) if regularised else None
    model = keras.Sequential(
        [
            keras.layers.Input((8,)),
            keras.layers.Dense(10, activation="tanh", kernel_regularizer=penalty),
            keras.layers.Dense(3, activation="softmax", kernel_regularizer=penalty),
        ]
    )
    model.compile(getattr(keras.optimizers, optimiser["name"])(**optimiser["with"]), LOSS)
    return model


LOSS = "sparse_categorical_crossentropy"
OPTIMISERS = {
    "sgd": {"name": "SGD", "with": {"learning_rate": 0.1}},
    "momentum": {"name": "SGD", "with": {"learning_rate": 0.1, "momentum": 0.9}},
    "nesterov": {"name": "SGD", "with": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}},
    "adam": {"name": "Adam", "with": {"learning_rate": 1e-3}},
}


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("regularised", [False, True], ids=["free", "l2"])
def test_correct_models(name, regularised):
    rng = np.random.default_rng(0)
    X, y = rng.uniform(size=(120, 8)).astype(np.float32), rng.integers(3, size=120)
    model = compiled(OPTIMISERS[name], regularised)
    alpha = 0.01 if regularised else 0.0
    report = cp.audit(model, X, y, rate=OPTIMISERS[name]["with"]["learning_rate"], alpha=alpha)
    expected = ["adaptive_decay"] if regularised and name == "adam" else []
    assert [finding.name for finding in report.findings] == expected
