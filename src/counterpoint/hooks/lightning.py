"""A training with Lightning, recorded: the callback `Watch`."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from typing import Any

from counterpoint.errors import InputError

try:
    from lightning.pytorch import Callback
except ModuleNotFoundError as error:
    raise InputError(
        "counterpoint.lightning needs Lightning, which is not installed: pip install lightning."
    ) from error

from counterpoint.hooks.settings import EVERY, FOLDER, HEARD, Runs, free_names
from counterpoint.hooks.tally import Tally
from counterpoint.hooks.weights import Weights
from counterpoint.runs.names import meaning_of
from counterpoint.runs.recorder import Recorder


class Watch(Callback):
    """Records a training with Lightning.

    At update 1 and at every 200th: the mean of the losses that ``training_step`` returned for the
    25 updates up to it (never of one before the last row), the norms of weights and gradient
    (before clipping), how far the update moved the weights, the penalty and the learning rate.
    After each epoch and each validation: the metrics that the module logs. Of several optimisers
    the weights of the first are measured.

    Parameters
    ----------
    folder
        Of the record; each call of ``fit`` is a run of its own in it.
    penalty
        Module → what its ``training_step`` adds to the data loss; then ``data_loss`` is recorded
        too. None says nothing of what is in the loss. ``weight_decay`` needs no mention, see
        `counterpoint.torch.watch`.
    every
        Updates from one row to the next.
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
        super().__init__()
        self._runs = Runs(folder, every, resume_after_step, facts)
        self._penalty = penalty

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        # Without optimisers Lightning has one in their place, of no weights.
        if not trainer.is_global_zero or not trainer.optimizers[0].param_groups:
            return
        self._weights = Weights(trainer.optimizers[0], pl_module, self._penalty)
        self._tally, self._measured = Tally(), dict[str, float]()
        self._step, self._due = trainer.global_step, trainer.global_step + 1
        self._heard_from = self._step
        self._runs.begin(self._weights.facts() | _facts_of(trainer))

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        self._step = trainer.global_step
        # Of another optimiser's turn the gradients of this one's weights may be old.
        if len(trainer.optimizers) > 1 and optimizer is not trainer.optimizers[0]:
            return
        if self._runs.recorder is not None and self._step + 1 >= self._due:
            self._measured = self._measured or self._weights.before_update()

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if self._runs.recorder is None or self._step < self._heard_from:
            return
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if loss is not None:
            # Lightning divides what it hands on by the number of batches an update.
            self._tally.add(loss.detach() * trainer.accumulate_grad_batches)
        if self._measured and trainer.global_step >= self._due:
            step, every = trainer.global_step, self._runs.every
            self._due = step - step % every + every
            self._heard_from = self._due - HEARD
            self._write(step, self._runs.recorder)

    def _write(self, step: int, recorder: Recorder) -> None:
        row = self._measured | self._weights.after_update()
        self._measured = {}
        if means := self._tally.means():
            row["loss"] = means["data_loss"]
            if self._penalty is not None:
                row["data_loss"] = row["loss"] - self._weights.mean_added()
        self._tally.clear()
        recorder.log(step=step, split="train", **row)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        if not trainer.sanity_checking:
            self._log(trainer, ("validation",), without="")

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        self._log(trainer, ("train", ""), without="loss")  # which is in the rows already

    def _log(self, trainer: Any, splits: tuple[str, ...], without: str) -> None:
        """Write down what the module logged of these rows, each metric over the whole epoch."""
        recorder = self._runs.recorder
        if recorder is None:
            return
        logged = {
            name.removesuffix("_epoch"): float(value)
            for name, value in free_names(trainer.callback_metrics).items()
            if not name.endswith("_step")
            for quantity, split in [meaning_of(name)]
            if split in splits and quantity != without
        }
        if logged:
            recorder.log(step=trainer.global_step, epoch=_passes(trainer), split=None, **logged)
            recorder.flush()

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self._runs.close()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self._runs.close()


def _passes(trainer: Any) -> float:
    """Passes over the training rows so far: a validation may come in the midst of one."""
    batches = trainer.num_training_batches
    share = (trainer.fit_loop.batch_idx + 1) / batches if math.isfinite(batches) else 1.0
    return float(trainer.current_epoch + min(1.0, share))


def _facts_of(trainer: Any) -> dict[str, Any]:
    steps, epochs = trainer.num_training_batches, trainer.max_epochs
    return {
        "epochs": epochs if epochs is not None and epochs >= 0 else None,
        "steps_per_epoch": steps if isinstance(steps, int) else None,
    }
