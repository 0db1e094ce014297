"""A training with Keras 3, recorded: the callback `Watch`."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from typing import Any

from counterpoint.errors import InputError

try:
    import keras
except ModuleNotFoundError as error:
    raise InputError(
        "counterpoint.keras needs Keras 3, which is not installed: pip install keras."
    ) from error

from counterpoint.hooks.settings import EVERY, FOLDER, MOST_COPIED, Runs, free_names
from counterpoint.runs.facts import Fact

#: Names of Keras' losses, without underscores → what they are called here.
_LOSSES = {
    "sparsecategoricalcrossentropy": "log",
    "categoricalcrossentropy": "log",
    "binarycrossentropy": "log",
    "mse": "squared",
    "meansquarederror": "squared",
}


class Watch(keras.callbacks.Callback):
    """Records a training with Keras 3.

    At the first batch of an epoch and at every 200th: the norm of the weights, how far the update
    moved them (unless gradients accumulate over batches), the learning rate and the penalty, which
    is what the weights' regularisers add to the loss. After each epoch: all that Keras logs, and
    the losses without that penalty as ``data_loss``; Keras has it in ``loss`` and ``val_loss``
    alike. The penalty in an epoch's loss is the mean over its batches: exact with ``every=1`` and
    batches of one size, else the mean of those measured.

    Every Keras optimiser decouples its own ``weight_decay``: that is in no loss, and recorded as
    ``decoupled_decay``.

    Parameters
    ----------
    folder
        Of the record; each call of ``fit`` is a run of its own in it, of which a step is a batch.
    every
        Batches from one measurement to the next.
    resume_after_step, **facts
        As in `counterpoint.record`; only the first run resumes. ``train_samples`` and the like
        can't be seen from here.

    Raises
    ------
    InputError
        ``every`` is not from 1; when the training begins, the folder can't be written.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] = FOLDER,
        *,
        every: int = EVERY,
        resume_after_step: int | None = None,
        **facts: Any,
    ) -> None:
        super().__init__()
        self._runs = Runs(folder, every, resume_after_step, facts)
        self._begin = self._step = 0
        self._penalties: list[float] = []
        self._measured: dict[str, float] = {}
        self._before: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        seen = _facts_of(self.model) | {
            "epochs": self.params.get("epochs"),
            "steps_per_epoch": self.params.get("steps"),
        }
        self._begin = self._step = self._runs.begin(seen)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._begin, self._penalties = self._step, []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        step = self._begin + batch + 1
        if batch == 0 or step % self._runs.every == 0:
            weights = self.model.trainable_weights
            self._measured = _measured(self.model)
            self._penalties.append(self._measured["penalty"])
            # Where gradients accumulate, a batch may move nothing.
            each = not getattr(_optimizer(self.model), "gradient_accumulation_steps", None)
            few = each and sum(math.prod(w.shape) for w in weights) <= MOST_COPIED
            self._before = [keras.ops.copy(keras.ops.stop_gradient(w)) for w in weights if few]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step = self._begin + batch + 1
        if self._measured and self._runs.recorder is not None:
            moved = math.sqrt(_square(_differences(self.model.trainable_weights, self._before)))
            norm = self._measured["weight_norm"]
            if self._before and norm > 0.0:
                self._measured["update_ratio"] = moved / norm
            self._runs.recorder.log(step=self._step, split="train", **self._measured)
            self._measured, self._before = {}, []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        recorder = self._runs.recorder
        if recorder is None:
            return
        logs = {name: float(value) for name, value in free_names(logs or {}).items()}
        rows: dict[str, dict[str, float]] = {"train": {}, "validation": {}}
        for name, value in logs.items():
            held_out = name.startswith("val_")
            rows["validation" if held_out else "train"][name.removeprefix("val_")] = value
        if len(self.model.losses) == sum(1 for _ in _regularised(self.model)):
            # Nothing but regularisers adds to the loss.
            mean = sum(self._penalties) / len(self._penalties) if self._penalties else math.nan
            now = _penalty(self.model)
            for split, penalty in (("train", mean), ("validation", now)):
                if "loss" in rows[split]:
                    rows[split]["data_loss"] = rows[split]["loss"] - penalty
        for split, row in rows.items():
            if row:
                recorder.log(step=self._step, epoch=epoch + 1, split=split, **row)
        recorder.flush()

    def on_train_end(self, logs: Any = None) -> None:
        self._runs.close()


def _optimizer(model: Any) -> Any:
    """What moves the weights, without what scales the loss around it; None where nothing does."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def _measured(model: Any) -> dict[str, float]:
    """What is known of the weights as they are now."""
    found = {
        "weight_norm": math.sqrt(_square(model.trainable_weights)),
        "penalty": _penalty(model),
    }
    optimizer = _optimizer(model)
    if optimizer is not None:
        found["learning_rate"] = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
    if optimizer is not None and (decay := optimizer.weight_decay):
        decays = [w for w in model.trainable_weights if optimizer._use_weight_decay(w)]
        found["decoupled_decay"] = 0.5 * float(decay) * _square(decays)
    return found


def _regularised(model: Any) -> Iterable[Any]:
    return (w for w in model.trainable_weights if w.regularizer is not None)


def _penalty(model: Any) -> float:
    """What the regularisers of the weights add to the loss."""
    return _total(w.regularizer(keras.ops.stop_gradient(w)) for w in _regularised(model))


def _square(weights: Iterable[Any]) -> float:
    return _total(keras.ops.sum(keras.ops.square(keras.ops.stop_gradient(w))) for w in weights)


def _differences(new: Iterable[Any], old: list[Any]) -> Iterable[Any]:
    return (keras.ops.subtract(b, a) for a, b in zip(old, new, strict=False))


def _total(numbers: Iterable[Any]) -> float:
    """Sum of tensors of one number each, brought to the host at once."""
    every = [keras.ops.cast(keras.ops.sum(n), "float32") for n in numbers]
    return float(keras.ops.convert_to_numpy(keras.ops.stack(every)).sum()) if every else 0.0


def _facts_of(model: Any) -> dict[str, Fact]:
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or ""
    plain = str(name).replace("_", "").lower()
    facts = _facts_of_optimizer(_optimizer(model)) | {
        "loss": _LOSSES.get(plain),
        "label_smoothing": getattr(loss, "label_smoothing", None) or None,
    }
    shape = getattr(model, "output_shape", None)
    if "crossentropy" in plain and isinstance(shape, tuple) and isinstance(shape[-1], int):
        if "categorical" in plain or shape[-1] == 1:
            facts["classes"] = max(2, shape[-1])
        else:
            facts["loss"] = None  # The mean over K > 1 sigmoids has no name of its own.
    return {fact: value for fact, value in facts.items() if value is not None}


def _facts_of_optimizer(optimizer: Any) -> dict[str, Fact]:
    if optimizer is None:
        return {}
    return {
        "optimiser": type(optimizer).__name__.lower(),
        "learning_rate": float(keras.ops.convert_to_numpy(optimizer.learning_rate)),
        "momentum": float(getattr(optimizer, "momentum", 0.0) or 0.0) or None,
        "weight_decay": optimizer.weight_decay or None,
        "decay_kind": "decoupled" if optimizer.weight_decay else None,
    }
