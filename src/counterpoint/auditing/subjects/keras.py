"""A compiled Keras 3 model as a subject: `train_on_batch` is its step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from counterpoint.errors import InputError
from counterpoint.probes.subject import Array, Kind, Labels, Subject, Tensor


def is_keras(network: Any) -> bool:
    """Whether it is one, without importing Keras for it."""
    return any(
        kind.__name__ == "Model" and kind.__module__.startswith("keras.")
        for kind in type(network).__mro__
    )


def keras_subject(model: Any) -> Subject:
    """The model as the audit uses it. Rows go in one a row, labels as numbers.

    Raises
    ------
    InputError
        It is not compiled, or not built.
    """
    if getattr(model, "optimizer", None) is None or not model.built:
        raise InputError("the Keras model is not compiled and built: call compile() first.")
    variables = model.trainable_variables
    model.optimizer.build(variables)
    held = [*model.variables, *model.optimizer.variables]

    def read() -> list[Array]:
        return [np.asarray(_plain(v), dtype=np.float64) for v in variables]

    def write(values: Sequence[Array]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def poke(k: int, index: int, value: float) -> None:
        changed = np.array(_plain(variables[k]))
        changed.flat[index] = value
        variables[k].assign(changed)

    def restore(saved: Any) -> None:
        for variable, value in zip(held, saved, strict=True):
            variable.assign(value)

    def stir(seed: int) -> None:
        # Dropout keeps its random numbers among the variables.
        for variable in held:
            if "seed_generator_state" in variable.path:
                variable.assign(np.asarray(_plain(variable)) + seed % 1000)

    def cost(X: Array, y: Labels) -> float:
        # Keras reports a running mean of all batches since the last reset.
        model.reset_metrics()
        return float(model.test_on_batch(X, y, return_dict=True)["loss"])

    return Subject(
        tensors=_tensors(variables),
        read=read,
        write=write,
        poke=poke,
        step=model.train_on_batch,
        save=lambda: [np.array(_plain(v)) for v in held],
        restore=restore,
        stir=stir,
        cost=cost,
        outputs=lambda X: _numbers(model(X, training=True)),
        evaluated_outputs=lambda X: _numbers(model.predict_on_batch(X)),
        resolution=max(float(np.finfo(_plain(v).dtype).eps) for v in variables),
        read_as=("a Keras model: train_on_batch, test_on_batch, predict_on_batch",),
    )


def _plain(variable: Any) -> Any:
    return _array(variable.value)


def _numbers(outputs: Any) -> Array:
    return np.asarray(_array(outputs), dtype=np.float64)


def _array(value: Any) -> Any:
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)


def _tensors(variables: Sequence[Any]) -> tuple[Tensor, ...]:
    found: list[Tensor] = []
    layers: list[str] = []
    for variable in variables:
        owner, _, own = variable.path.rpartition("/")
        if owner not in layers:
            layers.append(owner)
        kind: Kind = "norm" if own in ("gamma", "beta") else "bias" if own == "bias" else "weight"
        place = layers.index(owner) + 1
        found.append(Tensor(variable.path, kind, place, tuple(variable.shape)))
    return tuple(found)
