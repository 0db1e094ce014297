"""A training with Hugging Face's Trainer, recorded: the callback `Watch`."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

from counterpoint.errors import InputError

try:
    from transformers import TrainerCallback
except ModuleNotFoundError as error:
    raise InputError(
        "counterpoint.transformers needs Transformers, which is not installed: "
        "pip install transformers."
    ) from error

from counterpoint.hooks.settings import EVERY, FOLDER, Runs, free_names
from counterpoint.hooks.weights import Weights


class Watch(TrainerCallback):
    """Records a training with Hugging Face's Trainer.

    Whenever the Trainer logs: its numbers, those of evaluations as validation rows. At update 1 and
    at every 200th: the norm of the weights, how far the update moved them, the penalty and the
    learning rate.

    Parameters
    ----------
    folder
        Of the record; each call of ``train`` is a run of its own in it.
    penalty
        Model → what your ``compute_loss`` adds to the data loss; then ``data_loss`` is recorded
        too. None says nothing of what is in the loss. ``weight_decay`` needs no mention, see
        `counterpoint.torch.watch`.
    every
        Updates from one measurement to the next.
    resume_after_step, **facts
        As in `counterpoint.record`; only the first run resumes.

    Raises
    ------
    InputError
        ``every`` is not from 1; when the training begins, the folder can't be written.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] = FOLDER,
        *,
        penalty: Callable[[Any], Any] | None = None,
        every: int = EVERY,
        resume_after_step: int | None = None,
        **facts: Any,
    ) -> None:
        self._runs = Runs(folder, every, resume_after_step, facts)
        self._penalty = penalty

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if not state.is_world_process_zero:
            return
        optimizer, model = kwargs["optimizer"], kwargs["model"]
        optimizer = getattr(optimizer, "optimizer", optimizer)  # Accelerate wraps it
        self._weights = Weights(optimizer, model, self._penalty)
        self._measured = dict[str, float]()
        seen = _facts_of(args, state, model, kwargs.get("train_dataloader"))
        self._runs.begin(self._weights.facts() | seen)

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        step = state.global_step + 1
        if self._runs.recorder is not None and (step == 1 or step % self._runs.every == 0):
            self._measured = self._weights.before_update()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._runs.recorder is not None and self._measured:
            row, self._measured = self._measured | self._weights.after_update(), {}
            row.pop("gradient_norm", None)  # clipped by now: the Trainer logs it as it was
            row.pop("learning_rate", None)
            self._runs.recorder.log(step=state.global_step, split="train", **row)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        # Its last words are means over the whole training.
        recorder = self._runs.recorder
        if recorder is None or not logs or "train_runtime" in logs:
            return
        rows: dict[str, dict[str, float]] = {"train": {}, "validation": {}}
        for name, value in free_names(logs).items():
            if isinstance(value, int | float):
                held_out = name.startswith("eval_")
                rows["validation" if held_out else "train"][name.removeprefix("eval_")] = value
        if self._penalty is not None:
            penalties = {"train": self._weights.mean_added, "validation": self._weights.added}
            for split, row in rows.items():
                if "loss" in row:
                    row["data_loss"] = row["loss"] - penalties[split]()
        for split, row in rows.items():
            if row:
                recorder.log(step=state.global_step, epoch=state.epoch, split=split, **row)
        recorder.flush()

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._runs.close()


def _facts_of(args: Any, state: Any, model: Any, loader: Any) -> dict[str, Any]:
    config = getattr(model, "config", None)  # A module of one's own has none.
    kind = getattr(config, "problem_type", None)
    of_classes = kind == "single_label_classification" or (
        "SequenceClassification" in type(model).__name__ and kind is None
    )
    classes = getattr(config, "num_labels", 0) if of_classes else 0
    rows: Any = getattr(loader, "dataset", None)
    return {
        "classes": classes if classes > 1 else None,
        "loss": "log" if classes > 1 else None,
        "train_samples": len(rows) if hasattr(rows, "__len__") else None,
        "batch_size": args.train_batch_size * args.gradient_accumulation_steps * args.world_size,
        "epochs": math.ceil(state.num_train_epochs) if state.num_train_epochs else None,
        "label_smoothing": args.label_smoothing_factor or None,
        "seed": args.seed,
    }
