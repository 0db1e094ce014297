"""Keras as correct code, and what can not be audited of it."""

from __future__ import annotations

import importlib.util
import os

import pytest

import counterpoint as cp
from auditing import correct
from counterpoint.errors import InputError

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(
        importlib.util.find_spec("keras") is None, reason="needs Keras 3: pip install keras"
    ),
]
os.environ.setdefault("KERAS_BACKEND", "torch")
KERAS = [right for right in correct.ALL if right.kind == "Keras"]


@pytest.mark.parametrize("right", KERAS, ids=lambda right: right.name)
def test_correct_models(right):
    assert right.findings((8, 10, 3), 0) == right.expected


def test_a_model_that_is_not_compiled():
    import keras

    model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(3)])
    with pytest.raises(InputError, match="call compile"):
        cp.audit(model, *correct.rows((8, 3)))
    with pytest.raises(InputError, match="give X and y"):
        cp.audit(model)
